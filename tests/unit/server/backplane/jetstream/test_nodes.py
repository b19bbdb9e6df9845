"""Two nodes of one Hall on one engine: both make the same log of the same rooms."""

import asyncio
from typing import NamedTuple

import pytest

from pychat.server.backplane import writer as writing
from pychat.server.backplane.interface import LedgerError, Outcome, Receipt
from pychat.server.backplane.jetstream import following, stored
from pychat.server.backplane.jetstream.link import Link
from pychat.server.backplane.jetstream.proposals import Layout, encode
from pychat.server.backplane.jetstream.stored import Stored
from tests.support.engines import running
from tests.support.ledger_nodes import PATIENCE, Cluster, Node
from tests.support.ledgers import (
    deleted,
    edited,
    newest,
    reasons,
    receipt,
    said,
    start,
    wanted,
)
from tests.support.proxy import Proxy


class Door(NamedTuple):
    address: str


async def test_what_both_say_at_once_has_one_order_and_one_numbering(two) -> None:
    first, second = two
    crowd = [f"p{number}" for number in range(10)]

    outcomes = await asyncio.gather(
        *(
            node.say(
                *(said(f"{who} {at}", sender=f"{who}-{side}") for who in crowd for at in "abc")
            )
            for side, node in enumerate(two)
        )
    )

    told = await first.ears.heard(60)
    assert await second.ears.heard(60) == told
    assert [(event.seq, event.prev) for event in told] == [(at + 1, at) for at in range(60)]
    times = [event.time for event in told]
    assert times == sorted(set(times))
    assert {receipt(each).seq for both in outcomes for each in both} == set(range(1, 61))
    for who in {event.sender for event in told}:
        assert [event.text[-1] for event in told if event.sender == who] == ["a", "b", "c"]


async def test_an_edit_and_a_deletion_at_once_end_the_same_on_both(two) -> None:
    first, second = two
    await first.say(*(said("x") for _ in range(8)))
    await second.ears.heard(8)

    edits, deletions = await asyncio.gather(
        first.say(*(edited(seq, "y") for seq in range(1, 9))),
        second.say(*(deleted(seq) for seq in range(1, 9))),
    )

    assert reasons(deletions) == ["appended"] * 8
    count = 16 + reasons(edits).count("appended")
    assert await first.ears.heard(count) == await second.ears.heard(count)
    assert await first.texts() == await second.texts() == [""] * 8


async def test_a_nonce_is_known_at_the_other_node(two) -> None:
    first, second = two
    (sent,) = await first.say(said("a", nonce="n"))
    await second.ears.heard(1)

    again, other = await second.say(said("a", nonce="n"), said("b", nonce="n"))

    assert again == Receipt(1, receipt(sent).time, duplicate=True)
    assert reasons([other]) == ["nonce-reused"]


async def test_one_nonce_at_both_nodes_at_once_is_one_event(two) -> None:
    first, second = two

    (one,), (other,) = await asyncio.gather(
        first.say(said("a", nonce="n")), second.say(said("a", nonce="n"))
    )

    assert receipt(one).seq == receipt(other).seq == 1
    assert {receipt(one).duplicate, receipt(other).duplicate} == {True, False}
    assert await first.ears.heard(1) == await second.ears.heard(1)


async def test_who_follows_late_or_again_gets_what_they_missed(cluster) -> None:
    async with cluster.two("lobby") as (first, second):
        await second.say(said("one"))
        second.ledger.unfollow("lobby")
        await first.say(said("two"), said("three"), said("four", room="lobby"))
        with pytest.raises(LedgerError, match="does not follow"):
            await second.ledger.page(newest())

        await second.ledger.follow("lobby")

        assert await second.texts() == ["one", "two", "three", "four"]
        assert second.ears.events == await first.ears.heard(4)
        await first.say(said("five"))
        assert await second.ears.heard(5) == first.ears.events


