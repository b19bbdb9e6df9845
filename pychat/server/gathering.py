"""What is said waits a moment for more, under load, so that one write brings it all."""

from collections.abc import Callable

from pychat.server.effects import Append

WINDOW = 0.005
"""Seconds between two deliveries while the window is open: nobody sees that, and of a thousand
messages a second five go out in one write."""

BUSY = 40_000.0
"""Deliveries a second from which on they are worth gathering: a fifth of a core, one by one."""

TRIAL = 0.02
"""Seconds for which the other setting is tried."""

WARM_UP = 0.2
"""Seconds of load before the first trial: at its very beginning less is said than a moment later,
with the window or without."""

SETTLED = 1.0
"""Seconds from one trial to the next; twice as many after each that changed nothing."""

LONGEST_SETTLED = 8.0
"""Seconds that a setting stands untried at most."""

_SLOWED = 0.8
"""Of the messages that come without the window: where fewer come with it, people, or programs, wait
for what they said to come back before they say more, and the window would slow them down."""


class GatherWindow:
    """Closed while there is little to deliver. Under load it is open if that slows nobody, which is
    found out by trying: who speaks by the clock says as much with it as without."""

    def __init__(self, now: float) -> None:
        self.open = False
        self._delivered_at = float("-inf")
        self._loaded = False
        self._trying = False
        self._usual = 0.0
        """Messages a second, with the setting that is not on trial."""
        self._patience = SETTLED
        self._begin(now, TRIAL)

    def _begin(self, now: float, seconds: float) -> None:
        self._since, self._until = now, now + seconds
        self._messages = self._deliveries = 0

    def said(self, audience: int, now: float) -> None:
        """A message for so many."""
        if now >= self._until:
            self._judge(now)
        self._messages += 1
        self._deliveries += audience

    def delay(self, now: float) -> float:
        """Seconds for which what is said now is to wait if the window is open: for the end of the
        turn at least."""
        return max(0.0, self._delivered_at + WINDOW - now)

    def delivering(self, now: float) -> None:
        self._delivered_at = now

    def _judge(self, now: float) -> None:
        """A period is over: choose the setting of the next."""
        seconds = now - self._since
        rate, deliveries = self._messages / seconds, self._deliveries / seconds
        if deliveries < BUSY:
            self.open = self._trying = self._loaded = False
            self._patience = SETTLED
            self._begin(now, TRIAL)
        elif not self._loaded:
            self._loaded = True
            self._begin(now, WARM_UP)
        elif self._trying:
            self._trying = False
            with_window, without = (rate, self._usual) if self.open else (self._usual, rate)
            was, self.open = not self.open, with_window >= _SLOWED * without
            same = self.open == was
            self._patience = min(2 * self._patience, LONGEST_SETTLED) if same else SETTLED
            self._begin(now, self._patience)
        else:
            self._usual = rate
            self._trying = True
            self.open = not self.open
            self._begin(now, TRIAL)


class Gathering:
    """What is said, on its way to the Ledger: it gets there in the order in which it was said."""

    def __init__(
        self,
        give: Callable[[Append], None],
        now: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        """`give` is how the Ledger gets it; `now` is monotonic."""
        self._give = give
        self._now = now
        self._call_later = call_later
        self._window = GatherWindow(now())
        self._waiting: list[Append] = []
        """For the end of the window."""

    def put(self, append: Append) -> None:
        now = self._now()
        self._window.said(len(append.room.audience), now)
        if self._waiting:
            self._waiting.append(append)
        elif self._window.open:
            self._waiting.append(append)
            self._call_later(self._window.delay(now), self.hand_over)
        else:
            self._give(append)

    def hand_over(self) -> None:
        """What waits, at once."""
        waiting, self._waiting = self._waiting, []
        self._window.delivering(self._now())
        for append in waiting:
            self._give(append)
