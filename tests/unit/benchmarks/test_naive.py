"""The naive server speaks as much of the protocol as the load generator needs."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator

import pytest

from benchmarks import naive
from tests.support.wire import Json


class Guest:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def ask(self, kind: str, **fields: object) -> Json:
        payload = json.dumps({"type": kind, "id": 1, **fields}).encode()
        self.writer.write(struct.pack(">I", len(payload)) + payload)
        return await self.hear()

    async def hear(self) -> Json:
        async with asyncio.timeout(50):
            (length,) = struct.unpack(">I", await self._reader.readexactly(4))
            heard: Json = json.loads(await self._reader.readexactly(length))
        return heard


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = await asyncio.start_server(naive.serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def come(port: int, name: str) -> Guest:
    guest = Guest(*await asyncio.open_connection("127.0.0.1", port))
    assert (await guest.ask("hello", name=name))["type"] == "welcome"
    return guest


async def test_all_members_get_what_one_says_and_the_sender_a_reply(port: int) -> None:
    ann, bob = await come(port, "ann"), await come(port, "bob")
    assert (await ann.ask("join", room="tea"))["count"] == 1
    assert (await bob.ask("join", room="tea"))["count"] == 2
    assert (await ann.hear())["joined"][0]["name"] == "bob"

    own = await bob.ask("send", room="tea", text="hello", nonce="n")
    heard = await ann.hear()
    assert own == heard
    assert (heard["type"], heard["sender"], heard["text"]) == ("message", "bob", "hello")
    assert (await bob.hear())["type"] == "sent"

    pages = [await ann.ask("members", room="tea", limit=1)]
    pages.append(await ann.ask("members", room="tea", limit=1, after="ann"))
    assert [page["members"][0]["name"] for page in pages] == ["ann", "bob"]
    assert [page["more"] for page in pages] == [True, False]
    for guest in (ann, bob):
        guest.writer.close()
        await guest.writer.wait_closed()
