"""Connections that say nothing after they were greeted."""

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import generator, procs
from benchmarks.servers.base import Server
from benchmarks.workloads.base import Figures, Pace, Workload

_LIMIT = 60.0
"""Seconds until all must be greeted."""
_REST = 1.0
"""Seconds after the last greeting, in which a server lets go of what it took for it."""


@dataclass(frozen=True)
class Idle(Workload):
    """Memory of the server before and after, divided by their number."""

    connections: int = 5_000
    tls: bool = False

    columns = ("RSS B/conn", "PSS B/conn", "greeted/s", "CPU ms/conn")
    rounds = 1

    def suits(self, server: Server) -> bool:
        encrypted = server.tls_arguments(0, Path(), Path()) is not None
        return super().suits(server) and (encrypted or not self.tls)

    def run(self, server: Server, pace: Pace) -> Figures:
        with procs.running(server, tls=self.tls) as process:
            before = process.memory()
            options: dict[str, int | str] = {
                "protocol": server.protocol,
                "port": process.port,
                "pid": process.pid,
                "members": self.connections,
                "at_once": server.at_once,
                "tls": int(self.tls),
            }
            with generator.held(_LIMIT, **options) as report:
                time.sleep(_REST)
                after = process.memory()
        return {
            "RSS B/conn": (after.rss - before.rss) / self.connections,
            "PSS B/conn": (after.pss - before.pss) / self.connections,
            "greeted/s": self.connections / report["seconds"],
            "CPU ms/conn": report["server_cpu"] / self.connections * 1e3,
            "load CPU": report["own_cpu"] / report["seconds"],
            "faults": [],
            "report": report,
        }