async def test_to_leave_a_room_waits_for_what_is_under_way_there(two) -> None:
    first, second = two
    settled = start(first.ledger, first.ears, said("a"), said("b"))

    first.ledger.unfollow("lobby")

    assert reasons(await asyncio.gather(*settled)) == ["appended"] * 2
    assert len(await second.ears.heard(2)) == 2
    with pytest.raises(LedgerError, match="does not follow"):
        await first.ledger.page(newest())


async def test_a_node_gets_nothing_of_rooms_that_it_does_not_follow(cluster) -> None:
    async with cluster.node("first", "lobby", "other") as first, cluster.node("second") as second:
        await second.ledger.follow("lobby")
        await second.ledger.follow("other")
        second.ledger.unfollow("other")
        for _ in range(2):  # the first one is sent before that is
            await second.link.flush()

        await first.say(*(said(room=room) for room in ("other", "lobby", "other")))
        await second.ears.heard(1)
        await second.link.flush()
        assert second.link.came == 1

        await second.ledger.close()
        await second.link.flush()
        await first.say(said())
        await second.link.flush()
        assert second.link.came == 1


async def test_what_is_said_where_nobody_follows_is_refused(cluster) -> None:
    async with cluster.node("only") as node:
        assert reasons(await node.say(said())) == ["unavailable"]


async def test_a_long_history_is_caught_up_with_while_more_is_said(cluster) -> None:
    async with cluster.node("first", "lobby") as first:
        crowd = [f"p{number}" for number in range(50)]
        await first.say(*(said(str(at), sender=who) for who in crowd for at in range(14)))
        async with cluster.node("second") as second:
            more = start(first.ledger, first.ears, *(said("more", sender=who) for who in crowd))

            await second.ledger.follow("lobby")

            assert reasons(await asyncio.gather(*more)) == ["appended"] * 50
            assert await second.ears.heard(750) == await first.ears.heard(750)


@pytest.mark.parametrize("late", [0, 1, 100])
async def test_what_comes_live_while_a_gap_is_read_is_in_its_place(two, monkeypatch, late) -> None:
    first, second = two
    monkeypatch.setattr(following, "LATE", late)
    monkeypatch.setattr(following, "BATCH", 2)
    second.link.loses = lambda message: message.headers["Nats-Sequence"] == "1"

    await first.say(*(said(str(at), sender=f"p{at}") for at in range(40)))

    assert await second.ears.heard(40) == first.ears.events


async def test_what_the_writer_has_no_room_for_is_read_again(two, monkeypatch) -> None:
    first, second = two
    monkeypatch.setattr(writing, "BACKLOG", 3)

    await first.say(*(said(str(at), sender=f"p{at}") for at in range(40)))

    assert await second.ears.heard(40) == first.ears.events


async def test_a_live_message_that_is_lost_is_read_from_the_stream(two) -> None:
    first, second = two
    second.link.loses = lambda message: message.headers["Nats-Sequence"] in ("2", "3")

    await first.say(*(said(str(number)) for number in range(5)))

    assert await second.ears.heard(5) == first.ears.events


async def test_the_last_message_that_is_lost_shows_at_the_next_look(two, monkeypatch) -> None:
    first, second = two
    monkeypatch.setattr(following, "AUDIT_SECONDS", following.LOOK_SECONDS)
    second.link.loses = lambda _: True

    await first.say(said("a"), said("b"))

    assert await second.ears.heard(2) == first.ears.events


