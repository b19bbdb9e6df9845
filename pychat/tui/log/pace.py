"""When a log that changes is painted again. Pure: the clock and the timer are the caller's."""

PAUSE = 1 / 30
"""Seconds between two paintings."""
FLOOD_PAUSE = 1 / 10
"""The same while half of what is seen goes by between two: nobody reads that, and to paint it costs
as much as a thousand messages."""


class Pace:
    def __init__(self) -> None:
        self._painted = 0.0
        self._came = 0
        """Messages since."""

    def came(self, messages: int) -> None:
        self._came += messages

    def painted(self, now: float) -> None:
        self._painted, self._came = now, 0

    def wait(self, now: float, lines: int) -> float:
        """Seconds until it is time, 0 if it is; `lines` is how many are seen."""
        pause = FLOOD_PAUSE if 2 * self._came > lines else PAUSE
        return max(0.0, self._painted + pause - now)
