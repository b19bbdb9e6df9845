"""Many messages for a stream that nobody else writes to: each once, and in their order.

Each names the number of messages before it, so that the engine refuses what comes a second time
or overtook another; how far the stream has come tells where to go on.
"""

import asyncio

from msgspec import json

from pychat.server.backplane.jetstream import streams
from pychat.server.backplane.jetstream.link import Link, LinkError, NobodyAnswersError

AT_ONCE = 256
"""Messages under way."""

AT_ONCE_BYTES = 1 << 20

PATIENCE = 30.0
"""Seconds in which the stream must have come further: longer than the election of a leader."""

_PAUSE_SECONDS = 0.2
_ACK_SECONDS = 5.0


class Loader:
    def __init__(self, link: Link, stream: str) -> None:
        """The stream is empty."""
        self._link = link
        self._stream = stream
        self._last = 0
        """As many as it has."""
        self._waiting: list[tuple[str, bytes]] = []
        self._bytes = 0

    async def put(self, subject: str, body: bytes) -> None:
        """Raises LinkError."""
        self._waiting.append((subject, body))
        self._bytes += len(body)
        if len(self._waiting) >= AT_ONCE or self._bytes >= AT_ONCE_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Returns when the stream has all that was put. Raises LinkError."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while self._waiting:
            fault = await self._send()
            if fault is None:
                self._advance(len(self._waiting))
                return
            if self._advance(await self._stored()):
                until = loop.time() + PATIENCE
            elif loop.time() > until:
                raise LinkError(f"{self._stream} takes nothing for {PATIENCE:g} s: {fault}")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _send(self) -> str | None:
        """Why not all of it arrived, as far as is known."""
        sent = [
            self._publish(subject, body, self._last + at)
            for at, (subject, body) in enumerate(self._waiting)
        ]
        told = await asyncio.gather(*sent)
        return next((why for why in told if why is not None), None)

    async def _publish(self, subject: str, body: bytes, before: int) -> str | None:
        headers = {"Nats-Expected-Last-Sequence": str(before)}
        try:
            reply = await self._link.request(subject, body, headers=headers, seconds=_ACK_SECONDS)
        except NobodyAnswersError:
            return "the stream has no leader just now"
        except LinkError as fault:
            return str(fault)
        error = json.decode(reply.body).get("error")
        return error.get("description", "no reason given") if error else None

    async def _stored(self) -> int:
        """How many of those that wait are in the stream. Raises LinkError."""
        try:
            last = (await streams.info(self._link, self._stream)).last
        except streams.StreamError:
            raise
        except LinkError:
            return 0
        if not self._last <= last <= self._last + len(self._waiting):
            raise LinkError(f"somebody else writes to {self._stream}; begin anew")
        return last - self._last

    def _advance(self, count: int) -> int:
        self._last += count
        del self._waiting[:count]
        self._bytes = sum(len(body) for _, body in self._waiting)
        return count
