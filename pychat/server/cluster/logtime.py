"""The time that a log has, by which its nodes decide alike."""

from pychat.server.hall import Clock

STRIDE = 10_000
"""Milliseconds that pass between two entries at most, whatever their times say: where no node could
write for longer, nobody was missed meanwhile; and a clock that is set ahead ends nothing."""


class LogTime:
    """Two times, as a Clock has: while an entry is carried out those of the log, which are the same
    at each node; else this node's own, and what has passed here since the last entry."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.latest = 0
        """Of all entries; milliseconds since the Unix epoch."""
        self.passed = 0
        """Milliseconds from the first entry to the last, each step at most a STRIDE."""
        self.reckoned = 0
        """By which ages are reckoned: milliseconds since the Unix epoch, which go on as `passed`
        does, so that a clock that is set ahead makes nothing old."""
        self._since = clock.monotonic()
        self.stands = False
        """While an entry is carried out."""

    def advance(self, time: int) -> None:
        """An entry of that time."""
        step = min(max(0, time - self.latest), STRIDE) if self.latest else 0
        self.passed += step
        self.reckoned = self.reckoned + step if self.latest else time
        self.latest = max(self.latest, time)
        self._since = self._clock.monotonic()

    def begin_anew(self) -> None:
        """No node was there: what the log had until then is as old as it says."""
        self.reckoned = max(self.reckoned, self.latest)

    def restore(self, latest: int, passed: int, reckoned: int) -> None:
        self.latest, self.passed, self.reckoned = latest, passed, reckoned
        self._since = self._clock.monotonic()

    def wall(self) -> int:
        return self.latest if self.stands else self._clock.wall()

    def seconds(self) -> float:
        since = 0.0 if self.stands else self._clock.monotonic() - self._since
        # No further than an entry would take it: else it went back with the next one, and nodes
        # were missed that could not write either.
        return self.passed / 1000 + min(since, STRIDE / 1000)
