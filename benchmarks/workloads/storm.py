"""Many people join one room, and each has to know of all in the end."""

from dataclasses import dataclass

from benchmarks import generator, procs
from benchmarks.servers.base import Server
from benchmarks.workloads.base import Figures, Pace, Workload

_LIMIT = 20.0
"""Seconds from the start to when all lists must be right."""


@dataclass(frozen=True)
class Storm(Workload):
    """The server's CPU time from the first `join` until every member's list is right."""

    members: int = 2_000

    columns = ("server CPU s", "seconds")
    rounds = 1

    def suits(self, server: Server) -> bool:
        return super().suits(server) and server.tells_presence

    def run(self, server: Server, pace: Pace) -> Figures:
        with procs.running(server) as process:
            options: dict[str, int | str] = {
                "protocol": server.protocol,
                "port": process.port,
                "pid": process.pid,
                "members": self.members,
                "at_once": server.at_once,
            }
            report = generator.run("storm", _LIMIT, **options)
        faults = [f"{report['lists_wrong']:,} faults in lists"] if report["lists_wrong"] else []
        if report["closed"]:
            faults.append(f"{report['closed']} connections were closed by the server")
        return {
            "server CPU s": report["server_cpu"],
            "seconds": report["seconds"],
            "load CPU": report["own_cpu"] / report["seconds"],
            "faults": faults,
            "report": report,
        }
