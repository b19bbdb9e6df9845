"""People of a load, in this process: they say what they are told to and count what comes back."""

import asyncio
import itertools

import msgspec

from pychat.protocol import limits
from pychat.protocol.framing import FrameReader, frame

PATIENCE = 120.0
"""Seconds for anything."""


class _Head(msgspec.Struct):
    type: str
    id: int = 0


_MESSAGE = b'"type":"message"'

_decode = msgspec.json.Decoder(_Head).decode


class Person(asyncio.Protocol):
    def __init__(self, name: str) -> None:
        self.name = name
        self.messages = 0
        """That came, their own as well."""
        self._expected = 0
        self._whole = asyncio.Event()
        self._listens = False
        self._end = b""
        self._frames = FrameReader(limits.SERVER_FRAME_BYTES)
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[None]] = {}
        self._transport: asyncio.Transport | None = None

    async def connect(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def listen(self) -> None:
        """From now on messages are all that comes, and are not read: a load of many listeners would
        be more work than what it is a load for."""
        self._listens, self._end = True, b""

    def _count(self, data: bytes) -> None:
        # What is torn is counted with its second half.
        whole = self._end + data
        self._more(whole.count(_MESSAGE))
        self._end = whole[whole.rfind(_MESSAGE) + 1 :][1 - len(_MESSAGE) :]

    def _more(self, count: int) -> None:
        self.messages += count
        if self.messages >= self._expected:
            self._whole.set()

    async def heard(self, count: int) -> None:
        """Returns when so many messages have come in all."""
        self._expected = count
        self._whole.clear()
        self._more(0)
        await self._whole.wait()

    def data_received(self, data: bytes) -> None:
        if self._listens:
            self._count(data)
            return
        self._frames.feed(data)
        while (payload := self._frames.read()) is not None:
            head = _decode(payload)
            if head.type == "message":
                self._more(1)
            elif head.type == "ping":
                self._send(b'{"type":"pong"}')
            elif head.id:
                assert head.type != "error", bytes(payload)
                self._answers.pop(head.id).set_result(None)

    def _send(self, payload: bytes) -> None:
        assert self._transport is not None
        self._transport.write(frame(payload))

    async def ask(self, type_: str, **more: object) -> None:
        """Returns with the answer."""
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        self._send(msgspec.json.encode({"type": type_, "id": number, **more}))
        await self._answers[number]

    async def hello(self, port: int) -> None:
        await self.connect(port)
        await self.ask("hello", protocol=[1], client="bench", name=self.name)

    async def say(self, room: str, number: int) -> None:
        nonce = f"{self.name}-{number:09}"
        await self.ask("send", room=room, nonce=nonce, text=("lorem ipsum dolor " * 6)[:100])

    def hang_up(self) -> None:
        assert self._transport is not None
        self._transport.abort()
