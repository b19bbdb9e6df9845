"""Outbox: what waits for one connection's reader. Counts bytes, keeps order, never blocks."""

import asyncio

from pychat.server import limits


class Outbox:
    """Chunks for one transport, written together once a tick.

    While the socket takes nothing, chunks wait here and not in the transport, so that they can
    still be thrown away in favour of a `bye`.
    """

    __slots__ = ("_rest_bytes", "_transport", "chunk", "flows", "rest", "stalled_since")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.chunk: bytes | None = None
        """What waits, or the first of it. A server's fan-out puts it here itself, if there is none
        yet and the outbox `flows`: so a delivery costs neither a call nor memory."""
        self.rest: list[bytes] | None = None
        """What waits behind that."""
        self._rest_bytes = 0
        self.flows = True
        """Whether the socket takes bytes, and the connection is not about to be closed."""
        self.stalled_since: float | None = None
        """When the socket stopped taking bytes; monotonic seconds. None while it takes them."""

    @property
    def waiting(self) -> int:
        """Bytes that are not in the socket yet, this tick's among them."""
        waiting = self._rest_bytes if self.chunk is None else len(self.chunk) + self._rest_bytes
        if self.stalled_since is None:
            return waiting
        return waiting + self._transport.get_write_buffer_size()

    @property
    def backlog(self) -> int:
        """Bytes that the socket has not taken, as far as they are not this tick's."""
        return 0 if self.stalled_since is None else self.waiting

    @property
    def is_empty(self) -> bool:
        return self.chunk is None

    def offer(self, data: bytes) -> bool:
        """Queue for the next flush. False if the reader is too slow: then it must be cut."""
        if self.chunk is None:
            self.chunk = data
        else:
            if self.rest is None:
                self.rest = []
            self.rest.append(data)
            self._rest_bytes += len(data)
        return self.stalled_since is None or self.waiting <= limits.BACKLOG_BYTES

    def flush(self) -> None:
        """Hand what waits to the transport, in one write, if the socket takes bytes."""
        if self.stalled_since is not None or self.chunk is None:
            return
        data = self.chunk if self.rest is None else b"".join((self.chunk, *self.rest))
        self._empty()
        self.write(data)

    def write(self, data: bytes) -> None:
        """At once, where nothing waits."""
        try:
            self._transport.write(data)
        except RuntimeError:
            # uvloop's: the socket broke, and the connection is about to be told.
            self.flows = False

    def _empty(self) -> None:
        self.chunk = self.rest = None
        self._rest_bytes = 0

    def stall(self, now: float) -> None:
        self.stalled_since = now
        self.flows = False

    def resume(self) -> None:
        self.stalled_since = None
        self.flows = True
        self.flush()

    def replace(self, data: bytes) -> None:
        """Drop what waits: this is the last that the reader is told."""
        self._empty()
        self.flows = False
        self.write(data)
