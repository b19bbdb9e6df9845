"""How long to wait before the next try: twice as long each time, with jitter. Pure."""

from collections.abc import Callable

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0

JITTER = 0.2
"""Share by which a wait is longer or shorter, so that those cut off together come back apart."""


class Backoff:
    def __init__(self, random: Callable[[], float]) -> None:
        self.attempt = 0
        """Tries since the last success."""
        self._random = random

    def next(self) -> float:
        """Seconds until the next try, which is counted now."""
        # The exponent is bounded, too: a float overflows after a thousand tries.
        seconds = min(FIRST_SECONDS * 2.0 ** min(self.attempt, 16), LONGEST_SECONDS)
        self.attempt += 1
        return seconds * (1 + JITTER * (2 * self._random() - 1))

    def reset(self) -> None:
        self.attempt = 0
