"""A real Hall on loopback inside the test's own event loop."""

import contextlib
from collections.abc import AsyncIterator

import msgspec

from pychat.protocol.events import LoggedEvent
from pychat.server.access import Access
from pychat.server.backplane.directory import MemoryDirectory
from pychat.server.backplane.interface import Backplane, Directory, Ledger, Registry
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.registry import MemoryRegistry
from pychat.server.deadlines import Deadlines
from pychat.server.effects import Noted
from pychat.server.flood import FloodLimits
from pychat.server.hall import Clock
from pychat.server.lifecycle import hall_config
from pychat.server.listener import Listener, bind
from pychat.server.server import SYSTEM_CLOCK, Server
from pychat.server.tls import Encryption
from tests.support.wire import Wire


class RecordingReport:
    """Remembers what the operator would see."""

    def __init__(self) -> None:
        self.notes: list[Noted] = []
        self.events: list[LoggedEvent] = []

    def noted(self, note: Noted) -> None:
        self.notes.append(note)

    def said(self, event: LoggedEvent) -> None:
        self.events.append(event)


class RunningHall:
    """A server that listens; `port` is where."""

    def __init__(self, server: Server, port: int, report: RecordingReport) -> None:
        self.server = server
        self.port = port
        self.report = report

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def running_hall(
    ledger: Ledger | None = None,
    directory: Directory | None = None,
    *,
    registry: Registry | None = None,
    deadlines: Deadlines | None = None,
    clock: Clock = SYSTEM_CLOCK,
    linger: float | None = None,
    flood: FloodLimits | None = None,
    port: int = 0,
    tls: Encryption | None = None,
    access: Access | None = None,
) -> AsyncIterator[RunningHall]:
    """Serve until the block ends. What is not given of the backplane is fresh, in memory."""
    config = hall_config("Test Hall")
    if linger is not None:
        config = msgspec.structs.replace(config, linger=linger)
    if access is not None:
        config = msgspec.structs.replace(config, access=access)
    report = RecordingReport()
    backplane = Backplane(
        ledger=ledger or MemoryLedger(clock.wall),
        directory=directory or MemoryDirectory(clock.wall),
        registry=registry or MemoryRegistry(),
    )
    server = Server(config, backplane, report, clock=clock, deadlines=deadlines, flood=flood)
    listener = Listener(server, bind("127.0.0.1", port), tls)
    await server.start()
    listener.start_serving()
    try:
        yield RunningHall(server, listener.sockets[0].getsockname()[1], report)
    finally:
        # Else the server would wait for each of them to take its leave.
        Wire.abort_all()
        listener.close()
        await server.stop()
