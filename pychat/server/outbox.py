"""Outbox: what waits for one connection's reader. Counts bytes, keeps order, never blocks."""

import asyncio

from pychat.server import limits


class Outbox:
    """Chunks for one transport, written together once a tick.

    While the socket takes nothing, chunks wait here and not in the transport, so that they can
    still be thrown away in favour of a `bye`.
    """

    __slots__ = ("_bytes", "_chunks", "_transport", "stalled_since")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        # Told of the first byte that the socket does not take at once.
        transport.set_write_buffer_limits(high=0)
        self._chunks: list[bytes] = []
        self._bytes = 0
        self.stalled_since: float | None = None
        """When the socket stopped taking bytes; monotonic seconds. None while it takes them."""

    @property
    def waiting(self) -> int:
        """Bytes that are not in the socket yet, this tick's among them."""
        return self._bytes + self._transport.get_write_buffer_size()

    @property
    def backlog(self) -> int:
        """Bytes that the socket has not taken, as far as they are not this tick's."""
        return 0 if self.stalled_since is None else self.waiting

    @property
    def is_empty(self) -> bool:
        return not self._chunks

    def offer(self, data: bytes) -> bool:
        """Queue for the next flush. False if the reader is too slow: then it must be cut."""
        self._chunks.append(data)
        self._bytes += len(data)
        return self.stalled_since is None or self.backlog <= limits.BACKLOG_BYTES

    def flush(self) -> None:
        """Hand what waits to the transport, in one write, if the socket takes bytes."""
        if self.stalled_since is not None or not self._chunks:
            return
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks = []
        self._bytes = 0
        self._transport.write(data)

    def stall(self, now: float) -> None:
        self.stalled_since = now

    def resume(self) -> None:
        self.stalled_since = None
        self.flush()

    def replace(self, data: bytes) -> None:
        """Drop what waits: this is the last that the reader is told."""
        self._chunks = []
        self._bytes = 0
        self._transport.write(data)
