"""`typing` and `ping`, the small ones."""

import time

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Wire


async def test_typing_is_passed_on_to_the_others(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")

    assert (await bob.granted("typing", room="LOBBY"))["type"] == "ok"

    assert await ann.event("typing") == {"type": "typing", "room": "lobby", "name": "bob"}
    assert not [each for each in await bob.drain() if each["type"] == "typing"]


@pytest.mark.one_node
async def test_typing_at_once_again_is_answered_and_not_passed_on(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby", "den")
    bob = await Wire.member(hall.port, "bob", "lobby", "den")

    for _ in range(5):
        assert (await bob.granted("typing", room="lobby"))["type"] == "ok"
    await bob.granted("typing", room="den")

    told = [each["room"] for each in await ann.drain() if each["type"] == "typing"]
    assert told == ["lobby", "den"]


@pytest.mark.one_node
async def test_the_typing_of_two_is_passed_on_for_both(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")
    cyd = await Wire.member(hall.port, "cyd", "lobby")

    await bob.granted("typing", room="lobby")
    await cyd.granted("typing", room="lobby")

    told = [each["name"] for each in await ann.drain() if each["type"] == "typing"]
    assert told == ["bob", "cyd"]


async def test_typing_stays_in_its_room(hall: RunningHall) -> None:
    eve = await Wire.member(hall.port, "eve", "street")
    bob = await Wire.member(hall.port, "bob", "lobby")

    await bob.granted("typing", room="lobby")

    assert await eve.drain() == []


async def test_a_pong_has_the_heads_of_ones_rooms_only(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby", "den")
    eve = await Wire.member(hall.port, "eve", "street")
    sent = await ann.say("lobby", "x")
    await eve.say("street", "y")

    pong = await ann.granted("ping")

    assert pong["heads"] == {"lobby": sent["seq"], "den": 0}
    assert abs(pong["time"] - time.time() * 1000) < 5_000


async def test_a_pong_without_a_question_is_ignored(hall: RunningHall) -> None:
    ann = await Wire.enter(hall.port, "ann")

    ann.send({"type": "pong"})

    assert await ann.drain() == []
