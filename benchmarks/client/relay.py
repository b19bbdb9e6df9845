"""A wire between one client and a Hall that can hold back what the Hall says.

So that a burst reaches the client as one, however long the Hall took to write it to its disk.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator

from benchmarks.client.terminal import PATIENCE


class Relay:
    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._to = port
        self._held = bytearray()
        self._until: bytes | None = None
        self._complete = threading.Event()
        self._near: socket.socket | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self, until: str) -> None:
        """Pass nothing on to the client until these words have come from the Hall."""
        self._complete.clear()
        self._until = until.encode()

    def wait(self) -> None:
        """Return when they have come."""
        if not self._complete.wait(PATIENCE):
            raise TimeoutError(f"{self._until!r} has not come within {PATIENCE:g} s")

    def release(self) -> None:
        """Pass everything on."""
        self._until = None
        held, self._held = bytes(self._held), bytearray()
        assert self._near is not None
        self._near.sendall(held)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        far = socket.create_connection(("127.0.0.1", self._to))
        for each in (near, far):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._near = near
        threading.Thread(target=self._forward, args=(near, far), daemon=True).start()
        self._backward(far, near)

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65_536):
                far.sendall(data)
        far.close()

    def _backward(self, far: socket.socket, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(262_144):
                if self._until is None:
                    near.sendall(data)
                    continue
                self._held += data
                if self._until in self._held[-len(data) - len(self._until) :]:
                    self._complete.set()
        near.close()


@contextlib.contextmanager
def relay(port: int) -> Iterator[Relay]:
    between = Relay(port)
    try:
        yield between
    finally:
        between.close()
