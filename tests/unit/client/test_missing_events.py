"""Events that have not arrived are noticed, and fetched on the next connection."""

import asyncio

import pytest

from pychat.protocol import commands, events, replies
from tests.support.stay import Stay
from tests.support.told import answer, said, stands


async def test_an_event_that_does_not_follow_on_the_last_is_fetched_with_what_is_missing(
    stay: Stay,
) -> None:
    stream = stay.client.events()
    stay.hall.tell(said(4), said(6, prev=5), said(7))
    await stay.until(lambda: stay.client.state != "connected")
    assert any("lobby" in changes.gaps for changes in stay.told)

    await stay.come_back(said(5), said(6), said(7))

    assert [await anext(stream) for _ in range(4)] == [said(4), said(5), said(6), said(7)]
    view = stay.client.mirror.rooms["lobby"]
    assert [message.seq for message in view.messages] == [1, 2, 3, 4, 5, 6, 7]
    assert not view.gap


async def test_an_event_that_comes_twice_is_told_once(stay: Stay) -> None:
    stream = stay.client.events()

    stay.hall.tell(said(4), said(4), said(3), said(5))

    assert [await anext(stream) for _ in range(2)] == [said(4), said(5)]


async def test_heads_that_have_not_arrived_are_fetched(stay: Stay) -> None:
    pinging = asyncio.create_task(stay.client.ping())
    ping = await stay.hall.expect(commands.Ping)
    stay.hall.tell(replies.Pong(id=ping.id, time=1, heads={"lobby": 4}))
    await stay.until(lambda: stay.client.state != "connected")

    await stay.come_back(said(4))

    assert (await pinging).heads == {"lobby": 4}
    assert stay.client.mirror.rooms["lobby"].head == 4


async def test_heads_are_compared_with_what_came_before_them(stay: Stay) -> None:
    pinging = asyncio.create_task(stay.client.ping())
    ping = await stay.hall.expect(commands.Ping)

    stay.hall.tell(said(4), replies.Pong(id=ping.id, time=1, heads={"lobby": 4, "tea": 9}))
    await pinging

    assert stay.client.state == "connected"


async def test_a_hall_that_leaves_something_out_of_what_was_missed_is_asked_for_its_page(
    stay: Stay,
) -> None:
    await stay.break_off()
    join = await stay.greet()
    stay.hall.tell(answer(join, said(4), said(6, prev=5)))

    join = await stay.greet()
    stay.hall.tell(answer(join, messages=[stands(4), stands(5), stands(6)]))
    await stay.until(lambda: stay.client.state == "connected")

    assert join.after is None
    assert not stay.client.mirror.rooms["lobby"].gap
    assert [each.seq for each in stay.client.mirror.rooms["lobby"].messages] == [4, 5, 6]


async def test_a_hall_that_asks_is_asked_for_its_heads(stay: Stay) -> None:
    stay.hall.tell(events.Ping())

    await stay.hall.expect(commands.Pong)
    await stay.hall.expect(commands.Ping)


async def test_where_something_is_missing_again_and_again_the_waits_grow(stay: Stay) -> None:
    waits = []
    for _ in range(4):
        stay.hall.tell(said(9, prev=8))
        await stay.until(lambda: stay.client.state != "connected")
        begun = stay.time.now
        await stay.come_back()
        waits.append(stay.time.now - begun)

    assert waits == pytest.approx([0.5 * 1.1**number for number in range(4)])
