"""The operator's socket: `admin.sock` in the data folder, for its owner alone.

Each line is a JSON object, a request with an `id`; each gets one line, with that `id`. What people
do in the Hall is not told there.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from pychat.protocol import replies
from pychat.protocol.codec import encode
from pychat.protocol.errors import Refused
from pychat.server import administering, unixsocket
from pychat.server.administering import (
    Asked,
    Figures,
    Reload,
    Reloaded,
    Stats,
)

if TYPE_CHECKING:
    from pychat.server.reloading import Outcome
    from pychat.server.server import Server

SOCKET = "admin.sock"
"""In the data folder."""

CONSOLES = 8
"""At one time: a person, a script and what they forgot. More are closed at once."""

LINE_BYTES = 65_536
"""Of one request, as much as a member's command may have; and of those that wait."""

_log = logging.getLogger("pychat.admin")
_decode = msgspec.json.Decoder(Asked).decode


class AdminSocket:
    def __init__(self, server: "Server", path: Path, reload: "Callable[[], Outcome]") -> None:
        """`reload` reads the settings again."""
        self.server = server
        self.reload = reload
        self.consoles: set[Console] = set()
        self._path = path
        self._listener: asyncio.Server | None = None

    async def open(self) -> None:
        """A Hall that cannot have a socket is open all the same; its report says so."""
        administering.trust(self.server.hall)
        loop = asyncio.get_running_loop()
        try:
            sock = unixsocket.listen(self._path)
            self._listener = await loop.create_unix_server(lambda: Console(self), sock=sock)
        except (OSError, AttributeError, NotImplementedError) as fault:
            _log.warning("`pychat admin` cannot be used, since %s: %s", self._path, fault)

    def close(self) -> None:
        if self._listener is None:
            return
        self._listener.close()
        for console in list(self.consoles):
            console.abort()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


class Console(asyncio.Protocol):
    """One of the socket's connections: to the Hall a peer as others are."""

    def __init__(self, admin: AdminSocket) -> None:
        self._admin = admin
        self._user = administering.console(self)
        self._received = b""
        self.busy = False
        """What was asked last waits for the disk."""
        self._full = False
        """Answers wait for whoever is to read them."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none by their class.
        self._transport = cast(asyncio.Transport, transport)
        self._admin.consoles.add(self)
        allowed = unixsocket.is_of_the_owner(transport.get_extra_info("socket"))
        if not allowed or len(self._admin.consoles) > CONSOLES:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._admin.consoles.discard(self)

    def abort(self) -> None:
        self._transport.abort()

    def pause_writing(self) -> None:
        self._full = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._full = False
        self._transport.resume_reading()
        self.work()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self.work()

    def work(self) -> None:
        """Carry out what has arrived, one after the other."""
        while not (self.busy or self._full or self._transport.is_closing()):
            if b"\n" not in self._received:
                break
            line, _, self._received = self._received.partition(b"\n")
            self._carry_out(line)
        if len(self._received) > LINE_BYTES:
            text = f"at most {LINE_BYTES} bytes of requests may wait, and one has no more"
            self.send(replies.error("bad-request", text))
            self._transport.close()

    def send(self, message: object) -> None:
        """An answer; nothing else is told here."""
        if isinstance(message, replies.Reply | replies.Error) and not self._transport.is_closing():
            self._transport.write(encode(message) + b"\n")

    def _carry_out(self, line: bytes) -> None:
        try:
            asked = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            self.send(replies.error("bad-request", str(fault)[:200]))
            return
        try:
            self._obey(asked)
        except Refused as refusal:
            self.send(replies.error(refusal.code, refusal.text, asked.id))
        except Exception:  # noqa: BLE001  # the boundary: a fault is one request's
            _log.exception("the request %s failed", type(asked).__name__)
            text = "the server failed at this request; its log tells why"
            self.send(replies.error("internal", text, asked.id))

    def _obey(self, asked: Asked) -> None:
        server = self._admin.server
        match asked:
            case Stats():
                self.send(Figures(id=asked.id, figures=figures(server)))
            case Reload():
                self.send(Reloaded(id=asked.id, **self._admin.reload()._asdict()))
            case _:
                server.administer(self._user, asked)


def figures(server: "Server") -> dict[str, int]:
    counted = server.counters
    return {
        "connections": len(server.connections),
        "users": len(server.hall.register.by_key),
        "rooms": len(server.hall.rooms),
        "backlog_bytes": sum(each.outbox.backlog for each in server.connections),
        "accepted_connections": counted.accepted,
        "commits": counted.commits,
        "events": counted.events,
        "deliveries": counted.deliveries,
        "refusals": counted.refusals.total(),
        "closings": counted.byes.total(),
    }
