"""A node of a Hall, of its settings."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pychat.server.backplane.directory import MemoryDirectory
from pychat.server.backplane.interface import Backplane
from pychat.server.backplane.registry import SqliteRegistry
from pychat.server.cluster.entries import Rules
from pychat.server.cluster.faults import ClusterError
from pychat.server.counters import Histogram
from pychat.server.hall import HallConfig
from pychat.server.server import SYSTEM_CLOCK, Report
from pychat.server.settings.applying import access, deadlines, flood, operators, retention
from pychat.server.settings.schema import Settings, options

if TYPE_CHECKING:
    from pychat.server.cluster.node_server import NodeServer

_OWN_BOUNDS = frozenset(
    {
        "CONNECTIONS",
        "CONNECTIONS_PER_ADDRESS",
        "CONNECTIONS_PER_NETWORK",
        "CONNECTS_PER_ADDRESS",
        "CONNECTS_PER_NETWORK",
        "CONNECTS_TIME",
        "BACKLOG_BYTES",
        "ATTEMPTS",
    }
)
"""Of the section `limits`: what is each node's own business."""


def rules_of(settings: Settings) -> Rules:
    """The settings that hold for all nodes."""
    bounds: dict[str, int | float] = {}
    for option in options().values():
        if option.section == "limits" and option.bound and option.bound not in _OWN_BOUNDS:
            bounds[option.bound] = getattr(settings.limits, option.field)
    keep = retention(settings)
    return Rules(
        linger=settings.deadlines.linger,
        access=access(settings),
        operators=sorted(operators(settings)),
        bounds=bounds,
        keep_age=keep.max_age,
        keep_messages=keep.max_messages,
    )


def node_server(
    settings: Settings,
    config: HallConfig,
    report: Report,
    data: Path,
    given_up: Callable[[], None],
) -> "tuple[NodeServer, Backplane]":
    """`given_up` as NodeServer's. Raises ClusterError."""
    try:
        from pychat.server.backplane.jetstream.ledger import JetStreamLedger
        from pychat.server.backplane.jetstream.link import Link
        from pychat.server.cluster.node_server import NodeServer
    except ModuleNotFoundError as fault:
        raise ClusterError(
            f"a cluster needs the package {fault.name}: install pychat[cluster]"
        ) from None
    if (data / "hall.db").exists():
        raise ClusterError(
            f"{data} has the log of a Hall by itself; give this node a folder of its own, with "
            "--data"
        )
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = settings.cluster
    name = told.node or socket.gethostname()
    link, commits = Link(told.servers, name), Histogram()
    backplane = Backplane(
        ledger=JetStreamLedger(
            link, told.streams, data, retention=retention(settings), commits=commits
        ),
        directory=MemoryDirectory(SYSTEM_CLOCK.wall),
        registry=SqliteRegistry(data / "people.db"),
        commits=commits,
    )
    server = NodeServer(
        config,
        backplane,
        report,
        deadlines=deadlines(settings),
        flood=flood(settings),
        link=link,
        cluster=told.streams,
        node=name,
        rules=rules_of(settings),
        monitors=told.monitors,
        given_up=given_up,
    )
    return server, backplane
