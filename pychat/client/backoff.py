"""How long to wait before the next try: a tenth longer each time, with jitter. Pure.

However the dice fall, the wait is at most 0.67 s + 0.2 of the time waited so far: whoever has
waited for 20 s tries again within 5 s, whoever has for a minute within 13 s,
and nobody waits for longer than 30 s.
"""

from collections.abc import Callable

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
"""With all jitter."""

GROWTH = 1.1
"""From one wait to the next. Doubling would let the next try come as long after the end of an
outage as that has lasted."""

JITTER = 1 / 3
"""Share by which a wait is longer or shorter, so that those cut off together come back apart."""

_STEPS = 64
"""Of growth; far past the longest wait, and far from where a float overflows."""


class Backoff:
    def __init__(self, random: Callable[[], float]) -> None:
        self.attempt = 0
        """Tries since the last success."""
        self._random = random

    def next(self) -> float:
        """Seconds until the next try, which is counted now."""
        seconds = FIRST_SECONDS * GROWTH ** min(self.attempt, _STEPS)
        self.attempt += 1
        longest = LONGEST_SECONDS / (1 + JITTER)
        return min(seconds, longest) * (1 + JITTER * (2 * self._random() - 1))

    def reset(self) -> None:
        self.attempt = 0
