"""Answers larger than the socket takes at once, and connections that end while some are owed."""

from collections.abc import AsyncIterator

import pytest

from pychat.server.deadlines import Deadlines
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Wire


@pytest.fixture
async def wide() -> AsyncIterator[RunningHall]:
    """A Hall with a room whose pages are cut at a mebibyte. Its sweeps are quick."""
    async with running_hall(deadlines=Deadlines(sweep=0.02, farewell=0.1)) as hall:
        ann = await Wire.member(hall.port, "ann", "wide")
        for number in range(40):
            await ann.say("wide", f"{number:04}" + "😀" * 7_996)
        await ann.granted("quit")
        yield hall


async def test_who_reads_gets_many_large_pages_asked_for_at_once(wide: RunningHall) -> None:
    wire = await Wire.member(wide.port, "bob", "wide")

    pages = [wire.command("history", room="wide", limit=200) for _ in range(8)]

    lengths = {len((await wire.reply(each))["messages"]) for each in pages}
    assert len(lengths) == 1


async def test_who_joins_many_rooms_at_once_after_an_absence_is_not_too_slow(
    wide: RunningHall,
) -> None:
    ann = await Wire.member(wide.port, "ann", "wide", "wider", "widest")
    for room in ("wider", "widest"):
        for number in range(25):
            await ann.say(room, f"{number:04}" + "😀" * 7_996)
    bob = await Wire.enter(wide.port, "bob")

    joins = [bob.command("join", room=room, after=0) for room in ("wider", "widest", "wide")]

    assert [(await bob.reply(each))["missed"] for each in joins] == [25, 25, 40]


async def test_a_half_closed_client_that_reads_late_gets_all_its_answers(
    wide: RunningHall,
) -> None:
    wire = await Wire.member(wide.port, "bob", "wide")
    others = await Wire.enter(wide.port, "cyd")
    wire.stop_reading()
    pages = [wire.command("history", room="wide", limit=3) for _ in range(60)]
    wire.half_close()
    for _ in range(50):  # long enough for the server to be done with what it can write
        await others.granted("ping")

    wire.go_on_reading()

    answered = [each["id"] for each in await wire.rest() if each["type"] == "history"]
    assert answered == pages


async def test_what_was_sent_before_quit_is_answered_before_the_goodbye(
    hall: RunningHall,
) -> None:
    wire = await Wire.member(hall.port, "ann", "lobby")
    sends = [wire.command("send", room="lobby", text=f"{n}", nonce=f"{n}") for n in range(5)]
    quitting = wire.command("quit")

    await wire.bye()

    assert [each["id"] for each in wire.unread if "id" in each] == [*sends, quitting]
