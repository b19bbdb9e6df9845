"""What Prometheus is told: made of the server's counters when it asks, and of nothing in between.

No name of a person or a room is in it.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

from pychat import __version__
from pychat.server.counters import Histogram
from pychat.server.server import Server

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily | InfoMetricFamily


def exposition(
    server: Server, commits: Histogram, turned_away: Callable[[], Mapping[str, int]]
) -> Callable[[], bytes]:
    """What makes the text; to be called on the loop. `commits` has how long those took,
    `turned_away` who got no further than the door, by the reason."""
    registry = CollectorRegistry()
    registry.register(HallCollector(server, commits, turned_away))
    ProcessCollector(registry=registry)
    return lambda: generate_latest(registry)


class HallCollector(Collector):
    def __init__(
        self, server: Server, commits: Histogram, turned_away: Callable[[], Mapping[str, int]]
    ) -> None:
        self._server = server
        self._commits = commits
        self._turned_away = turned_away

    def describe(self) -> list[Family]:
        """Nothing in advance: there may be no Hall yet."""
        return []

    def collect(self) -> Iterator[Family]:
        server, counted = self._server, self._server.counters
        yield InfoMetricFamily("pychat", "This program", {"version": __version__})
        yield _gauge("connections", "Open now, greeted or not", len(server.connections))
        backlogs = [connection.outbox.backlog for connection in server.connections]
        yield _gauge("backlog_bytes", "Waiting for readers in all", sum(backlogs))
        waited_for = sum(backlog > 0 for backlog in backlogs)
        yield _gauge("backlogged_connections", "Whose reader is waited for", waited_for)
        yield _gauge("users", "In the Hall, lingering ones too", len(server.hall.register.by_key))
        yield _gauge("rooms", "Without those of two", len(server.hall.rooms))
        for figure in server.figures():
            yield _gauge(*figure)
        yield _count("accepted_connections", "That were let in", counted.accepted)
        yield _count("commits", "Batches that became durable", counted.commits)
        yield _count("events", "Logged events that became durable", counted.events)
        yield _count("deliveries", "Of logged events to connections", counted.deliveries)
        yield _counts("refusals", "Commands answered with an error", "code", counted.refusals)
        yield _counts("closings", "Connections that the server closed", "code", counted.byes)
        turned_away = self._turned_away()
        yield _counts("turned_away", "Who got no further than the door", "reason", turned_away)
        yield _histogram("loop_lag_seconds", "How late the loop was, each tick", counted.lag)
        yield _histogram("commit_seconds", "How long the disk took for one", self._commits)


def _gauge(name: str, about: str, value: float) -> Family:
    return GaugeMetricFamily(f"pychat_{name}", about, value)


def _count(name: str, about: str, value: float) -> Family:
    return CounterMetricFamily(f"pychat_{name}", about, value)


def _counts(name: str, about: str, label: str, values: Mapping[str, int]) -> Family:
    family = CounterMetricFamily(f"pychat_{name}", about, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family


def _histogram(name: str, about: str, values: Histogram) -> Family:
    upto, buckets = 0, []
    for bound, count in zip((*values.bounds, float("inf")), values.counts, strict=True):
        upto += count
        buckets.append((str(bound) if bound != float("inf") else "+Inf", upto))
    return HistogramMetricFamily(f"pychat_{name}", about, buckets, values.total)
