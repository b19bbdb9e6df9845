"""Streams are made once, checked always, and never mistaken for others."""

import asyncio

import msgspec
import pytest

from pychat.server.backplane.jetstream import stored, streams
from pychat.server.backplane.jetstream.link import Link, LinkError, Message, NobodyAnswersError
from pychat.server.backplane.jetstream.streams import StreamError, StreamSpec
from tests.support.engines import free_port
from tests.support.ledger_nodes import linked

SPEC = StreamSpec(name="S", subjects=["s.*"])


def refusal(code: int, text: str = "no") -> bytes:
    return msgspec.json.encode({"error": {"code": 400, "err_code": code, "description": text}})


def there(**config: object) -> bytes:
    known = {"name": "S", "subjects": ["s.*"], "allow_direct": True, "num_replicas": 1}
    whole = {**known, "duplicate_window": 600_000_000_000, **config}
    return msgspec.json.encode({"config": whole, "state": {"last_seq": 4}})


async def test_whoever_comes_first_makes_the_stream_and_all_get_the_same(engine, hall_name) -> None:
    spec = StreamSpec(name=hall_name, subjects=[f"{hall_name}.>"], metadata={"by": "?"})
    async with linked(engine) as link:
        made = await asyncio.gather(
            *(
                streams.ensure(link, msgspec.structs.replace(spec, metadata={"by": str(number)}))
                for number in range(5)
            )
        )

        assert len({info.metadata["by"] for info in made}) == 1
        assert made[0].replicas == 1
        await link.request(f"{hall_name}.a", b"x")
        await link.request(f"{hall_name}.b", b"y")
        await streams.purge(link, hall_name, 2)
        info = await streams.info(link, hall_name)
        assert (info.first, info.last, info.messages) == (2, 2, 1)
        assert await stored.head(link, hall_name, f"{hall_name}.a") == 0
        assert await stored.last(link, hall_name, [f"{hall_name}.a"]) == []
        await link.request(f"$JS.API.STREAM.DELETE.{hall_name}")
        with pytest.raises(StreamError, match="not found"):
            await streams.info(link, hall_name)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"subjects": ["t.*"]}, "has subjects"),
        ({"storage": "memory"}, "has storage 'memory'"),
        ({"allow_direct": False}, "has allow_direct"),
        ({"max_age": 5}, "has max_age 5"),
        ({"max_msgs": 5}, "has max_msgs 5, and pychat needs -1"),
        ({"max_msgs": 5, "discard": "new"}, "has max_msgs 5"),
        ({"max_bytes": 5}, "max_bytes"),
        ({"max_msgs_per_subject": 1}, "max_msgs_per_subject"),
        ({"max_msg_size": 5}, "max_msg_size"),
        ({"retention": "workqueue"}, "has retention 'workqueue'"),
        ({"no_ack": True}, "no_ack"),
        ({"sealed": True}, "sealed"),
        ({"persist_mode": "async"}, "has persist_mode 'async'"),
        ({"mirror": {"name": "T"}}, "has mirror {'name': 'T'}, and pychat needs None"),
        ({"sources": [{"name": "T"}]}, "has sources "),
        ({"subject_transform": {"src": "a", "dest": "b"}}, "has subject_transform"),
        ({"republish": {"src": "a", "dest": "b"}}, "has republish"),
        ({"duplicate_window": 1}, "duplicate_window"),
    ],
)
async def test_a_stream_that_is_something_else_is_told(link, change, says) -> None:
    link.answers["$JS.API.STREAM.INFO"] = [there(**change)]

    with pytest.raises(StreamError, match=says):
        await streams.ensure(link, SPEC)


async def test_what_somebody_has_set_on_a_real_stream_is_told_and_what_does_no_harm_is_not(
    engine, hall_name
) -> None:
    spec = StreamSpec(name=hall_name, subjects=[f"{hall_name}.>"])
    async with linked(engine) as link:
        await streams.ensure(link, spec)
        told = await link.request(f"$JS.API.STREAM.INFO.{hall_name}")
        config = msgspec.json.decode(told.body)["config"]

        async def change(**changes: object) -> None:
            body = msgspec.json.encode(config | changes)
            answer = await link.request(f"$JS.API.STREAM.UPDATE.{hall_name}", body)
            assert "error" not in msgspec.json.decode(answer.body)

        for changes in (
            {"max_age": 3_600_000_000_000},
            {"max_msgs": 100, "discard": "new"},
            {"max_bytes": 1 << 20},
            {"max_msg_size": 100},
            {"no_ack": True},
            {"allow_direct": False},
            {"duplicate_window": 120_000_000_000},
        ):
            await change(**changes)
            with pytest.raises(StreamError, match=f"has {next(iter(changes))} "):
                await streams.ensure(link, spec)

        # Where nothing is bounded, nothing is discarded.
        await change(discard="new", compression="s2", max_consumers=5)
        assert (await streams.ensure(link, spec)).faults == []
        await link.request(f"$JS.API.STREAM.DELETE.{hall_name}")


