"""Subscribers and iterations: who learns of what comes, and when that ends."""

import asyncio
import gc
import weakref

import msgspec
import pytest

from pychat.client import (
    Changes,
    Client,
    ConnectionLost,
    FellBehind,
    connect,
)
from pychat.client.event_stream import UNREAD_EVENTS
from pychat.protocol import codec, commands, events, replies
from tests.support.fake_hall import PATIENCE, FakeHall
from tests.support.told import said


def raw(event: events.LoggedEvent) -> msgspec.Raw:
    return msgspec.Raw(codec.encode(event))


async def test_subscribers_are_told_once_per_chunk_until_they_leave(
    hall: FakeHall, client: Client
) -> None:
    told: list[Changes] = []
    stream = client.events()
    leave = client.subscribe(told.append)

    hall.tell(events.Notice(text="one"), events.Notice(text="two"))
    await anext(stream)
    leave()
    leave()
    hall.tell(events.Notice(text="three"))
    await anext(stream)
    await anext(stream)

    assert [changes.notices for changes in told] == [["one", "two"]]


async def test_a_subscriber_that_fails_harms_nobody(hall: FakeHall, client: Client) -> None:
    failures: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))
    fault = ZeroDivisionError()
    told: list[Changes] = []

    def fail(changes: Changes) -> None:
        raise fault

    client.subscribe(fail)
    client.subscribe(told.append)
    stream = client.events()
    hall.tell(events.Notice(text="one"))
    await anext(stream)

    assert failures == [fault]
    assert len(told) == 1
    assert client.state == "connected"


async def test_events_come_in_order_and_without_pings_and_strangers(
    hall: FakeHall, client: Client
) -> None:
    stream = aiter(client)

    hall.tell(said(1), events.Ping())
    hall.write(b'\0\0\0\x0f{"type":"poll"}')
    hall.tell(events.Typing(room="lobby", name="bob"), said(2))

    kinds = [type(await anext(stream)) for _ in range(3)]
    assert kinds == [events.Message, events.Typing, events.Message]


async def test_what_is_missed_comes_as_events_before_what_is_live(
    hall: FakeHall, client: Client
) -> None:
    stream = client.events()
    joining = asyncio.create_task(client.join("lobby", after=1, epoch="e1"))
    join = await hall.expect(commands.Join)
    joined = replies.Joined(
        id=join.id,
        room="lobby",
        topic="",
        members=[],
        count=0,
        seq=3,
        recovered=True,
        missed=2,
        more=True,
        events=[raw(said(2)), raw(said(3))],
    )

    hall.tell(joined, said(4))

    assert (join.after, join.epoch) == (1, "e1")
    assert (await joining).recovered
    assert [await anext(stream) for _ in range(3)] == [said(2), said(3), said(4)]
    assert [message.seq for message in client.mirror.rooms["lobby"].messages] == [2, 3, 4]


async def test_a_reader_that_falls_behind_reads_what_waits_and_then_is_told(
    hall: FakeHall, client: Client
) -> None:
    slow, quick = client.events(), client.events()
    notice = events.Notice(text="x")
    batch = 1_000
    for _ in range(UNREAD_EVENTS // batch):
        hall.tell(*[notice] * batch)
        for _ in range(batch):
            await anext(quick)

    hall.tell(events.Notice(text="too much"))
    assert await anext(quick) == events.Notice(text="too much")

    for _ in range(UNREAD_EVENTS):
        assert await anext(slow) == notice
    with pytest.raises(FellBehind, match="10000 events came unread"):
        await anext(slow)


async def test_an_iteration_that_is_dropped_is_forgotten(client: Client) -> None:
    stream = client.events()
    dropped = weakref.ref(stream)

    del stream
    gc.collect()

    assert dropped() is None


async def test_events_end_quietly_with_my_own_farewell(hall: FakeHall, client: Client) -> None:
    stream = client.events()
    quitting = asyncio.create_task(client.quit("supper"))
    farewell = await hall.expect(commands.Quit)
    hall.tell(replies.Ok(id=farewell.id), replies.bye("quit", "until next time"))
    hall.hang_up()
    await quitting

    assert farewell.reason == "supper"
    assert [event async for event in stream] == []
    assert [event async for event in client.events()] == []
    assert (client.state, client.lost) == ("offline", None)


async def test_events_end_with_an_error_when_the_connection_breaks(
    hall: FakeHall, client: Client
) -> None:
    stream = client.events()

    hall.tell(said(1))
    hall.hang_up()

    assert isinstance(await anext(stream), events.Message)
    with pytest.raises(ConnectionLost, match="without a word"):
        await anext(stream)
    assert client.state == "offline"
    with pytest.raises(ConnectionLost):
        await anext(client.events())


async def test_leaving_the_block_says_quit(hall: FakeHall) -> None:
    async def stay() -> None:
        async with await connect(hall.address):
            pass

    leaving = asyncio.create_task(stay())
    farewell = await hall.expect(commands.Quit)
    hall.tell(replies.Ok(id=farewell.id))
    async with asyncio.timeout(PATIENCE):
        await leaving
        await hall.closed.wait()


async def test_quit_is_quiet_when_the_connection_has_gone(hall: FakeHall, client: Client) -> None:
    stream = client.events()
    hall.hang_up()
    with pytest.raises(ConnectionLost):
        await anext(stream)

    await client.quit()
    await client.close()


async def test_a_call_after_the_end_tells_why(hall: FakeHall, client: Client) -> None:
    await client.close()

    with pytest.raises(ConnectionLost, match="has been closed"):
        await client.send("lobby", "anybody?")
    assert client.mirror.outgoing == set()
