"""The time by which retention reckons ages: one that no setting of the clock moves forward."""

import time

from pychat.server.backplane.interface import Clock

monotonic = time.monotonic
"""Seconds."""


class SteadyClock:
    """Milliseconds since the epoch, from `begun` on as fast as time passes, but never ahead of the
    wall clock.

    So a wall clock that is set ahead makes nothing old, and one that is set back makes nothing
    new. It may be late: time in which nobody reckons is not known of until `begun` tells it.
    """

    def __init__(self, begun: int, wall: Clock) -> None:
        """`begun` is the latest time that is known to have passed."""
        self._begun = begun
        self._since = monotonic()
        self._wall = wall

    def __call__(self) -> int:
        passed = int(1000 * (monotonic() - self._since))
        return min(self._wall(), self._begun + passed)
