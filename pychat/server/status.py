"""The page for whoever watches the Hall: /metrics and /healthz, over plain HTTP.

Each answer ends its connection. A request may have 8 KiB and five seconds, and few are answered at
one time: nobody who reaches the page can make the Hall wait.
"""

import asyncio
import json
import socket
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import cast

from pychat.server.metrics import CONTENT_TYPE

REQUEST_BYTES = 8_192
"""Of a request's head; a browser sends two."""

REQUEST_SECONDS = 5.0
"""From connect to the answer, which is cut off then."""

AT_ONE_TIME = 16
"""Requests: a scraper, a prober and a person with a browser. More are closed unread."""

PROBE_SECONDS = 3.0
"""That the disk may take for a small file before it counts as stuck."""

_JSON = "application/json"
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


class Probe:
    """Whether the data folder takes a file: asked on a thread of its own, once at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, "pychat-probe")
        self._asking: asyncio.Future[str | None] | None = None

    async def fault(self) -> str | None:
        """A sentence if it does not."""
        if self._asking is None or self._asking.done():
            loop = asyncio.get_running_loop()
            self._asking = loop.run_in_executor(self._thread, self._write)
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await asyncio.shield(self._asking)
        except TimeoutError:
            return f"the disk has not taken a small file within {PROBE_SECONDS:g} s"

    def _write(self) -> str | None:
        try:
            with tempfile.TemporaryFile(dir=self._folder) as file:
                file.write(bytes(4_096))
                file.flush()
        except OSError as fault:
            return f"the data folder takes no file: {fault.strerror or fault}"
        return None

    def close(self) -> None:
        # Not waited for: a disk that is stuck must not keep the Hall from closing.
        self._thread.shutdown(wait=False)


class StatusPage:
    """Listens, and answers."""

    def __init__(
        self,
        sockets: list[socket.socket],
        metrics: Callable[[], bytes],
        closing: Callable[[], bool],
        folder: Path,
    ) -> None:
        """`sockets` are bound; `closing` tells whether the Hall is about to close."""
        self.sockets = sockets
        self._servers: list[asyncio.Server] = []
        self._metrics = metrics
        self._closing = closing
        self._probe = Probe(folder)
        self.requests: set[_Request] = set()
        """Open now."""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for sock in self.sockets:
            server = await loop.create_server(partial(_Request, self), sock=sock, backlog=16)
            self._servers.append(server)

    def close(self) -> None:
        for server in self._servers:
            server.close()
        for sock in self.sockets:
            sock.close()
        for request in list(self.requests):
            request.abort()
        self._probe.close()

    async def answer(self, head: bytes) -> Answer:
        """To a request whose head this is."""
        method, _, rest = head.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        if path not in (b"/metrics", b"/healthz"):
            return 404, _JSON, b'{"error":"there are /metrics and /healthz"}'
        if method not in (b"GET", b"HEAD"):
            return 405, _JSON, b'{"error":"only GET is answered"}'
        if path == b"/metrics":
            return 200, CONTENT_TYPE, self._metrics()
        faults = ["the Hall is closing"] if self._closing() else []
        if (fault := await self._probe.fault()) is not None:
            faults.append(fault)
        body = {"status": "failing" if faults else "ok", "faults": faults}
        return 503 if faults else 200, _JSON, json.dumps(body).encode()


class _Request(asyncio.Protocol):
    def __init__(self, page: StatusPage) -> None:
        self._page = page
        self._head = b""
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none by their class.
        self._transport = cast(asyncio.Transport, transport)
        self._page.requests.add(self)
        if len(self._page.requests) > AT_ONE_TIME:
            self.abort()
        loop = asyncio.get_running_loop()
        self._overdue = loop.call_later(REQUEST_SECONDS, self.abort)

    def data_received(self, data: bytes) -> None:
        if self._answering is not None:
            return
        self._head += data
        if len(self._head) > REQUEST_BYTES:
            self.abort()
        elif b"\r\n\r\n" in self._head:
            self._answering = asyncio.get_running_loop().create_task(self._answer())

    def connection_lost(self, exc: Exception | None) -> None:
        self._page.requests.discard(self)
        self._overdue.cancel()
        if self._answering is not None:
            self._answering.cancel()

    def abort(self) -> None:
        self._transport.abort()

    async def _answer(self) -> None:
        status, kind, body = await self._page.answer(self._head)
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        shown = b"" if self._head.startswith(b"HEAD ") else body
        self._transport.write(head.encode() + shown)
        self._transport.close()
