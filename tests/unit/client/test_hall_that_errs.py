"""Servers with faults, and with bad intentions: the client stays usable, bounded, never hot."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from fuzz.wire import mutated
from pychat.client.address import Address
from pychat.client.client import LISTED
from pychat.client.connection import Connection
from pychat.client.session import KEPT_ROOMS
from pychat.protocol import codec, commands, events, replies
from tests.support.fake_hall import welcome
from tests.support.stay import Stay
from tests.support.told import answer, member, presence, said, stands
from tests.support.transport import FakeTransport

TOLD: list[msgspec.Struct] = [
    said(4, "x" * 50),
    said(5, prev=3),
    events.Edited(room="lobby", seq=4, prev=3, time=1, sender="b", nonce="e", target=2, text="x"),
    events.Reacted(
        room="lobby", seq=4, prev=3, time=1, sender="b", nonce="r", target=2, emojis=["👍"]
    ),
    presence(joined=[member("carl")], left={"bob": "gone"}),
    events.Ping(),
    events.Notice(text="soon"),
    replies.Pong(id=3, time=1, heads={"lobby": 3}),
    replies.Sent(id=3, room="lobby", seq=3, time=1, nonce="n"),
    replies.error("internal", "sorry", 3),
    replies.bye("slow-consumer", "too slow", 5),
]


async def test_whatever_bytes_come_the_client_comes_back_and_works(stay: Stay) -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    rng = random.Random(7)
    for _ in range(200):
        stream = b"".join(
            mutated(codec.encode_frame(rng.choice(TOLD)), rng) for _ in range(rng.randrange(1, 5))
        )
        stay.hall.write(stream)
        stay.hall.hang_up()
        await stay.until(lambda: stay.client.state != "connected")
        await call_back(stay)

    saying = asyncio.create_task(stay.client.send("lobby", "still here"))
    send = await stay.hall.find(commands.Send)
    stay.hall.tell(replies.Sent(id=send.id, room="lobby", seq=10**6, time=1, nonce=send.nonce))
    assert (await saying).seq == 10**6
    assert faults == []


async def call_back(stay: Stay) -> None:
    """In, also if it was sent away for good."""
    stay.client.reconnect_now()
    hello = await stay.hall.find(commands.Hello)
    stay.hall.tell(welcome(hello.id, "ann", rooms=["lobby"]))
    join = await stay.hall.find(commands.Join)
    stay.hall.tell(answer(join, messages=[stands(1), stands(2), stands(3)]))
    await stay.until(lambda: stay.client.state == "connected")


async def waits_of(stay: Stay, count: int, misbehave: Callable[[], None]) -> list[float]:
    """How long the client waits each time it is let in and finds the same fault again."""
    waits = []
    for _ in range(count):
        misbehave()
        await stay.until(lambda: stay.client.state != "connected")
        begun = stay.time.now
        join = await stay.greet()
        waits.append(stay.time.now - begun)
        stay.hall.tell(answer(join, seq=join.after or 0))
        await stay.until(lambda: stay.client.state == "connected")
    return waits


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda: [said(9, prev=7)], id="a chain that never matches"),
        pytest.param(lambda: [replies.bye("internal", "oh")], id="a bye"),
        pytest.param(lambda: [replies.Pong(id=999, time=1, heads={})], id="an answer to nothing"),
    ],
)
async def test_the_same_fault_again_and_again_is_met_less_and_less_often(
    stay: Stay, fault: Callable[[], list[msgspec.Struct]]
) -> None:
    waits = await waits_of(stay, 50, lambda: stay.hall.tell(*fault()))

    assert waits == sorted(waits)
    assert waits[-1] > 20


async def test_heads_that_never_come_are_asked_for_less_and_less_often(stay: Stay) -> None:
    pings: list[asyncio.Task[replies.Pong]] = []
    waits = []
    for _ in range(50):
        pings.append(asyncio.create_task(stay.client.ping()))
        ping = await stay.hall.find(commands.Ping)
        stay.hall.tell(replies.Pong(id=ping.id, time=1, heads={"lobby": 10**6}))
        await stay.until(lambda: stay.client.state != "connected")
        begun = stay.time.now
        join = await stay.greet()
        waits.append(stay.time.now - begun)
        stay.hall.tell(answer(join, seq=3))
        await stay.until(lambda: stay.client.state == "connected")

    assert waits == sorted(waits)
    assert waits[-1] > 20
    assert all([(await ping).heads for ping in pings])


async def test_of_more_rooms_than_anybody_is_in_the_first_are_entered_again(stay: Stay) -> None:
    await stay.break_off()
    hello = await stay.called()
    rooms = ["lobby", *(f"room-{number}" for number in range(10_000))]
    stay.hall.tell(welcome(hello.id, "ann", resumed=True, rooms=rooms))
    for _ in range(KEPT_ROOMS):
        join = await stay.hall.expect(commands.Join)
        stay.hall.tell(answer(join, messages=[]))
    await stay.until(lambda: stay.client.state == "connected")

    assert stay.hall.unread == 0
    assert list(stay.client.mirror.rooms) == rooms[:KEPT_ROOMS]
    assert stay.client.kept_rooms == rooms[:KEPT_ROOMS]


async def test_a_list_without_an_end_has_one(stay: Stay) -> None:
    listing = asyncio.create_task(stay.client.list_rooms())
    for page in (["a", "b"], ["b"]):
        command = await stay.hall.expect(commands.List)
        rooms = [replies.RoomInfo(name=name, members=1, topic="", seq=0) for name in page]
        stay.hall.tell(replies.Rooms(id=command.id, rooms=rooms, more=True))
    assert [room.name for room in await listing] == ["a", "b", "b"]

    listing = asyncio.create_task(stay.client.list_rooms())
    for page in range(LISTED // 10_000):
        command = await stay.hall.expect(commands.List)
        rooms = [
            replies.RoomInfo(name=f"{page}-{number}", members=1, topic="", seq=0)
            for number in range(10_000)
        ]
        stay.hall.tell(replies.Rooms(id=command.id, rooms=rooms, more=True))
    assert len(await listing) == LISTED


async def test_members_without_an_end_have_one(stay: Stay) -> None:
    listing = asyncio.create_task(stay.client.members("lobby"))
    for _ in range(2):
        command = await stay.hall.expect(commands.Members)
        stay.hall.tell(
            replies.Members(
                id=command.id, room="lobby", members=[member("carl")], count=9, more=True
            )
        )
    assert len(await listing) == 2


async def test_a_page_that_does_not_join_on_is_as_good_as_none(stay: Stay) -> None:
    await stay.break_off()
    join = await stay.greet()
    newest = answer(join, messages=[stands(900)])
    stay.hall.tell(msgspec.structs.replace(newest, more=True))
    await stay.until(lambda: stay.client.state == "connected")

    fetching = asyncio.create_task(stay.client.fetch_older("lobby"))
    command = await stay.hall.expect(commands.History)
    stay.hall.tell(
        replies.History(
            id=command.id,
            room="lobby",
            messages=[stands(950)],
            more_before=True,
            more_after=True,
        )
    )

    assert await fetching is False


class FullTransport(FakeTransport):
    """Of a peer that does not read."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """They have been passed."""


async def test_a_hall_that_asks_and_never_reads_is_not_answered_into_memory() -> None:
    connection = Connection(Address("127.0.0.1", 1))
    connection.on_arrivals = lambda _: None
    connection.on_lost = lambda _: None
    transport = FullTransport()
    connection.connection_made(transport)
    connection.data_received(codec.encode_frame(events.Ping()))
    connection.pause_writing()
    connection.data_received(codec.encode_frame(events.Ping()) * 100)
    connection.resume_writing()
    connection.data_received(codec.encode_frame(events.Ping()))

    assert transport.written == [codec.encode_frame(commands.Pong())] * 2
    connection.connection_lost(None)


async def test_a_hall_that_asks_and_asks_is_asked_for_its_heads_once(stay: Stay) -> None:
    stay.hall.tell(*[events.Ping()] * 1_000)
    await stay.hall.find(commands.Ping)
    stay.hall.tell(said(4))
    await stay.until(lambda: stay.client.mirror.rooms["lobby"].head == 4)
    typing = asyncio.create_task(stay.client.typing("lobby"))

    asked = 0
    while not isinstance(message := await stay.hall.expect(msgspec.Struct), commands.Typing):
        asked += isinstance(message, commands.Ping)
    assert asked == 0
    stay.hall.tell(replies.Ok(id=message.id))
    await typing


async def test_heads_of_rooms_that_nobody_is_in_cost_next_to_nothing(stay: Stay) -> None:
    pinging = asyncio.create_task(stay.client.ping())
    ping = await stay.hall.find(commands.Ping)
    heads = {f"room-{number}": 10**6 for number in range(40_000)}

    stay.hall.tell(replies.Pong(id=ping.id, time=1, heads=heads | {"lobby": 3}))

    assert len((await pinging).heads) == 40_001
    assert stay.client.state == "connected"