async def test_a_stream_that_acknowledges_before_it_writes_is_not_opened(engine, hall_name) -> None:
    spec = StreamSpec(name=hall_name, subjects=[f"{hall_name}.>"])
    lazy = {
        "name": hall_name,
        "subjects": spec.subjects,
        "allow_direct": True,
        "duplicate_window": 600_000_000_000,
        "persist_mode": "async",
    }
    async with linked(engine) as link:
        await link.request(f"$JS.API.STREAM.CREATE.{hall_name}", msgspec.json.encode(lazy))

        with pytest.raises(StreamError, match="has persist_mode 'async'"):
            await streams.ensure(link, spec)
        await link.request(f"$JS.API.STREAM.DELETE.{hall_name}")


async def test_a_single_server_has_one_replica(link) -> None:
    link.answers["$JS.API.STREAM.INFO"] = [refusal(10059)]
    link.answers["$JS.API.STREAM.CREATE"] = [refusal(10074), there()]

    assert (await streams.ensure(link, SPEC)).last == 4

    asked = [msgspec.json.decode(sent.body)["num_replicas"] for sent in link.sent[1:]]
    assert asked == [3, 1]


async def test_an_engine_that_is_gathering_is_waited_for(link, monkeypatch) -> None:
    monkeypatch.setattr(streams, "_PAUSE_SECONDS", 0.0)
    link.answers["$JS.API.STREAM.INFO"] = [
        LinkError("no answer"),
        refusal(10008, "unavailable"),
        there(),
    ]

    assert (await streams.ensure(link, SPEC)).last == 4


async def test_an_engine_without_jetstream_is_told(link, monkeypatch) -> None:
    monkeypatch.setattr(streams, "READY_SECONDS", 0.05)
    monkeypatch.setattr(streams, "_PAUSE_SECONDS", 0.01)

    with pytest.raises(LinkError, match="start its servers with -js"):
        await streams.ensure(link, SPEC)


async def test_a_stream_that_another_makes_at_the_same_time_is_taken(link) -> None:
    link.answers["$JS.API.STREAM.INFO"] = [refusal(10059), there()]
    link.answers["$JS.API.STREAM.CREATE"] = [refusal(10058)]

    assert (await streams.ensure(link, SPEC)).name == "S"


async def test_a_server_that_is_not_there_is_told(monkeypatch) -> None:
    monkeypatch.setattr("pychat.server.backplane.jetstream.link.CONNECT_SECONDS", 0.3)
    address = f"nats://127.0.0.1:{free_port()}"

    with pytest.raises(LinkError, match=f"{address} can be reached"):
        await Link([address], "node").open()


async def test_a_request_that_nobody_takes_says_so_and_one_without_answer_ends(engine) -> None:
    async with linked(engine) as link:
        with pytest.raises(NobodyAnswersError):
            await link.request("nobody.is.here")
        await link.subscribe("silence", lambda _: None)
        with pytest.raises(LinkError, match="did not answer silence within"):
            await link.request("silence", seconds=0.05)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:01Z", 1_000),
        ("1970-01-01T00:00:00.1Z", 100),
        ("1970-01-01T00:00:00.001999999Z", 1),
        ("2026-11-22T21:38:00.646741171Z", 1795383480646),
    ],
)
def test_times_are_read_as_the_engine_writes_them(text, milliseconds) -> None:
    headers = {
        "Nats-Subject": "s.a",
        "Nats-Sequence": "7",
        "Nats-Last-Sequence": "5",
        "Nats-Time-Stamp": text,
    }

    found, before = stored.republished(Message("live.a", b"x", headers))

    assert (found.time, found.sequence, before) == (milliseconds, 7, 5)


@pytest.mark.parametrize("headers", [{}, {"Nats-Sequence": "x", "Nats-Last-Sequence": "1"}])
def test_what_is_of_no_stream_is_told(headers) -> None:
    with pytest.raises(LinkError, match="is not of a stream"):
        stored.republished(Message("live.a", b"x", headers))
