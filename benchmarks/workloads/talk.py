"""People talk in rooms."""

from dataclasses import dataclass

from benchmarks import generator, procs
from benchmarks.servers.base import Server
from benchmarks.workloads.base import Figures, Pace, Workload


@dataclass(frozen=True)
class Talk(Workload):
    """Closed loop with `in_flight` messages of each sender, or open loop with `rate`."""

    rooms: int = 1
    members: int = 100
    senders: int = 10
    """Of each room."""
    in_flight: int = 0
    rate: int = 0
    """Messages a second, in all."""
    plain_acks: bool = False

    columns = ("kdeliv/s", "CPU s/M", "p50 ms", "p99 ms", "p99.9 ms", "deliv/read")

    def run(self, server: Server, pace: Pace) -> Figures:
        with procs.running(server) as process:
            report = generator.run(
                "talk",
                pace.warmup + pace.measure + generator.SLACK,
                protocol=server.protocol,
                port=process.port,
                pid=process.pid,
                rooms=self.rooms,
                members=self.members,
                senders=self.senders,
                in_flight=self.in_flight,
                rate=self.rate,
                plain_acks=int(self.plain_acks),
                at_once=server.at_once,
                settle=server.settle,
                warmup=pace.warmup,
                measure=pace.measure,
            )
            return figures(report) | {"rss": process.memory().rss}


def figures(report: generator.Report) -> Figures:
    """A load's counts as rates, with what went wrong in it as sentences."""
    deliveries, seconds = report["deliveries"], report["seconds"]
    latency = report["latency_ms"]
    return {
        "kdeliv/s": deliveries / seconds / 1e3,
        "CPU s/M": report["server_cpu"] / deliveries * 1e6 if deliveries else None,
        "p50 ms": latency.get("p50"),
        "p99 ms": latency.get("p99"),
        "p99.9 ms": latency.get("p999"),
        "deliv/read": deliveries / report["reads"] if report["reads"] else None,
        "server CPU": report["server_cpu"] / seconds,
        "load CPU": report["own_cpu"] / seconds,
        "faults": faults(report),
        "report": report,
    }


def faults(report: generator.Report) -> list[str]:
    found = []
    missing = report["all_due"] - report["all_deliveries"]
    if missing > 0:
        found.append(f"{missing:,} of {report['all_due']:,} deliveries did not come within 5 s")
    if missing < 0:
        found.append(f"{-missing:,} deliveries more came than were due")
    if report["closed"]:
        found.append(f"{report['closed']} connections were closed by the server")
    if report["disorder"]:
        found.append(f"{report['disorder']} messages came out of order")
    if report["confirms"] and report["confirmed"] != report["all_sends"]:
        found.append(f"{report['confirmed']:,} of {report['all_sends']:,} sends were confirmed")
    return found
