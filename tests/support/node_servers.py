"""Nodes of one Hall on loopback, in the test's own event loop, on a real engine."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from pychat.server.access import Access
from pychat.server.backplane.directory import MemoryDirectory
from pychat.server.backplane.interface import Backplane, Retention
from pychat.server.backplane.jetstream.ledger import JetStreamLedger
from pychat.server.backplane.jetstream.link import Link
from pychat.server.backplane.registry import MemoryRegistry
from pychat.server.cluster.entries import Rules
from pychat.server.cluster.node_server import NodeServer
from pychat.server.flood import FloodLimits
from pychat.server.hall import Clock
from pychat.server.lifecycle import hall_config
from pychat.server.listener import Listener, bind
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import RecordingReport, RunningHall
from tests.support.wire import Wire


class RunningNode:
    def __init__(
        self,
        server: NodeServer,
        port: int,
        link: Link,
        listener: Listener,
        report: RecordingReport,
        given_up: asyncio.Event,
    ) -> None:
        self.server = server
        self.report = report
        self.given_up = given_up
        self.dead = False
        self.port = port
        self.link = link
        self._listener = listener
        self._stopped = False

    async def stop(self) -> None:
        """At the first call. Raises ClusterError."""
        self._listener.close()
        if not self._stopped:
            self._stopped = True
            await self.server.stop()

    async def die(self) -> None:
        """Without a word to the others; its connections break."""
        self.dead = True
        self._listener.close()
        self.server.draining = True
        await self.link.close()
        for connection in list(self.server.connections):
            connection.abort()


@contextlib.asynccontextmanager
async def running_node(
    engine: str | Sequence[str],
    hall: str,
    folder: Path,
    *,
    name: str = "node",
    linger: float = 60.0,
    access: Access | None = None,
    flood: FloodLimits | None = None,
    clock: Clock = SYSTEM_CLOCK,
    keep: Retention | None = None,
) -> AsyncIterator[RunningNode]:
    """Serve until the block ends."""
    link = Link([engine] if isinstance(engine, str) else engine, name)
    config = msgspec.structs.replace(hall_config("Test Hall"), linger=linger)
    rules = Rules(linger=linger, access=access or Access(), operators=[], bounds={})
    backplane = Backplane(
        ledger=JetStreamLedger(link, hall, folder / name, retention=keep),
        directory=MemoryDirectory(clock.wall),
        registry=MemoryRegistry(),
    )
    report, given_up = RecordingReport(), asyncio.Event()
    server = NodeServer(
        config,
        backplane,
        report,
        clock=clock,
        flood=flood,
        link=link,
        cluster=hall,
        node=name,
        rules=rules,
        given_up=given_up.set,
    )
    listener = Listener(server, bind("127.0.0.1", 0), None)
    await server.start()
    listener.start_serving()
    port = listener.sockets[0].getsockname()[1]
    node = RunningNode(server, port, link, listener, report, given_up)
    try:
        yield node
    finally:
        Wire.abort_all()
        await node.stop()


class RunningCluster(RunningHall):
    """Several nodes that look like one Hall: whoever asks for the port gets the next one's."""

    def __init__(self, nodes: Sequence[RunningNode]) -> None:
        super().__init__(nodes[0].server, nodes[0].port, nodes[0].report)
        self._turn = itertools.cycle(node.port for node in nodes)

    @property
    def port(self) -> int:
        return next(self._turn)

    @port.setter
    def port(self, port: int) -> None:
        """That of the first, of which all others are as good."""


@contextlib.asynccontextmanager
async def running_cluster(engine: str, hall: str, folder: Path) -> AsyncIterator[RunningCluster]:
    async with contextlib.AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(running_node(engine, hall, folder, name=name))
            for name in ("one", "two", "three")
        ]
        yield RunningCluster(nodes)
