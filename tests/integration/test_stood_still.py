"""A server that stood still does not count that against those whom it could not hear."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pychat.server import limits
from pychat.server.deadlines import Deadlines
from pychat.server.hall import Clock
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import PATIENCE, Closed, Wire, framed

EVERYTHING_DUE = Deadlines(
    login=1.5, frame=1.5, silence=1.0, dead=1.5, backlog=1.5, farewell=1.5, sweep=0.01
)
LINGER = 1.5
PAUSE = 3600.0


class Stopwatch:
    """Monotonic time that a test moves on."""

    def __init__(self) -> None:
        self.now = 100.0
        self._reads = 0

    def __call__(self) -> float:
        self._reads += 1
        return self.now

    async def move(self, seconds: float) -> None:
        """Until the server has looked at it: at all connections and all who linger."""
        self.now += seconds
        looked = self._reads + 10
        async with asyncio.timeout(PATIENCE):
            while self._reads < looked:  # noqa: ASYNC110  # it is read by the server's timers
                await asyncio.sleep(0.005)


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
async def hall(stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningHall]:
    monkeypatch.setattr(limits, "TICK", EVERYTHING_DUE.sweep)
    clock = Clock(wall=lambda: 1_790_000_000_000, monotonic=stopwatch)
    async with running_hall(clock=clock, deadlines=EVERYTHING_DUE, linger=LINGER) as hall:
        yield hall


async def test_nobody_is_dead_after_it(hall: RunningHall, stopwatch: Stopwatch) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    stranger = await Wire.connect(hall.port)
    half = await Wire.enter(hall.port, "half")
    half.send_bytes(framed(b'{"type":"ping","id":77}')[:9])
    await ann.drain()

    await stopwatch.move(PAUSE)

    assert await ann.drain() == []
    await stranger.granted("hello", protocol=[1], client="wire")
    half.send_bytes(framed(b'{"type":"ping","id":77}')[9:])
    assert (await half.read())["id"] == 77


async def test_from_then_on_they_have_their_time(hall: RunningHall, stopwatch: Stopwatch) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    await stopwatch.move(PAUSE)

    await stopwatch.move(EVERYTHING_DUE.dead - 0.1)
    assert await ann.read() == {"type": "ping"}
    await stopwatch.move(0.2)

    assert (await ann.bye())["code"] == "timeout"


async def test_who_lingered_may_still_come_back(hall: RunningHall, stopwatch: Stopwatch) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await Wire.member(hall.port, "ann", "lobby")
    ann.abort()
    await bob.event("presence", room="lobby")
    await bob.event("presence", room="lobby")

    await stopwatch.move(PAUSE)
    again = await Wire.enter(hall.port, resume=ann.welcome["resume"])

    assert again.welcome["resumed"] is True


@pytest.mark.parametrize(("beyond", "cut"), [(-0.01, True), (0.0, True), (0.01, False)])
async def test_what_is_a_busy_moment_and_what_is_standing_still(
    hall: RunningHall, stopwatch: Stopwatch, beyond: float, cut: bool
) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")

    await stopwatch.move(limits.STOOD_STILL + beyond)

    cut_off = False
    try:
        await ann.drain()
    except Closed:
        cut_off = ann.unread[-1]["code"] == "timeout"
    assert cut_off == cut
