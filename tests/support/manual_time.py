"""Time that passes when a test says so, for what takes a Timing."""

import asyncio
from collections.abc import Callable

from pychat.client.timing import Timing

PATIENCE = 30.0
"""Seconds that a test waits before it fails."""


class _Timer:
    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualTime:
    """Both clocks show the same time; chance is always in the middle, so nothing has jitter."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.timing = Timing(
            monotonic=lambda: self.now,
            wall=self.wall,
            random=lambda: 0.5,
            call_later=self._call_later,
        )
        self._timers: list[_Timer] = []
        self._set = asyncio.Event()

    def wall(self) -> int:
        return int(self.now * 1_000)

    def pass_by(self, seconds: float) -> None:
        """Let time pass; whatever comes due happens."""
        self.now += seconds
        for timer in sorted(self._timers, key=lambda timer: timer.due):
            if timer.due <= self.now:
                self._timers.remove(timer)
                if timer.callback is not None:
                    timer.callback()

    async def wait(self) -> float:
        """Wait until somebody waits for time to pass, for how long, and let that pass."""
        async with asyncio.timeout(PATIENCE):
            while not (pending := self._pending()):
                self._set.clear()
                await self._set.wait()
        seconds = min(timer.due for timer in pending) - self.now
        self.pass_by(seconds)
        return seconds

    def _pending(self) -> list[_Timer]:
        self._timers = [timer for timer in self._timers if timer.callback is not None]
        return self._timers

    def _call_later(self, seconds: float, callback: Callable[[], None]) -> _Timer:
        timer = _Timer(self.now + seconds, callback)
        self._timers.append(timer)
        self._set.set()
        return timer
