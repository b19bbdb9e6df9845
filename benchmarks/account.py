"""What a run of the benchmarks came to, as text: tables, what went wrong, targets."""

import textwrap
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import table, targets
from benchmarks.machine import Facts
from benchmarks.workloads.base import Workload

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
"""In a document, what stands between them is replaced."""

Run = Mapping[str, Any]


def tell(loads: Sequence[Workload], runs: Sequence[Run], all_medians: table.Medians) -> str:
    lines: list[str] = []
    for load in loads:
        if load.name in all_medians:
            lines += [*table.render(load.title, load.name, load.columns, all_medians), ""]
    lines += _faults(runs)
    chosen = {load.name for load in loads}
    lines += [each.line(all_medians) for each in targets.ALL if each.workload in chosen]
    return "\n".join(line.rstrip() for line in lines)


def _faults(runs: Sequence[Run]) -> list[str]:
    """What went wrong, each with its run."""
    lines = []
    for run in runs:
        found = [run["fault"]] if "fault" in run else run["figures"]["faults"]
        where = f"{run['workload']} {run['server']}, round {run['round']}"
        lines += [f"{where}: {each}" for each in found]
    return ["What went wrong:", *lines, ""] if lines else []


def put_into(document: Path, told: str, facts: Facts) -> None:
    """Put the account between the document's marks, with the machine and the day."""
    before, _, rest = document.read_text("utf-8").partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{document} has no lines {BEGIN} and {END} to put the tables between")
    named = ", ".join(f"{name} {value}" for name, value in facts.items())
    head = textwrap.fill(f"{time.strftime('%Y-%m-%d')}: {named}.", 100, break_on_hyphens=False)
    document.write_text(f"{before}{BEGIN}\n{head}\n\n```\n{told}\n```\n{END}{after}", "utf-8")
