"""The server's workloads, each against pychat and, in turn, against its peers.

python -m benchmarks [--only W1,W3] [--servers pychat,inspircd] [--rounds 3] [--quick]
                     [--json FILE] [--document docs/benchmarks.md]
"""

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import account, generator, machine, procs, servers, table, workloads
from benchmarks.servers.base import Server
from benchmarks.workloads.base import QUICK, Pace, Workload

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped
    reason = generator.missing()
    if reason:
        print(f"The benchmarks are skipped: {reason}.")
        return 0
    generator.build()
    facts = {**machine.facts(), "rounds": options.rounds, "quick": str(options.quick)}
    chosen = _installed([servers.BY_NAME[name] for name in options.servers])
    loads = [workloads.BY_NAME[name] for name in options.only]
    pace = QUICK if options.quick else Pace()
    runs: list[dict[str, Any]] = []
    try:
        for load in loads:
            suited = [server for server in chosen if load.suits(server)]
            for number in range(1, min(options.rounds, load.rounds) + 1):
                runs.extend(_run(load, server, pace, number) for server in suited)
            print()
    except KeyboardInterrupt:
        print("\nInterrupted; this is what there is.\n")
    all_medians = table.medians(run for run in runs if "figures" in run)
    told = account.tell(loads, runs, all_medians)
    print(told)
    _save(options.json, {"machine": facts, "medians": all_medians, "runs": runs})
    if options.document:
        account.put_into(options.document, told, facts)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names(workloads.BY_NAME), default=list(workloads.BY_NAME))
    parser.add_argument("--servers", type=_names(servers.BY_NAME), default=list(servers.BY_NAME))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="half as long; to tune by")
    parser.add_argument("--json", type=Path, default=None, metavar="FILE")
    parser.add_argument(
        "--document", type=Path, default=None, metavar="FILE", help="put the tables into its text"
    )
    return parser.parse_args()


def _names(known: dict[str, Any]) -> Any:
    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        unknown = [name for name in chosen if name not in known]
        if unknown:
            there = ", ".join(known)
            raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}; there are {there}")
        return chosen

    return parse


def _installed(wanted: list[Server]) -> list[Server]:
    chosen = []
    for server in wanted:
        reason = server.missing()
        if reason:
            print(f"{server.name} is left out: {reason}.")
        else:
            chosen.append(server)
    return chosen


def _run(load: Workload, server: Server, pace: Pace, number: int) -> dict[str, Any]:
    """One run, told in one line; a failed one is told and kept without figures."""
    run: dict[str, Any] = {"workload": load.name, "server": server.name, "round": number}
    try:
        figures = load.run(server, pace)
    except (generator.LoadError, procs.ServerError) as fault:
        print(f"{load.name} {number} {server.name}: {fault}", flush=True)
        return run | {"fault": str(fault)}
    told = [
        f"{column} {table.number(figures[column])}"
        for column in load.columns
        if figures.get(column) is not None
    ]
    print(
        f"{load.name} {number} {server.name}: " + ", ".join([*told, *figures["faults"]]), flush=True
    )
    return run | {"figures": figures}


def _save(file: Path | None, saved: dict[str, Any]) -> None:
    if file is None:
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / time.strftime("%Y-%m-%d-%H%M%S.json")
    file.write_text(json.dumps(saved, indent=1))
    print(f"\nWritten to {file}.")


if __name__ == "__main__":
    sys.exit(main())
