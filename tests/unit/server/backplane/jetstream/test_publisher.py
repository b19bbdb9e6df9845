"""Nothing is lost for want of an answer, and whoever waits is told in the end."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pychat.server.backplane.jetstream import publisher as publishing
from pychat.server.backplane.jetstream.publisher import Ack, Publisher, UnpublishedError
from tests.support.fake_link import FakeLink


@pytest.fixture
async def publisher(link: FakeLink) -> AsyncIterator[Publisher]:
    publisher = Publisher(link, "node")
    publisher.open()
    yield publisher
    await publisher.close()


async def test_an_acknowledgement_is_the_end_of_it(publisher, link) -> None:
    acked = publisher.publish("s", b"x", publisher.next_id(), {"More": "y"})
    (sent,) = await link.has_sent(1)

    link.answer(sent, b'{"stream":"S","seq":7,"duplicate":true}')

    assert await acked == Ack(7, duplicate=True)
    assert (sent.subject, sent.body) == ("s", b"x")
    assert sent.headers == {"More": "y", "Nats-Msg-Id": "node/1"}
    assert link.awaited == 0


async def test_what_got_no_answer_is_sent_again_under_its_id(publisher, link, monkeypatch) -> None:
    monkeypatch.setattr(publishing, "ACK_SECONDS", 0.01)
    acked = publisher.publish("s", b"x", "id")

    first, again, *_ = await link.has_sent(2)
    link.answer(first, b'{"seq":1}')

    assert first == again
    assert (await acked).sequence == 1


@pytest.mark.parametrize("code", [409, 429, 500, 503])
async def test_what_the_stream_cannot_take_just_now_is_sent_again(
    publisher, link, monkeypatch, code
) -> None:
    monkeypatch.setattr(publishing, "REFUSED_SECONDS", 0.01)
    acked = publisher.publish("s", b"x", "id")
    (first,) = await link.has_sent(1)

    link.answer(first, b'{"error":{"code":%d,"description":"busy"}}' % code)
    _, second = await link.has_sent(2)
    link.answer(second, Status="503")
    third = (await link.has_sent(3))[-1]
    link.answer(third, b'{"seq":1}')

    assert (await acked).sequence == 1


async def test_what_is_under_way_already_is_waited_for(publisher, link, monkeypatch) -> None:
    """On a slow disk a second passes, and what is sent again comes before what was sent first."""
    monkeypatch.setattr(publishing, "ACK_SECONDS", 0.01)
    monkeypatch.setattr(publishing, "REFUSED_SECONDS", 60.0)
    acked = publisher.publish("s", b"x", "id")
    first, again, *_ = await link.has_sent(2)

    in_process = b'{"error":{"code":409,"err_code":10158,"description":"id is in process"}}'
    link.answer(again, in_process)
    link.answer(first, b'{"seq":1}')

    assert await acked == Ack(1, duplicate=False)


async def test_after_a_break_all_is_sent_again_at_once(publisher, link) -> None:
    link.connected = False
    acked = [publisher.publish("s", body, body.decode()) for body in (b"a", b"b")]
    await asyncio.sleep(0)

    link.reconnect()

    sent = await link.has_sent(2)
    assert [each.body for each in sent] == [b"a", b"b"]
    for number, each in enumerate(sent):
        link.answer(each, b'{"seq":%d}' % number)
    assert [(await each).sequence for each in acked] == [0, 1]


async def test_what_was_refused_each_time_is_certainly_not_stored(publisher, link) -> None:
    acked = publisher.publish("s", b"x", "id")
    (sent,) = await link.has_sent(1)
    link.answer(sent, Status="503")

    await publisher.close()

    with pytest.raises(UnpublishedError) as given_up:
        await acked
    assert given_up.value.never
    assert link.awaited == 0


async def test_what_was_never_sent_is_certainly_not_stored(publisher, link) -> None:
    link.connected = False

    with pytest.raises(UnpublishedError, match="connection") as given_up:
        await publisher.publish("s", b"x", "id", patience=0.02)
    assert given_up.value.never


async def test_what_got_no_answer_may_be_stored(publisher, link) -> None:
    with pytest.raises(UnpublishedError) as given_up:
        await publisher.publish("s", b"x", "id", patience=0.02)
    assert not given_up.value.never


async def test_a_refusal_for_good_is_told_at_once(publisher, link) -> None:
    acked = publisher.publish("s", b"x", "id")
    (sent,) = await link.has_sent(1)

    link.answer(sent, b'{"error":{"code":400,"description":"wrong last sequence: 3"}}')

    with pytest.raises(UnpublishedError, match="wrong last sequence: 3") as refused:
        await acked
    assert refused.value.never


async def test_closing_tells_who_waits(publisher, link) -> None:
    acked = publisher.publish("s", b"x", "id")
    await link.has_sent(1)

    await publisher.close()

    with pytest.raises(UnpublishedError, match="shutting down"):
        await acked


async def test_who_does_not_wait_any_more_is_not_minded(publisher, link) -> None:
    gone = publisher.publish("s", b"x", "id")
    (sent,) = await link.has_sent(1)
    gone.cancel()

    link.answer(sent, b'{"seq":1}')
    link.answer(sent, b'{"seq":1}')

    assert link.awaited == 0
