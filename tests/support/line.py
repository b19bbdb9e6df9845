"""A connection between a fake transport and a fake server."""

import json
from collections.abc import Callable
from typing import Any

from pychat.protocol import commands
from pychat.protocol.framing import FrameReader, frame
from pychat.server.connection import Connection
from pychat.server.counters import Counters
from pychat.server.deadlines import Deadlines
from tests.support.transport import FakeTransport

DEADLINES = Deadlines(
    login=10, frame=15, silence=20, dead=45, backlog=10, farewell=2, slow_farewell=5
)


class FakeTimer:
    """What is to be called at a time, unless it is cancelled."""

    def __init__(self, when: float, callback: Callable[[], None]) -> None:
        self.when, self.callback = when, callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeServer:
    """Notes what a connection tells it, and runs what it asks for when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.draining = False
        self.budgets = None
        self.counters = Counters()
        self.commands: list[commands.AnyCommand] = []
        self.soon: list[Callable[[], None]] = []
        self.timers: list[FakeTimer] = []
        self.log: list[str] = []

    def now(self) -> float:
        return self.seconds

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.soon.append(callback)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> "FakeTimer":
        timer = FakeTimer(self.seconds + seconds, callback)
        self.timers.append(timer)
        return timer

    def turn(self) -> None:
        soon, self.soon = self.soon, []
        for callback in soon:
            callback()

    def connected(self, connection: Connection) -> None:
        self.log.append("connected")

    def disconnected(self, connection: Connection) -> None:
        self.log.append("disconnected")

    def lost(self, connection: Connection) -> None:
        self.log.append("lost")

    def received(self, connection: Connection, command: commands.AnyCommand) -> None:
        self.commands.append(command)

    def flush_later(self, connection: Connection) -> None:
        self.call_soon(connection.flush)


class Line:
    """Both ends of one connection."""

    def __init__(self, *, greeted: bool = True) -> None:
        self.server = FakeServer()
        self.transport = FakeTransport()
        self.connection = Connection(self.server)  # type: ignore[arg-type]  # as far as it is used
        self.connection.connection_made(self.transport)
        if greeted:
            self.connection.greet()
        self._ids = 0

    def ping(self, count: int = 1) -> bytes:
        data = b""
        for _ in range(count):
            self._ids += 1
            data += frame(json.dumps({"type": "ping", "id": self._ids}).encode())
        return data

    def receive(self, data: bytes) -> None:
        self.connection.data_received(data)

    def sent(self) -> list[dict[str, Any]]:
        reader = FrameReader(2**20)
        reader.feed(b"".join(self.transport.written))
        return [json.loads(payload) for payload in iter(reader.read, None)]

    def bye(self) -> str:
        last = self.sent()[-1]
        assert last["type"] == "bye"
        return str(last["code"])

    def after(self, seconds: float) -> None:
        self.server.seconds += seconds
        self.connection.sweep(self.server.seconds, DEADLINES)

    @property
    def ids(self) -> list[int]:
        return [command.id for command in self.server.commands]
