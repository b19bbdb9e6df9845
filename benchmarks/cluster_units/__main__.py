"""Units of cost of a Hall of several nodes, as a table and as JSON.

    python -m benchmarks.cluster_units [--rounds 3] [--json FILE] [--only plane,one,three]

`plane` is the Hall's log by itself, in this process; `one` and `three` are three nodes on so many
servers of NATS that sync each write. Processor time is what counts: rates are not measured, and
what else the machine does makes it dearer by a third or so, which the lowest and the highest of the
rounds tell.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks import machine
from benchmarks.cluster_units import nodes, plane
from tests.support.engines import running, three

RESULTS = Path(__file__).parent.parent / "results"

Figures = dict[str, dict[str, float]]
"""By what happens, and then by what it costs whom."""

PARTS = ("plane", "one", "three")


def measure(part: str, folder: Path) -> Figures:
    if part == "plane":
        return plane.measure()
    found: Figures = {}
    for number, of in enumerate((nodes.of_messages, nodes.of_people)):
        where = folder / str(number)
        if part == "three":
            with three(where / "nats") as engines:
                found |= asyncio.run(of(engines, where))
        else:
            with running(where / "nats") as engine:
                found |= asyncio.run(of([engine], where))
    return found


def merged(rounds: list[Figures]) -> dict[str, dict[str, list[float]]]:
    """All rounds' figures, in their order."""
    return {
        title: {name: [each[title][name] for each in rounds if name in each[title]] for name in row}
        for title, row in rounds[0].items()
    }


def told(part: str, rounds: list[Figures]) -> Iterator[str]:
    """Lines: the median, and the lowest and highest."""
    for title, row in merged(rounds).items():
        yield f"{part}, {title}"
        for name, values in row.items():
            low, high = f"{min(values):,.1f}", f"{max(values):,.1f}"
            yield f"    {name:36} {median(values):12,.1f}   {low} to {high}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, default=None, metavar="FILE")
    parser.add_argument("--only", default=",".join(PARTS), metavar="PART,...")
    options = parser.parse_args()
    facts = machine.facts()
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for part in options.only.split(","):
        rounds = []
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory(prefix="pychat-bench-") as folder:
                rounds.append(measure(part, Path(folder)))
        found[part] = merged(rounds)
        sys.stdout.writelines(f"{line}\n" for line in told(part, rounds))
        sys.stdout.flush()
    RESULTS.mkdir(exist_ok=True)
    file = options.json or RESULTS / f"{time.strftime('%Y-%m-%d-%H%M%S')}-cluster-units.json"
    file.write_text(json.dumps({"machine": facts, "rounds": options.rounds, "found": found}))


if __name__ == "__main__":
    main()
