"""One measured number with its target, as a line and as JSON."""

from collections.abc import Sequence
from statistics import median

import msgspec


class Figure(msgspec.Struct):
    name: str
    value: float
    unit: str
    target: float | None = None
    """At most; None where there is none and it only explains the others."""
    runs: list[float] = []
    """What `value` is the median of."""

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.value <= self.target

    def line(self) -> str:
        shown = f"{self.name:<52}{self.value:9.1f} {self.unit:<7}"
        if self.target is not None:
            verdict = "met" if self.met else "MISSED"
            shown += f" target {self.target:5.0f}  {verdict}"
        if len(self.runs) > 1:
            shown += f"  ({min(self.runs):.1f} to {max(self.runs):.1f})"
        return shown.rstrip()


def of_runs(name: str, runs: Sequence[float], unit: str, target: float | None = None) -> Figure:
    return Figure(name, median(runs), unit, target, list(runs))


def quantile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
