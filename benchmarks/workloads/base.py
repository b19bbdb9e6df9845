"""What a workload is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.servers.base import Server

Figures = dict[str, Any]
"""By column, numbers; besides `faults`, sentences on what went wrong, and what else is kept."""


@dataclass(frozen=True)
class Pace:
    """Seconds of a load before and in its window."""

    warmup: float = 1.0
    measure: float = 3.0


QUICK = Pace(warmup=0.5, measure=1.5)


@dataclass(frozen=True)
class Workload(ABC):
    name: str
    title: str
    only: frozenset[str] = frozenset()
    """The servers that it is for; empty for all."""

    columns: ClassVar[tuple[str, ...]] = ()
    """What the table shows, in order."""
    rounds: ClassVar[int] = 3
    """At most: where a figure hardly varies, one round is enough."""

    def suits(self, server: Server) -> bool:
        return (not self.only or server.name in self.only) and self.name not in server.too_much

    @abstractmethod
    def run(self, server: Server, pace: Pace) -> Figures:
        """Once, against a server that is started for it. Raises LoadError and ServerError."""
