"""§4.8: a client that does not read."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pychat.server.deadlines import Deadlines
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Json, Wire

WIDE = "😀" * 8_000
ENOUGH = 400
"""Messages of 32 kB: far above what the kernel keeps for a reader, and a mebibyte more."""


@pytest.fixture
async def patient() -> AsyncIterator[RunningHall]:
    """A Hall where only the amount of the backlog counts, not its age."""
    async with running_hall(deadlines=Deadlines(backlog=60, sweep=0.02)) as hall:
        yield hall


async def talk(wire: Wire, count: int) -> list[int]:
    seqs = []
    for _ in range(count):
        sent = await wire.say("lobby", WIDE)
        seqs.append(sent["seq"])
        wire.unread.clear()
    return seqs


async def test_who_never_reads_is_closed_and_the_others_are_served(patient: RunningHall) -> None:
    ann = await Wire.member(patient.port, "ann", "lobby")
    bob = await Wire.member(patient.port, "bob", "lobby")
    slow = await Wire.member(patient.port, "slow", "lobby")
    slow.stop_reading()

    async def listen() -> list[int]:
        return [(await bob.event("message"))["seq"] for _ in range(ENOUGH)]

    heard, said = await asyncio.gather(listen(), talk(ann, ENOUGH))

    assert heard == said
    members = (await ann.granted("members", room="lobby"))["members"]
    assert {each["name"]: each["away"] for each in members}["slow"] is True


async def test_who_never_reads_comes_back_and_has_lost_nothing(patient: RunningHall) -> None:
    ann = await Wire.member(patient.port, "ann", "lobby")
    slow = await Wire.member(patient.port, "slow", "lobby")
    slow.stop_reading()
    said = await talk(ann, ENOUGH)

    slow.go_on_reading()
    heard = await slow.rest()
    seen = max((each["seq"] for each in heard if each["type"] == "message"), default=0)
    again = await Wire.enter(patient.port, resume=slow.welcome["resume"])
    assert (again.welcome["resumed"], again.welcome["rooms"]) == (True, ["lobby"])
    messages: list[Json] = []
    await again.granted("join", room="lobby", limit=1)
    while True:
        page = await again.granted("history", room="lobby", after=seen, limit=200)
        messages += page["messages"]
        if not page["more_after"]:
            break
        seen = messages[-1]["seq"]

    live = [each["seq"] for each in heard if each["type"] == "message"]
    assert live + [each["seq"] for each in messages] == said


async def test_who_reads_on_in_time_is_told_why(patient: RunningHall) -> None:
    ann = await Wire.member(patient.port, "ann", "lobby")
    slow = await Wire.member(patient.port, "slow", "lobby")
    slow.stop_reading()
    while not {each["name"]: each for each in await members(ann)}["slow"]["away"]:
        await talk(ann, 1)

    slow.go_on_reading()
    heard = await slow.rest()

    assert (heard[-1]["type"], heard[-1]["code"]) == ("bye", "slow-consumer")
    assert heard[-1]["reconnect"] is True


async def test_a_small_backlog_that_is_too_old_is_a_slow_reader() -> None:
    deadlines = Deadlines(backlog=0.1, sweep=0.02)
    async with running_hall(deadlines=deadlines) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        slow = await Wire.member(hall.port, "slow", "lobby")
        slow.stop_reading()
        async with asyncio.timeout(50):
            while not {each["name"]: each for each in await members(ann)}["slow"]["away"]:
                await ann.say("lobby", WIDE)
                ann.unread.clear()

        slow.go_on_reading()
        heard = await slow.rest()

    assert heard[-1].get("code", "slow-consumer") == "slow-consumer"


async def members(wire: Wire) -> list[Json]:
    return list((await wire.granted("members", room="lobby"))["members"])


async def test_who_asks_and_never_reads_the_answers_is_closed() -> None:
    async with running_hall(deadlines=Deadlines(backlog=0.1, sweep=0.02)) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        await talk(ann, 40)
        greedy = await Wire.member(hall.port, "greedy", "lobby")
        greedy.stop_reading()

        for _ in range(200):
            greedy.command("history", room="lobby", limit=200)

        async with asyncio.timeout(50):
            while not {each["name"]: each for each in await members(ann)}["greedy"]["away"]:
                pass


async def test_a_reader_that_pauses_and_goes_on_hears_everything(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")

    heard: list[int] = []
    for round_ in range(6):
        bob.stop_reading()
        for number in range(10):
            await ann.say("lobby", WIDE, nonce=f"{round_}-{number}")
        bob.go_on_reading()
        heard += [(await bob.event("message"))["seq"] for _ in range(10)]

    said = [each["seq"] for each in await ann.drain() if each["type"] == "message"]
    assert heard == said