async def test_a_look_at_the_heads_that_fails_is_told_of_and_is_not_the_last(
    two, monkeypatch, caplog
) -> None:
    first, second = two
    for constant in ("AUDIT_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(following, constant, 0.05)
    failed, last = asyncio.Event(), stored.last

    async def fail_at_first(link: Link, stream: str, subjects: list[str]) -> list[Stored]:
        if link is second.link and not failed.is_set():
            failed.set()
            raise ValueError("a defect")
        return await last(link, stream, subjects)

    monkeypatch.setattr(stored, "last", fail_at_first)
    second.link.loses = lambda _: True
    async with asyncio.timeout(PATIENCE):
        await failed.wait()

    await first.say(said("a"))

    assert await second.ears.heard(1) == first.ears.events
    assert "a defect" in caplog.text


async def test_what_one_says_is_settled_though_nothing_comes_live(two) -> None:
    first, _ = two
    first.link.loses = lambda _: True

    assert reasons(await first.say(said("a"), said("b"))) == ["appended"] * 2


async def test_what_no_pychat_wrote_is_passed_over_by_all(two, hall_name) -> None:
    first, second = two
    await first.say(said("one"))
    subject = Layout(hall_name, 1).place("lobby").subject
    for body in (b"", b"[1]", b'["x"', encode(said(room="other"), ())):
        await first.link.send(subject, body, headers=None)

    await second.say(said("two"))

    assert await first.ears.heard(2) == await second.ears.heard(2)
    assert [event.seq for event in first.ears.events] == [1, 2]


async def test_searches_go_through_rooms_by_time_whenever_they_were_caught_up_with(cluster) -> None:
    async with cluster.node("first", "b", "a") as first:
        for number, room in enumerate("abab"):
            await first.say(said(f"x {number}", room=room))
    async with cluster.node("second", "b", "a", time_of=lambda found: found.sequence) as second:
        found = await second.ledger.search(wanted("x", "a", "b"))
        some = await second.ledger.search(wanted("x", "a", "b", limit=3))

    assert [message.text for message in found.messages] == ["x 3", "x 2", "x 1", "x 0"]
    assert [message.text for message in some.messages] == ["x 3", "x 2", "x 1"]
    assert (found.more, some.more) == (False, True)


async def test_rooms_are_spread_over_the_shards_that_the_first_node_made(cluster) -> None:
    rooms = [f"room {number}" for number in range(12)]
    async with (
        cluster.node("first", *rooms, shards=3) as first,
        cluster.node("second", *rooms, shards=1) as second,
    ):
        await first.say(*(said(room, room=room) for room in rooms))

        assert len(first.ledger.streams) == len(second.ledger.streams) == 3
        told = await second.ears.heard(12)
        assert sorted(event.room for event in told) == sorted(rooms)
        assert {event.seq for event in told} == {1}


def talk(people: int, each: int, *nodes: Node) -> list[asyncio.Future[Outcome]]:
    """So many people at each of the nodes begin to say so much each."""
    return [
        future
        for side, node in enumerate(nodes)
        for future in start(
            node.ledger,
            node.ears,
            *(
                said(f"{at}", sender=f"p{who}-{side}")
                for who in range(people)
                for at in range(each)
            ),
        )
    ]


async def test_a_node_whose_connection_breaks_again_and_again_misses_and_doubles_nothing(
    engine, hall_name, tmp_path
) -> None:
    async with Proxy(engine.port) as wire:
        far = Cluster([Door(f"nats://{wire.address}")], hall_name, tmp_path)
        near = Cluster([engine], hall_name, tmp_path)
        async with far.node("far", "lobby") as first, near.node("near", "lobby") as second:
            settled = talk(10, 6, first, second)
            for some in (20, 60, 90):
                await second.ears.heard(some)
                wire.cut()

            outcomes = await asyncio.gather(*settled)

            assert reasons(outcomes) == ["appended"] * 120
            told = await first.ears.heard(120)
            assert told == await second.ears.heard(120)
            assert sorted(receipt(each).seq for each in outcomes) == list(range(1, 121))


async def test_an_engine_that_dies_under_load_loses_and_doubles_nothing(tmp_path) -> None:
    with running(tmp_path / "engine") as engine:
        cluster = Cluster([engine], "hall", tmp_path)
        async with cluster.two("lobby") as (first, second):
            settled = talk(20, 5, first, second)
            await second.ears.heard(30)
            engine.kill()
            await asyncio.sleep(0)
            engine.start()

            outcomes = await asyncio.gather(*settled)

            assert reasons(outcomes) == ["appended"] * 200
            told = await first.ears.heard(200)
            assert told == await second.ears.heard(200)
            assert [event.seq for event in told] == list(range(1, 201))
            assert sorted(receipt(each).seq for each in outcomes) == list(range(1, 201))
            for who in {event.sender for event in told}:
                assert [e.text for e in told if e.sender == who] == list("01234")
