"""A wire between clients and a Hall that a test can cut, stall and mend."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self, cast


class Proxy:
    """Passes bytes on, both ways, until told otherwise."""

    def __init__(self, target: int) -> None:
        self.target = target
        """The port of the Hall; another one from the next connection on, if it is changed."""
        self.port = 0
        self.connections = 0
        """Made so far."""
        self.allowance: Callable[[], int] | None = None
        """Says for each new connection after how many bytes, both ways together, it is cut."""
        self._links: set[_Link] = set()
        self._stalled = False

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._new_link, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        opening = [link.opening for link in self._links]
        self.cut()
        await asyncio.gather(*opening, return_exceptions=True)

    def cut(self) -> None:
        """Break all connections, with whatever is under way."""
        for link in list(self._links):
            link.break_off()

    def stall(self) -> None:
        """Let nothing through, without breaking anything."""
        self._stalled = True
        for link in self._links:
            link.pause()

    def resume(self) -> None:
        self._stalled = False
        for link in self._links:
            link.resume()

    def _new_link(self) -> "_End":
        self.connections += 1
        link = _Link(self, self.allowance() if self.allowance is not None else None)
        self._links.add(link)
        return link.client

    # What follows is for _Link.

    @property
    def stalled(self) -> bool:
        return self._stalled

    def gone(self, link: "_Link") -> None:
        self._links.discard(link)


class _Link:
    """One client's way to the Hall."""

    def __init__(self, proxy: Proxy, allowance: int | None) -> None:
        self.proxy = proxy
        self.left = allowance
        self.client, self.hall = _End(self), _End(self)
        self.opening: asyncio.Task[None]
        self._early = b""

    def opened(self) -> None:
        """The client is there: now the other half."""
        self.opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self.hall, "127.0.0.1", self.proxy.target)
        except OSError:
            self.break_off()
            return
        if self not in self.proxy._links:
            self.break_off()
            return
        early, self._early = self._early, b""
        self.hall.write(early)
        if self.proxy.stalled:
            self.pause()

    def passed(self, source: "_End", data: bytes) -> None:
        if self not in self.proxy._links:
            return
        if self.left is not None:
            data, cut = data[: self.left], len(data) >= self.left
            self.left -= len(data)
        else:
            cut = False
        target = self.hall if source is self.client else self.client
        if target.transport is None:
            self._early += data
        else:
            target.write(data)
        if cut:
            # The Hall still reads what got through; its answers do not.
            self.break_off(gently=True)

    def pause(self) -> None:
        for end in (self.client, self.hall):
            if end.transport is not None:
                end.transport.pause_reading()

    def resume(self) -> None:
        for end in (self.client, self.hall):
            if end.transport is not None:
                end.transport.resume_reading()

    def break_off(self, *, gently: bool = False) -> None:
        self.proxy.gone(self)
        if self.client.transport is not None:
            self.client.transport.abort()
        if self.hall.transport is not None:
            if gently:
                self.hall.transport.close()
            else:
                self.hall.transport.abort()


class _End(asyncio.Protocol):
    def __init__(self, link: _Link) -> None:
        self.transport: asyncio.Transport | None = None
        self._link = link

    def write(self, data: bytes) -> None:
        if self.transport is not None and data:
            self.transport.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if self is self._link.client:
            self._link.opened()

    def data_received(self, data: bytes) -> None:
        self._link.passed(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        other = self._link.hall if self is self._link.client else self._link.client
        self._link.proxy.gone(self._link)
        if other.transport is not None:
            other.transport.close()
