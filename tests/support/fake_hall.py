"""A Hall that says what a test tells it to say: for servers that err, stall or hang up.

It grants `hello`, knows no keys, and answers nothing else by itself.
"""

import asyncio
from types import TracebackType
from typing import Self, TypeVar, cast

import msgspec

from pychat.protocol import codec, commands, framing, limits, replies
from pychat.protocol.commands import ClientMessage

PATIENCE = 30.0
"""Seconds that a test waits before it fails."""

LIMITS = replies.Limits(
    frame=65_536,
    text=8_000,
    lines=200,
    name=32,
    room=64,
    topic=390,
    page=200,
    rooms=100,
    linger=60,
    ping=20,
)

Sent = TypeVar("Sent", bound=msgspec.Struct)


def welcome(command_id: int, name: str = "ann", **fields: object) -> replies.Welcome:
    reply = replies.Welcome(
        id=command_id,
        protocol=1,
        server="fake",
        hall="Fake Hall",
        epoch="e1",
        name=name,
        resume="token",
        resumed=False,
        rooms=[],
        limits=LIMITS,
        time=1_000,
        manual="# Manual",
    )
    return msgspec.structs.replace(reply, **fields)


class FakeHall:
    """Speaks with one client at a time: the last that connected."""

    def __init__(self, *, greets: bool = True) -> None:
        self.port = 0
        self.closed = asyncio.Event()
        """The client has closed its side, or the connection broke."""
        self._greets = greets
        self._received: asyncio.Queue[ClientMessage] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None
        self._connected = asyncio.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Peer(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        if self._transport is not None:
            self._transport.abort()
            await self.closed.wait()

    @property
    def unread(self) -> int:
        """Messages that have come and that no `expect` has taken."""
        return self._received.qsize()

    async def expect(self, kind: type[Sent]) -> Sent:
        """The next message from the client, which is to be of this type."""
        async with asyncio.timeout(PATIENCE):
            message = await self._received.get()
        assert isinstance(message, kind), message
        return message

    async def find(self, kind: type[Sent]) -> Sent:
        """The next message of this type; what comes before it is passed over."""
        async with asyncio.timeout(PATIENCE):
            while not isinstance(message := await self._received.get(), kind):
                pass
        return message

    def tell(self, *messages: msgspec.Struct) -> None:
        """Send messages, all in one write."""
        self.write(b"".join(codec.encode_frame(message) for message in messages))

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def hang_up(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def stop_reading(self) -> None:
        assert self._transport is not None
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        assert self._transport is not None
        self._transport.resume_reading()

    async def connected(self) -> None:
        """Wait until a client has connected."""
        async with asyncio.timeout(PATIENCE):
            await self._connected.wait()

    # What follows is for _Peer.

    def picked_up(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.closed.clear()
        self._connected.set()

    def received(self, message: ClientMessage) -> None:
        if isinstance(message, commands.Challenge):
            self.tell(replies.error("unknown-command", "this Hall knows no keys", message.id))
        elif self._greets and isinstance(message, commands.Hello):
            self.tell(welcome(message.id, message.name or "new"))
        else:
            self._received.put_nowait(message)


class _Peer(asyncio.Protocol):
    def __init__(self, hall: FakeHall) -> None:
        self._hall = hall
        self._reader = framing.FrameReader(limits.CLIENT_FRAME_BYTES)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, since uvloop's transports are not asyncio's.
        self._hall.picked_up(cast(asyncio.Transport, transport))

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (payload := self._reader.read()) is not None:
            self._hall.received(codec.decode_command(payload))

    def connection_lost(self, exc: Exception | None) -> None:
        self._hall.closed.set()
