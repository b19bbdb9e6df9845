"""A client written from the protocol's text alone: sockets, struct and json, nothing of pychat's."""

import asyncio
import itertools
import json
import struct
from typing import Any, Self

PATIENCE = 10.0
"""Seconds that a test waits for an answer before it fails."""

Json = dict[str, Any]


class Closed(Exception):
    """The server closed the connection."""


class Wire:
    """One raw connection. Keeps what came and was not asked for, in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self.unread: list[Json] = []
        self.welcome: Json = {}

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

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    def send(self, message: Json) -> None:
        payload = json.dumps(message).encode()
        self.send_bytes(struct.pack(">I", len(payload)) + payload)

    def command(self, kind: str, **fields: Any) -> int:
        """Send a command without waiting; its id."""
        command_id = next(self._ids)
        self.send({"type": kind, "id": command_id, **fields})
        return command_id

    async def ask(self, kind: str, **fields: Any) -> Json:
        """Send a command; its reply. What comes before it is kept in `unread`."""
        return await self.reply(self.command(kind, **fields))

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
        return message

    async def drain(self) -> list[Json]:
        """All that the server has sent until now, proved by a `ping` coming back."""
        pong = await self.ask("ping")
        assert pong["type"] == "pong", pong
        messages, self.unread = self.unread, []
        return messages

    async def bye(self) -> Json:
        """Read to the end of the connection; the last frame, which is a `bye`."""
        last: Json = {}
        try:
            while True:
                last = await self.read()
                self.unread.append(last)
        except Closed:
            pass
        assert last.get("type") == "bye", last
        return last

    async def say(self, room: str, text: str, nonce: str | None = None, **fields: Any) -> Json:
        nonce = nonce or f"{id(self)}-{next(self._ids)}"
        return await self.ask("send", room=room, text=text, nonce=nonce, **fields)

    def abort(self) -> None:
        """Break the connection without a word."""
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            pass
