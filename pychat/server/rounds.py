"""What the server looks at again and again: connections that are overdue, and what has come due in
the Hall. Where the whole process stood still it says so to both."""

import time
from typing import TYPE_CHECKING

from pychat.server import limits
from pychat.server.turnstile import PERIOD, SLICE

if TYPE_CHECKING:
    from pychat.server.server import Server


class Rounds:
    """Two timers."""

    def __init__(self, server: "Server") -> None:
        """Begins at once."""
        self._server = server
        self._looked = server.now()
        """When the clock was looked at last."""
        self._ticks_at = self._looked
        """When the next tick is due."""
        self._sweep()
        self._tick()

    def end(self) -> None:
        self._sweeping.cancel()
        self._ticking.cancel()

    def _look_at_clock(self) -> float:
        """The time. Where the server stood still nobody could be heard: it does not count."""
        now = self._server.now()
        slept, self._looked = now - self._looked, now
        if slept > limits.STOOD_STILL:
            for connection in self._server.connections:
                connection.put_off(slept, now)
            self._server.hall.put_off(slept)
        return now

    def _sweep(self) -> None:
        self._unswept = iter(list(self._server.connections))
        self._sweep_on()

    def _sweep_on(self) -> None:
        """Look at some of the connections: ten thousand, or those that are to be closed, take too
        long for one turn."""
        server = self._server
        now, began = self._look_at_clock(), time.perf_counter()
        for connection in self._unswept:
            if connection in server.connections:
                connection.sweep(now, server.deadlines)
            if time.perf_counter() - began >= SLICE:
                self._sweeping = server.call_later(PERIOD, self._sweep_on)
                return
        server.keep()
        self._sweeping = server.call_later(server.deadlines.sweep, self._sweep)

    def _tick(self) -> None:
        server = self._server
        late = self._look_at_clock() - self._ticks_at
        server.counters.lag.add(max(0.0, late))
        server.tick()
        pause = PERIOD if server.hall.tick_soon else limits.TICK
        self._ticks_at = server.now() + pause
        self._ticking = server.call_later(pause, self._tick)
