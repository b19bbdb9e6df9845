"""What has happened since the server began, in plain numbers: counted where it costs one addition
a commit, a reply that refuses or a quarter of a second, and looked at by whoever asks."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Bounds of how long something took: from a quick disk to one that everybody notices."""


class Histogram:
    """How many measurements there were up to each bound, and above the last."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Figure(NamedTuple):
    """Something as it is now."""

    name: str
    about: str
    value: float


class Counters:
    def __init__(self) -> None:
        self.accepted = 0
        """Connections that were let in."""
        self.commits = 0
        self.events = 0
        """Made durable by those."""
        self.deliveries = 0
        """Of events, one for each connection."""
        self.refusals: Counter[str] = Counter()
        """Commands that were answered with an error, by its code."""
        self.byes: Counter[str] = Counter()
        """Connections that the server closed, by the code of their `bye`."""
        self.lag = Histogram()
        """By how much the event loop was late for what is to be done every quarter of a second."""
