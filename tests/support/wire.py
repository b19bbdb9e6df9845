"""A client written from the protocol's text alone: sockets and json, nothing of pychat's."""

import asyncio
import contextlib
import itertools
import json
import socket
import struct
from typing import Any, ClassVar, Self

from tests.support import contract

PATIENCE = 30.0
"""Seconds that a test waits for an answer before it fails."""

Json = dict[str, Any]


def framed(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


class Closed(Exception):  # noqa: N818  # no fault: what happened
    """The server closed the connection."""


class Wire:
    """One raw connection. Keeps what came and was not asked for, in order.

    All that is read is held against the contract: its fields, and no second reply to a command.
    """

    opened: ClassVar[list["Wire"]] = []
    """All that were made and not broken off by `abort_all`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self.unread: list[Json] = []
        self.welcome: Json = {}
        self._answered: set[int] = set()
        Wire.opened.append(self)

    @classmethod
    async def connect(cls, port: int, host: str = "127.0.0.1") -> Self:
        return cls(*await asyncio.open_connection(host, port))

    @classmethod
    async def enter(cls, port: int, name: str | None = None, **hello: Any) -> Self:
        """Connect and be greeted."""
        wire = await cls.connect(port)
        if name is not None:
            hello["name"] = name
        wire.welcome = await wire.ask("hello", protocol=[1], client="wire", **hello)
        assert wire.welcome["type"] == "welcome", wire.welcome
        return wire

    @classmethod
    async def member(cls, port: int, name: str, *rooms: str) -> Self:
        """Greeted, and in these rooms."""
        wire = await cls.enter(port, name)
        for room in rooms:
            joined = await wire.ask("join", room=room)
            assert joined["type"] == "joined", joined
        return wire

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    def send(self, message: Json) -> None:
        self.send_bytes(framed(json.dumps(message, ensure_ascii=False).encode()))

    def command(self, kind: str, **fields: Any) -> int:
        """Send a command without waiting; its id."""
        command_id = next(self._ids)
        self.send({"type": kind, "id": command_id, **fields})
        return command_id

    async def ask(self, kind: str, **fields: Any) -> Json:
        """Send a command; its reply. What comes before it is kept in `unread`."""
        return await self.reply(self.command(kind, **fields))

    async def granted(self, kind: str, **fields: Any) -> Json:
        """Send a command; its reply, which is no error."""
        reply = await self.ask(kind, **fields)
        assert reply["type"] != "error", reply
        return reply

    async def refused(self, kind: str, **fields: Any) -> str:
        """Send a command; the code of the error that it gets."""
        reply = await self.ask(kind, **fields)
        assert reply["type"] == "error", reply
        return str(reply["code"])

    async def reply(self, command_id: int) -> Json:
        for index, message in enumerate(self.unread):
            if message.get("id") == command_id:
                return self.unread.pop(index)
        while True:
            message = await self.read()
            if message.get("id") == command_id:
                return message
            self.unread.append(message)

    async def event(self, kind: str, **fields: Any) -> Json:
        """The next message of this type (and with these fields), out of `unread` or the socket."""

        def fits(message: Json) -> bool:
            return message["type"] == kind and all(message.get(k) == v for k, v in fields.items())

        for index, message in enumerate(self.unread):
            if fits(message):
                return self.unread.pop(index)
        while not fits(message := await self.read()):
            self.unread.append(message)
        return message

    async def read(self) -> Json:
        """The next frame. Answers no pings. Raises Closed."""
        async with asyncio.timeout(PATIENCE):
            try:
                (length,) = struct.unpack(">I", await self._reader.readexactly(4))
                assert 1 <= length <= 1_048_576
                message = json.loads(await self._reader.readexactly(length))
            except (asyncio.IncompleteReadError, ConnectionError):
                raise Closed from None
        assert isinstance(message, dict)
        contract.check(message)
        if (command_id := message.get("id")) is not None:
            assert command_id not in self._answered, f"a second reply: {message}"
            self._answered.add(command_id)
        return message

    async def drain(self) -> list[Json]:
        """All that the server has sent until now, proved by a `ping` coming back."""
        pong = await self.ask("ping")
        assert pong["type"] == "pong", pong
        messages, self.unread = self.unread, []
        return messages

    async def rest(self) -> list[Json]:
        """Read to the end of the connection; all that was unread."""
        with contextlib.suppress(Closed):
            while True:
                self.unread.append(await self.read())
        return self.unread

    async def bye(self) -> Json:
        """Read to the end of the connection; the last frame, which is a `bye`."""
        last = (await self.rest())[-1]
        assert last["type"] == "bye", last
        return last

    async def say(self, room: str, text: str, nonce: str | None = None, **fields: Any) -> Json:
        nonce = nonce or f"{id(self)}-{next(self._ids)}"
        return await self.ask("send", room=room, text=text, nonce=nonce, **fields)

    async def flushed(self) -> None:
        """Until the kernel has what was written: the next bytes are another packet."""
        await self._writer.drain()
        await asyncio.sleep(0)

    def stop_reading(self) -> None:
        """Leave what comes in the kernel, also when it is full."""
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    def go_on_reading(self) -> None:
        self._writer.transport.resume_reading()  # type: ignore[attr-defined]

    def half_close(self) -> None:
        """Say that nothing more will come; what the server sends is still read."""
        self._writer.write_eof()

    def abort(self) -> None:
        """Break the connection without a word."""
        self._writer.transport.abort()

    def reset(self) -> None:
        """Break the connection so that the server sees an error, as when a machine crashed."""
        linger = struct.pack("ii", 1, 0)
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.abort()

    @classmethod
    def abort_all(cls) -> None:
        while cls.opened:
            cls.opened.pop().abort()

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
