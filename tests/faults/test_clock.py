"""A wall clock that jumps both ways: order, times and deadlines do not jump with it."""

import asyncio
import time
from pathlib import Path

import pytest

from pychat.server.backplane.directory import SqliteDirectory
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.deadlines import Deadlines
from pychat.server.hall import Clock
from tests.support.hall import running_hall
from tests.support.invariants import Invariants, read_history
from tests.support.wire import Wire

DAY = 86_400_000
NOW = 1_790_000_000_000

JUMPS = {
    "a day back": [-DAY],
    "a day ahead": [DAY],
    "fifty years ahead and back": [50 * 365 * DAY, -50 * 365 * DAY],
    "to 1970": [-NOW],
    "with every message": [DAY, -2 * DAY, 3 * DAY, -DAY, -5, 7, -3_600_000] * 4,
}


class JumpingClock:
    """Set by a person who does not know what time it is; it ticks meanwhile as it should."""

    def __init__(self) -> None:
        self.offset = NOW
        self._began = time.monotonic()

    def wall(self) -> int:
        return self.offset + int((time.monotonic() - self._began) * 1_000)


@pytest.mark.parametrize("jumps", JUMPS.values(), ids=JUMPS.keys())
async def test_a_wall_clock_that_jumps_moves_neither_order_nor_time_back(
    tmp_path: Path, jumps: list[int]
) -> None:
    clock = JumpingClock()
    oracle = Invariants()
    ledger = SqliteLedger(tmp_path / "hall.db", clock.wall)
    async with running_hall(ledger, clock=Clock(clock.wall, time.monotonic)) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        bob = await Wire.member(hall.port, "bob", "lobby")
        hearing = oracle.hearing("bob", "lobby")
        for number, jump in enumerate([0, *jumps, 0, 0]):
            clock.offset += jump
            sent = await ann.granted("send", room="lobby", text=f"{number}", nonce=f"n{number}")
            oracle.meant("ann", "lobby", f"n{number}", f"{number}")
            oracle.acknowledged("ann", "lobby", f"n{number}", sent["seq"])
            assert 0 <= sent["time"] < 1 << 53
        for event in await bob.drain():
            if event["type"] == "message":
                hearing.heard(event)
        oracle.shown("lobby", await read_history(hall.port, "lobby"))
    oracle.stored_in(tmp_path / "hall.db")
    oracle.hold()


@pytest.mark.parametrize("jump", [-DAY, DAY, 50 * 365 * DAY])
async def test_a_jump_neither_ends_an_absence_nor_a_connection(jump: int) -> None:
    clock = JumpingClock()
    quick = Deadlines(sweep=0.02)
    async with running_hall(
        clock=Clock(clock.wall, time.monotonic), deadlines=quick, linger=30
    ) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        bob = await Wire.member(hall.port, "bob", "lobby")
        ann.abort()
        clock.offset += jump
        # Several looks at what is due.
        for _ in range(20):
            await bob.granted("ping")
            await asyncio.sleep(0.02)
        again = await Wire.enter(hall.port, resume=ann.welcome["resume"])

        assert (again.welcome["resumed"], again.welcome["rooms"]) == (True, ["lobby"])
        assert {each["type"] for each in await bob.drain()} <= {"presence"}


async def test_a_jump_revives_no_token_and_prolongs_no_absence() -> None:
    clock = JumpingClock()
    quick = Deadlines(sweep=0.02)
    async with running_hall(
        clock=Clock(clock.wall, time.monotonic), deadlines=quick, linger=0.2
    ) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        bob = await Wire.member(hall.port, "bob", "lobby")
        ann.abort()
        clock.offset -= DAY
        while (await bob.granted("members", room="lobby"))["count"] > 1:
            pass

        again = await Wire.enter(hall.port, resume=ann.welcome["resume"])

        assert again.welcome["resumed"] is False


@pytest.mark.parametrize("jump", [-DAY, 50 * 365 * DAY])
async def test_a_jump_makes_no_nonce_new_at_once(tmp_path: Path, jump: int) -> None:
    """Without retention a log knows every nonce that it has, whatever the time."""
    clock = JumpingClock()
    for _ in range(2):
        ledger = SqliteLedger(tmp_path / "hall.db", clock.wall)
        async with running_hall(ledger, clock=Clock(clock.wall, time.monotonic)) as hall:
            ann = await Wire.member(hall.port, "ann", "lobby")
            assert (await ann.say("lobby", "once", nonce="n"))["seq"] == 1
        clock.offset += jump


async def test_who_was_here_before_a_restart_is_not_thrown_out_by_a_clock_set_back(
    tmp_path: Path,
) -> None:
    clock = JumpingClock()

    def directory() -> SqliteDirectory:
        return SqliteDirectory(tmp_path / "sessions.db", clock.wall)

    async with running_hall(None, directory()) as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
    clock.offset -= DAY
    async with running_hall(None, directory()) as hall:
        again = await Wire.enter(hall.port, resume=ann.welcome["resume"])

        assert again.welcome["resumed"] is True
