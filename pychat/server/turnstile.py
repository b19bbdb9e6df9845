"""What those cost the loop who come: a little at a time, so that what is said by those who are in
comes between. Who comes alone waits for nothing; where nobody says anything they have all of the
loop, in slices still."""

import time
from collections import deque
from collections.abc import Callable

Work = Callable[[], float]
"""What it will cost the loop beside the call itself it tells, in seconds."""

SLICE = 0.001
"""Seconds of the loop for those who come, in each PERIOD; what begins in it is carried out."""

PERIOD = 0.004
"""Seconds. So a quarter of the loop's time is theirs: some 2,000 logins a second, and 500
handshakes."""

QUIET = 1.0
"""Seconds after which, when nothing was said in them, nobody is taken to talk."""

MOST_SLICES = 8
"""At once, where the machine is so busy that a period takes longer: the quarter remains theirs."""


class Turnstile:
    """Work in the order in which it came. As much can wait as there can be connections."""

    def __init__(
        self,
        call_later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._call_later = call_later
        self._clock = clock
        self._waiting: deque[Work] = deque()
        self._spent = 0.0
        self._turning = False
        self._turned = 0.0
        """When the period began."""
        self._spoken = float("-inf")
        """When somebody said something."""

    @property
    def is_quiet(self) -> bool:
        return self._clock() - self._spoken >= QUIET

    def others_spoke(self) -> None:
        """Somebody who is in has said something just now."""
        self._spoken = self._clock()

    def put(self, work: Work) -> None:
        """Done at once if there is time left for it, else as soon as there is."""
        if self._spent >= SLICE:
            self._waiting.append(work)
            return
        if not self._turning:
            self._turn_later()
        self._do(work)

    def _turn(self) -> None:
        self._turning = False
        periods = min((self._clock() - self._turned) / PERIOD, MOST_SLICES)
        self._spent = min(0.0, SLICE * (1 - periods))
        if self._waiting:
            self._turn_later()
        while self._waiting and self._spent < SLICE:
            self._do(self._waiting.popleft())
        self._spent = max(0.0, self._spent)

    def _turn_later(self) -> None:
        self._turning = True
        self._turned = self._clock()
        self._call_later(0.0 if self.is_quiet else PERIOD, self._turn)

    def _do(self, work: Work) -> None:
        began, later = self._clock(), 0.0
        try:
            later = work()
        finally:
            self._spent += self._clock() - began + later
