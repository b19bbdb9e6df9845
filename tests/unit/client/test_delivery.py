"""What is posted, on its way through a client that comes back by itself."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from pychat.client import (
    Changes,
    Client,
    CommandError,
    ConnectionLost,
    OutboxError,
    OutboxStore,
    Outgoing,
    connect,
    dial,
)
from pychat.protocol import commands, replies
from tests.support.desk import Desk, event_of, receipt
from tests.support.fake_hall import LIMITS, FakeHall, welcome
from tests.support.news import until
from tests.support.told import answer

MINUTES = 60.0


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    client = await desk.enter()
    await desk.join(client)
    yield client
    await client.close()


def states(items: list[Outgoing]) -> list[str]:
    return [item.state for item in items]


async def test_a_post_shows_at_once_and_goes_when_it_has_come_back(
    desk: Desk, client: Client
) -> None:
    told: list[Changes] = []
    client.subscribe(told.append)
    view = client.mirror.rooms["lobby"]

    item = client.post("Lobby", "hello")

    assert view.outgoing == [item]
    assert (item.room, item.text, item.state) == ("lobby", "hello", "queued")
    await desk.take("hello", 1)
    await until(client, lambda: view.messages)
    assert (view.outgoing, item.state) == ([], "sent")
    assert [message.text for message in view.messages] == ["hello"]
    assert view.unread == 0
    gone = next(changes for changes in told if changes.appended)
    assert gone.outgoing == {"lobby"}


async def test_one_is_on_its_way_at_a_time_so_the_order_holds(desk: Desk, client: Client) -> None:
    items = [client.post("lobby", f"m{number}") for number in range(3)]
    first = await desk.hall.expect(commands.Send)

    assert states(items) == ["sending", "queued", "queued"]
    assert desk.hall.unread == 0
    desk.hall.tell(event_of(first, 1), receipt(first, 1))
    await desk.take("m1", 2)
    await desk.take("m2", 3)
    await until(client, lambda: not len(client.outbox))


async def test_rooms_do_not_wait_for_each_other(desk: Desk, client: Client) -> None:
    await desk.join(client, "tea")
    client.post("lobby", "here")
    client.post("tea", "there")

    sends = [await desk.hall.expect(commands.Send) for _ in range(2)]

    assert {send.room for send in sends} == {"lobby", "tea"}


async def test_what_got_no_receipt_goes_again_under_its_nonce(desk: Desk, client: Client) -> None:
    client.post("lobby", "one")
    client.post("lobby", "two")
    first = await desk.hall.expect(commands.Send)
    await desk.break_off(client)
    assert states(client.mirror.rooms["lobby"].outgoing) == ["queued", "queued"]
    client.post("lobby", "three")

    await desk.let_in()

    again = await desk.take("one", 1)
    assert again.nonce == first.nonce
    await desk.take("two", 2)
    await desk.take("three", 3)
    await until(client, lambda: not len(client.outbox))


async def test_what_comes_back_with_the_missed_events_is_not_sent_again(
    desk: Desk, client: Client
) -> None:
    item = client.post("lobby", "one")
    client.post("lobby", "two")
    first = await desk.hall.expect(commands.Send)
    await desk.break_off(client)

    await desk.let_in(event_of(first, 1))

    await desk.take("two", 2)
    assert item.state == "sent"


@pytest.mark.parametrize(("retry_after", "seconds"), [(3_000, 3.0), (None, 0.5)])
async def test_a_hall_that_asks_for_patience_gets_it_and_the_order_holds(
    desk: Desk, client: Client, retry_after: int | None, seconds: float
) -> None:
    item = client.post("lobby", "one")
    client.post("lobby", "two")
    first = await desk.hall.expect(commands.Send)
    desk.hall.tell(replies.error("rate-limited", "slower", first.id, retry_after=retry_after))
    await until(client, lambda: item.why)
    assert (item.state, item.why) == ("queued", "slower")

    assert await desk.time.wait() == seconds

    assert (await desk.take("one", 1)).nonce == first.nonce
    await desk.take("two", 2)


async def test_a_full_disk_over_there_is_tried_again_ever_less_often(
    desk: Desk, client: Client
) -> None:
    item = client.post("lobby", "one")
    waits = []
    for _ in range(3):
        send = await desk.hall.expect(commands.Send)
        desk.hall.tell(replies.error("unavailable", "the disk is full", send.id))
        await until(client, lambda: item.state == "queued")
        waits.append(await desk.time.wait())

    assert waits == pytest.approx([0.5, 0.55, 0.605])


async def test_what_is_refused_fails_with_the_reason_and_holds_up_nothing(
    desk: Desk, client: Client
) -> None:
    bad = client.post("lobby", "bad", reply_to=99)
    client.post("lobby", "good")
    send = await desk.hall.expect(commands.Send)
    desk.hall.tell(replies.error("no-such-message", "there is no message 99", send.id))
    await desk.take("good", 1)
    await until(client, lambda: len(client.outbox) == 1)
    assert (bad.state, bad.why) == ("failed", "there is no message 99")

    client.outbox.retry(bad)

    assert (await desk.hall.expect(commands.Send)).nonce == bad.nonce


async def test_what_is_too_long_for_the_halls_frames_fails_and_holds_up_nothing(
    desk: Desk,
) -> None:
    entering = asyncio.create_task(connect(desk.hall.address, name="ann", reconnect=True))
    hello = await desk.hall.expect(commands.Hello)
    small = msgspec.structs.replace(LIMITS, frame=1_000)
    desk.hall.tell(welcome(hello.id, "ann", limits=small))
    client = await entering
    await desk.join(client)

    long = client.post("lobby", "x" * 2_000)
    client.post("lobby", "short")

    await desk.take("short", 1)
    assert (long.state, long.why.endswith("1000 are allowed at a time; send it in parts.")) == (
        "failed",
        True,
    )
    await client.close()


async def test_edits_deletes_and_reactions_keep_their_order_too(desk: Desk, client: Client) -> None:
    client.post_edit("lobby", 1, "better")
    client.post_delete("lobby", 2)
    client.post_react("lobby", 3, ["👍"])

    edit = await desk.hall.expect(commands.Edit)
    desk.hall.tell(replies.Sent(id=edit.id, room="lobby", seq=4, time=1, nonce=edit.nonce))
    delete = await desk.hall.expect(commands.Delete)
    desk.hall.tell(replies.Sent(id=delete.id, room="lobby", seq=5, time=1, nonce=delete.nonce))
    react = await desk.hall.expect(commands.React)

    assert (edit.target, edit.text, delete.target) == (1, "better", 2)
    assert (react.target, react.emojis) == (3, ["👍"])


async def test_what_cannot_be_said_is_not_queued(desk: Desk, client: Client) -> None:
    with pytest.raises(CommandError, match="you are not in the room 'tea'; join it first"):
        client.post("tea", "anybody?")
    with pytest.raises(CommandError) as empty:
        client.post("lobby", "  \n")
    with pytest.raises(CommandError) as long:
        client.post_edit("lobby", 1, "x" * 8_001)

    assert (empty.value.code, long.value.code) == ("bad-text", "text-too-long")
    assert len(client.outbox) == 0


# -- what waited too long ---------------------------------------------------------------------


async def test_what_waited_for_more_than_ten_minutes_asks_before_it_goes(
    desk: Desk, client: Client
) -> None:
    await desk.break_off(client)
    item = client.post("lobby", "old news")
    desk.time.now += 11 * MINUTES
    client.reconnect_now()
    await desk.greet()
    await until(client, lambda: client.state == "connected")
    assert client.outbox.held() == [item]
    client.post("lobby", "new")
    await desk.take("new", 1)

    client.outbox.release()

    await desk.take("old news", 2)
    await until(client, lambda: not len(client.outbox))


async def test_what_is_discarded_is_never_said(desk: Desk, client: Client) -> None:
    await desk.break_off(client)
    client.post("lobby", "old news")
    desk.time.now += 11 * MINUTES
    client.outbox.hold_overdue()

    client.outbox.discard()
    client.post("lobby", "new")
    client.reconnect_now()
    await desk.greet()

    await desk.take("new", 1)
    await until(client, lambda: not len(client.outbox))


# -- a client that was killed -----------------------------------------------------------------


async def test_the_queue_outlives_its_client(desk: Desk, client: Client) -> None:
    await desk.break_off(client)
    for number in range(3):
        client.post("lobby", f"m{number}")
    await client.close()
    with pytest.raises(ConnectionLost, match="has been closed"):
        client.post("lobby", "too late")

    again = await desk.enter()
    assert again.outbox.rooms() == ["lobby"]
    assert desk.hall.unread == 0
    await desk.join(again)

    assert len(again.mirror.rooms["lobby"].outgoing) == 3
    for number in range(3):
        await desk.take(f"m{number}", number + 1)
    await until(again, lambda: not len(again.outbox))
    await again.close()
    assert OutboxStore(desk.path).open() == []


async def test_what_was_queued_long_ago_asks_and_once_released_does_not_ask_again(
    desk: Desk, client: Client
) -> None:
    await desk.break_off(client)
    client.post("lobby", "long ago")
    await client.close()
    desk.time.now += 60 * MINUTES

    second = await desk.enter()
    assert states(second.outbox.held()) == ["held"]
    second.outbox.release()
    await second.close()

    third = await desk.enter()
    await desk.join(third)
    await desk.take("long ago", 1)
    await third.close()


async def test_what_may_have_been_said_under_another_name_is_not_said_again(
    desk: Desk, client: Client
) -> None:
    item = client.post("lobby", "once")
    await desk.hall.expect(commands.Send)
    await desk.break_off(client)
    client.reconnect_now("anna")
    hello = await desk.hall.expect(commands.Hello)
    desk.hall.tell(welcome(hello.id, "anna"))
    join = await desk.hall.expect(commands.Join)
    desk.hall.tell(answer(join, messages=[], seq=5_000, missed=5_000))

    await until(client, lambda: item.state == "failed")

    assert item.why == "This may have been said already, as ann: look, then send it again."
    assert desk.hall.unread == 0
    client.outbox.retry()
    assert (await desk.hall.expect(commands.Send)).nonce == item.nonce


async def test_what_has_not_been_said_for_certain_goes_under_the_new_name(
    desk: Desk, client: Client
) -> None:
    client.post("lobby", "once")
    await desk.hall.expect(commands.Send)
    await desk.break_off(client)
    client.reconnect_now("anna")

    await desk.greet(resumed=False)

    await desk.take("once", 1, me="anna")


async def test_a_queue_in_other_hands_is_told_before_anything_is_said(
    desk: Desk, client: Client
) -> None:
    async with FakeHall() as other, await dial(other.address) as dialled:
        with pytest.raises(OutboxError, match="in the hands of another pychat"):
            await dialled.hello("ann", outbox=OutboxStore(desk.path))

        second = await dialled.hello("ann")

    assert second.state == "connected"
    await second.close()


async def test_a_refused_name_leaves_its_queue_to_others(desk: Desk) -> None:
    async with await dial(desk.hall.address) as dialled:
        asking = asyncio.create_task(dialled.hello("ann", outbox=OutboxStore(desk.path)))
        hello = await desk.hall.expect(commands.Hello)
        desk.hall.tell(replies.error("name-taken", "there is an ann", hello.id))
        with pytest.raises(CommandError):
            await asking

        assert OutboxStore(desk.path).open() == []
