"""What the server is to reach, relative to its peers in the same run."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.table import OURS, Medians, number, ratio


@dataclass(frozen=True)
class Target:
    workload: str
    text: str
    value: Callable[[Medians], float | None]
    bound: float
    at_least: bool
    unit: str = ""

    def line(self, all_medians: Medians) -> str:
        """The target, what was measured, and whether that meets it."""
        sign = "≥" if self.at_least else "≤"
        value = self.value(all_medians)
        wanted = f"{self.workload:10} {self.text} {sign} {number(self.bound)}{self.unit}"
        if value is None:
            return f"{wanted:52} not measured"
        verdict = "met" if self.met(value) else "MISSED"
        return f"{wanted:52} {number(value) + self.unit:>10}  {verdict}"

    def met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound


def _ratio(workload: str, column: str, peer: str, bound: float, *, at_least: bool = True) -> Target:
    def value(all_medians: Medians) -> float | None:
        return ratio(all_medians, workload, column, peer)

    return Target(workload, f"{column} / {peer}'s", value, bound, at_least, "×")


def _own(workload: str, column: str, bound: float, *, at_least: bool, unit: str = "") -> Target:
    def value(all_medians: Medians) -> float | None:
        return all_medians.get(workload, {}).get(OURS, {}).get(column)

    return Target(workload, column, value, bound, at_least, unit)


def _behind(workload: str, column: str, peer: str, bound: float) -> Target:
    def value(all_medians: Medians) -> float | None:
        servers = all_medians.get(workload, {})
        ours, theirs = (servers.get(name, {}).get(column) for name in (OURS, peer))
        return None if ours is None or theirs is None else ours - theirs

    return Target(workload, f"{column} beyond {peer}'s", value, bound, at_least=False)


_RATE, _CPU = "kdeliv/s", "CPU s/M"

ALL = (
    _ratio("W1", _RATE, "inspircd", 0.9),
    _ratio("W1", _RATE, "naive", 8),
    _ratio("W1", _CPU, "inspircd", 1.3, at_least=False),
    _ratio("W1d", _RATE, "inspircd", 1.0),
    _ratio("W1d", _RATE, "nats", 1.5),
    _ratio("W1d", _RATE, "redis", 1.2),
    _ratio("W1d", _CPU, "inspircd", 1.3, at_least=False),
    _ratio("W2", _RATE, "inspircd", 1.2),
    _ratio("W2", _RATE, "nats", 1.5),
    _ratio("W3", _RATE, "inspircd", 1.0),
    _ratio("W3", _RATE, "nats", 1.5),
    _behind("W5", "p50 ms", "inspircd", 1.0),
    _ratio("W5", "p99 ms", "inspircd", 1.0, at_least=False),
    _own("W5h", "p99 ms", 15, at_least=False),
    _ratio("W5h", _CPU, "inspircd", 0.5, at_least=False),
    _own("W4-5k", "RSS B/conn", 4096, at_least=False),
    _own("W4-10k", "RSS B/conn", 4096, at_least=False),
    _own("W4-5k-tls", "RSS B/conn", 61_440, at_least=False),
    _own("W4-10k-tls", "RSS B/conn", 61_440, at_least=False),
    _own("W4-10k", "greeted/s", 3000, at_least=True),
    _own("W6", "server CPU s", 3, at_least=False),
    _own("W7", "page p99 ms", 2, at_least=False),
    _own("W7", "search p99 ms", 50, at_least=False),
)
