"""Nodes of one Hall on loopback, in the test's own event loop, on a real engine."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from pychat.server.access import Access
from pychat.server.backplane.directory import MemoryDirectory
from pychat.server.backplane.interface import Backplane
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
from tests.support.hall import RecordingReport
from tests.support.wire import Wire


class RunningNode:
    def __init__(self, server: NodeServer, port: int, link: Link, listener: Listener) -> None:
        self.server = server
        self.dead = False
        self.port = port
        self.link = link
        self._listener = listener

    async def stop(self) -> None:
        self._listener.close()
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
) -> AsyncIterator[RunningNode]:
    """Serve until the block ends."""
    link = Link([engine] if isinstance(engine, str) else engine, name)
    config = msgspec.structs.replace(hall_config("Test Hall"), linger=linger)
    rules = Rules(linger=linger, access=access or Access(), operators=[], bounds={})
    backplane = Backplane(
        ledger=JetStreamLedger(link, hall, folder / name),
        directory=MemoryDirectory(clock.wall),
        registry=MemoryRegistry(),
    )
    server = NodeServer(
        config,
        backplane,
        RecordingReport(),
        clock=clock,
        flood=flood,
        link=link,
        cluster=hall,
        node=name,
        rules=rules,
    )
    listener = Listener(server, bind("127.0.0.1", 0), None)
    await server.start()
    await listener.start_serving()
    node = RunningNode(server, listener.sockets[0].getsockname()[1], link, listener)
    try:
        yield node
    finally:
        Wire.abort_all()
        await node.stop()
