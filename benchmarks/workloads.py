"""The workloads by name: what is done, and what comes of one run."""

from dataclasses import dataclass, field
from typing import Any

from benchmarks import generator, procs
from benchmarks.servers.base import Server


@dataclass(frozen=True)
class Pace:
    """Seconds."""

    warmup: float = 1.0
    measure: float = 3.0


QUICK = Pace(warmup=0.5, measure=1.5)


@dataclass(frozen=True)
class Talk:
    """People talk in rooms: closed loop with `in_flight`, open loop with `rate`."""

    name: str
    title: str
    rooms: int = 1
    members: int = 100
    senders: int = 10
    """Of each room."""
    in_flight: int = 0
    rate: int = 0
    """Messages a second, in all."""
    plain_acks: bool = False
    columns: tuple[str, ...] = ("kdeliv/s", "CPU s/M", "p50 ms", "p99 ms", "p99.9 ms")
    only: frozenset[str] = field(default_factory=frozenset)
    """Servers; empty for all."""

    def run(self, server: Server, pace: Pace) -> dict[str, Any]:
        limit = pace.warmup + pace.measure + generator.SLACK
        with procs.running(server) as process:
            report = generator.run(
                "talk",
                limit,
                protocol=server.protocol,
                port=process.port,
                pid=process.pid,
                rooms=self.rooms,
                members=self.members,
                senders=self.senders,
                in_flight=self.in_flight,
                rate=self.rate,
                plain_acks=int(self.plain_acks),
                settle=server.settle,
                warmup=pace.warmup,
                measure=pace.measure,
            )
            return figures(report) | {"memory": process.memory()}


def figures(report: generator.Report) -> dict[str, Any]:
    """A load's counts as rates, with what went wrong in it as sentences."""
    deliveries, seconds = report["deliveries"], report["seconds"]
    latency = report["latency_ms"]
    faults = []
    if report["all_deliveries"] != report["all_due"]:
        short = report["all_due"] - report["all_deliveries"]
        faults.append(f"{short:,} of {report['all_due']:,} deliveries did not come within 5 s")
    if report["closed"]:
        faults.append(f"{report['closed']} connections were closed by the server")
    if report["disorder"]:
        faults.append(f"{report['disorder']} messages came out of order")
    if report["confirms"] and report["confirmed"] != report["all_sends"]:
        faults.append(f"{report['confirmed']:,} of {report['all_sends']:,} sends were confirmed")
    return {
        "kdeliv/s": deliveries / seconds / 1e3,
        "CPU s/M": report["server_cpu"] / deliveries * 1e6 if deliveries else None,
        "p50 ms": latency.get("p50"),
        "p99 ms": latency.get("p99"),
        "p99.9 ms": latency.get("p999"),
        "server CPU": report["server_cpu"] / seconds,
        "load CPU": report["own_cpu"] / seconds,
        "faults": faults,
        "report": report,
    }


ALL = (
    Talk("W1", "one room of 100, 10 senders with 1 message in flight", in_flight=1),
    Talk("W1d", "one room of 100, 10 senders with 8 messages in flight", in_flight=8),
    Talk(
        "W2",
        "50 rooms of 20, 2 senders each with 1 message in flight",
        rooms=50,
        members=20,
        senders=2,
        in_flight=1,
    ),
    Talk("W3", "one room of 1,000, 10 senders with 1 in flight", members=1000, in_flight=1),
    Talk("W5", "200 messages/s into a room of 100, open loop", rate=200),
    Talk("W5h", "1,000 messages/s into a room of 100, open loop", rate=1000),
    Talk(
        "W1p",
        "W1 with receivers that delay their ACKs as by default",
        in_flight=1,
        plain_acks=True,
    ),
)
BY_NAME = {workload.name: workload for workload in ALL}
