"""From runs to medians, ratios and text."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

Figures = Mapping[str, Any]
Medians = dict[str, dict[str, dict[str, float]]]
"""By workload, server and column."""

OURS = "pychat"


def medians(runs: Iterable[Figures]) -> Medians:
    """Of runs {workload, server, figures}; columns without a number in any round are left out."""
    gathered: dict[str, dict[str, dict[str, list[float]]]] = {}
    for run in runs:
        columns = gathered.setdefault(run["workload"], {}).setdefault(run["server"], {})
        for column, value in run["figures"].items():
            if isinstance(value, int | float):
                columns.setdefault(column, []).append(value)
    return {
        workload: {
            server: {column: median(values) for column, values in columns.items()}
            for server, columns in servers.items()
        }
        for workload, servers in gathered.items()
    }


def ratio(all_medians: Medians, workload: str, column: str, peer: str) -> float | None:
    """Ours divided by the peer's; None where either was not measured."""
    servers = all_medians.get(workload, {})
    ours = servers.get(OURS, {}).get(column)
    theirs = servers.get(peer, {}).get(column)
    return ours / theirs if ours is not None and theirs else None


def render(title: str, workload: str, columns: Sequence[str], all_medians: Medians) -> list[str]:
    """Lines: one server each, its figures, and in brackets ours divided by its; `load` is the share
    of a core that the load generator took."""
    head = f"{'':10}" + "".join(f"{column:>16}" for column in columns)
    lines = [f"{workload}: {title}", head]
    for server, figures in all_medians.get(workload, {}).items():
        cells = [_cell(all_medians, workload, column, server) for column in columns]
        load = figures.get("load CPU")
        note = f"   load {load:.0%}" if load is not None else ""
        lines.append(f"{server:10}" + "".join(f"{cell:>16}" for cell in cells) + note)
    return lines


def _cell(all_medians: Medians, workload: str, column: str, server: str) -> str:
    value = all_medians[workload][server].get(column)
    if value is None:
        return "-"
    ours = ratio(all_medians, workload, column, server)
    text = number(value)
    return text if server == OURS or ours is None else f"{text} [{ours:.2f}]"


def number(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
