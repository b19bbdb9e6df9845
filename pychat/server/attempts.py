"""How often something may be tried: so many times at once, and again within a time. Pure."""

from collections.abc import Hashable

from pychat.server import limits


class Attempts:
    """Counted by whatever tells those apart who try; of those who have not for long, nothing."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._made: dict[Hashable, tuple[float, float]] = {}
        """How many, as of when; the latest at the end."""

    def allow(self, most: int, seconds: float) -> None:
        """From now on."""
        self._most, self._seconds = most, seconds

    def standing(self) -> dict[Hashable, tuple[float, float]]:
        """How many each has made, as of when; the latest at the end."""
        return dict(self._made)

    def restore(self, made: dict[Hashable, tuple[float, float]]) -> None:
        """As `standing` told it."""
        self._made = dict(made)

    def wait(self, who: Hashable, now: float) -> float:
        """0.0 if there may be one more, else the seconds until then."""
        over = self._standing(who, now) + 1 - self._most
        # What the clock's resolution eats must not leave somebody waiting for nothing.
        return over * self._seconds / self._most if over > 1e-6 else 0.0

    def count(self, who: Hashable, now: float) -> None:
        """One more was made, or refused: who goes on trying waits on."""
        made = min(self._standing(who, now) + 1, self._most)
        self._made.pop(who, None)
        self._made[who] = (made, now)
        if len(self._made) > limits.ATTEMPTS_KNOWN:
            del self._made[next(iter(self._made))]

    def forgive(self, who: Hashable) -> None:
        self._made.pop(who, None)

    def _standing(self, who: Hashable, now: float) -> float:
        made, then = self._made.get(who, (0.0, now))
        return max(0.0, made - (now - then) * self._most / self._seconds)
