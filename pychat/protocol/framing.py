"""Length-prefixed frames. Never holds more than one frame above what it was fed. No I/O."""

import struct

from pychat.protocol import limits
from pychat.protocol.errors import FrameError

_header = struct.Struct(">I")

_TLS = (0x1603, 0x1503)
"""The first two bytes of a TLS connection, and of a refusal in TLS; no frame begins so."""


def frame(payload: bytes) -> bytes:
    """The payload with its length in front, for the wire."""
    return _header.pack(len(payload)) + payload


class FrameReader:
    """Cuts a byte stream into payloads. Feed it what arrived, then read until None."""

    __slots__ = ("_buffer", "_start", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """Bytes in the longest payload allowed; may change between two reads."""
        self._buffer: bytes | bytearray = b""
        self._start = 0

    def feed(self, data: bytes) -> None:
        if self._start == len(self._buffer):
            # As most often: whole frames come, and nothing is left of those before.
            self._buffer = data
        elif isinstance(self._buffer, bytes):
            self._buffer = bytearray(self._buffer[self._start :])
            self._buffer += data
        else:
            del self._buffer[: self._start]
            self._buffer += data
        self._start = 0

    def read(self) -> bytes | None:
        """The next payload, or None until more is fed.

        Raises FrameError on a length of 0 or above the limit, as soon as its four bytes are
        there. It raises again on every later call: such a stream has no next frame.
        """
        begin = self._start + limits.HEADER_BYTES
        there = len(self._buffer)
        if there < begin:
            return None
        (length,) = _header.unpack_from(self._buffer, self._start)
        if not 1 <= length <= self.limit:
            raise FrameError(self._fault(length))
        end: int = begin + length
        if there < end:
            return None
        payload = bytes(self._buffer[begin:end])
        if there == end:
            # Not kept until the next comes: that may take hours.
            self._buffer, self._start = b"", 0
        else:
            self._start = end
        return payload

    def _fault(self, length: int) -> str:
        if length >> 16 in _TLS:
            return "this begins like TLS, and here it is spoken without"
        return f"a frame of {length} bytes: 1 to {self.limit} are allowed"

    @property
    def waiting(self) -> int:
        """Bytes fed and not yet read."""
        return len(self._buffer) - self._start
