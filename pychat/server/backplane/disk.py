"""How long the disk takes to keep something for good, and what follows from that."""

import os
import statistics
import tempfile
import time
from collections import deque
from pathlib import Path

from pychat.server.counters import Histogram

QUICK = 0.001
"""Seconds. Where syncing takes no longer it is done on the loop: handing it to a thread and back
costs as much."""

SLOW = 0.003
"""Seconds. Where it takes longer the loop does not wait for it. Between the two it stays as it
was."""

_TRIES = 15
"""Whose median counts: a single slow one, or a few, tell nothing."""


class DiskSpeed:
    """Whether the disk is quick enough for the loop, by the commits that were made lately."""

    def __init__(self, sync_seconds: float, commits: Histogram | None = None) -> None:
        """`commits` gets how long each of them took."""
        self._commits = commits or Histogram()
        self.quick = sync_seconds <= QUICK
        self._taken: deque[float] = deque(maxlen=_TRIES)

    def took(self, seconds: float) -> None:
        """A commit has: its end alone, which writes and syncs."""
        self._commits.add(seconds)
        self._taken.append(seconds)
        if len(self._taken) < _TRIES:
            return
        median = statistics.median(self._taken)
        if median > SLOW if self.quick else median <= QUICK:
            self.quick = not self.quick
            self._taken.clear()


def measure_sync(folder: Path) -> float:
    """Seconds, the median of some tries on a file that is gone afterwards. Raises OSError."""
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_TRIES):
            file.write(b"x" * 4096)
            start = time.perf_counter()
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)
