"""A transport that only remembers, for a connection without a socket."""

import asyncio


class FakeSocket:
    def __init__(self) -> None:
        self.options: dict[int, int] = {}

    def fileno(self) -> int:
        return -1

    def setsockopt(self, level: int, option: int, value: int) -> None:
        self.options[option] = value


class FakeTransport(asyncio.Transport):
    """Takes what is written at once; `buffered` is what it says it could not pass on yet."""

    def __init__(self, buffered: int = 0) -> None:
        super().__init__({"socket": FakeSocket()})
        self.buffered = buffered
        self.written: list[bytes] = []
        self.reading = True
        self.ended = False
        self.closed = False
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.is_closing():
            raise RuntimeError("the handler is closed")  # as uvloop's does
        self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert (high, low) == (1, 0)

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.closed or self.aborted
