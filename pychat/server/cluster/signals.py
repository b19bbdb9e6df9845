"""What passes and is in no log: sent to the other nodes once, and lost if that fails."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable

from pychat.server.backplane.jetstream import tasks
from pychat.server.backplane.jetstream.link import Link, LinkError, Message

WAITING = 1_000
"""Signals that wait to be sent; what comes beyond is not sent at all."""

_ORIGIN = "Pychat-Origin"


class Signals:
    """Owns one task."""

    def __init__(self, link: Link, subject: str, receive: Callable[[Message], None]) -> None:
        """`receive` gets those of others."""
        self._link = link
        self._subject = subject
        self._receive = receive
        self._own = secrets.token_hex(8)
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._sending: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises LinkError."""
        await self._link.subscribe(self._subject, self._received)
        self._sending = tasks.begin(self._send())

    async def close(self) -> None:
        await tasks.end(self._sending)

    def send(self, body: bytes) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(body)

    def _received(self, message: Message) -> None:
        if message.headers.get(_ORIGIN) != self._own:
            self._receive(message)

    async def _send(self) -> None:
        while True:
            body = await self._queue.get()
            with contextlib.suppress(LinkError):
                await self._link.send(self._subject, body, headers={_ORIGIN: self._own})
