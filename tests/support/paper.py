"""Plain mode without a terminal: what is typed is handed in, what is said is a list of lines."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC
from typing import cast

from pychat.client import Client, OutboxStore, connect, parse_address
from pychat.plain.desk import Desk
from pychat.plain.ending import Ending
from pychat.plain.talk import Talk
from pychat.tui.slash import Mistake

PATIENCE = 50.0
"""Seconds that a test waits for a line."""


class PaperOutput:
    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.fault: OSError | None = None


class Paper:
    """As much of a Desk as a stay uses."""

    def __init__(self, *, asks: bool) -> None:
        self.asks = asks
        self.editor = None
        self.output = PaperOutput()
        self.said: list[str] = []
        self.rings = 0
        self.put_back: list[str] = []
        """What came back into the line."""
        self.written = ""
        self._typed: asyncio.Queue[str | Mistake | None] = asyncio.Queue()
        self._more = asyncio.Event()

    def type(self, *lines: str) -> None:
        for line in lines:
            self._typed.put_nowait(line)

    def end(self) -> None:
        self._typed.put_nowait(None)

    async def line(self) -> str | Mistake | None:
        return await self._typed.get()

    def say(self, text: str) -> None:
        self.said.append(text)
        self._more.set()

    def ring(self) -> None:
        self.rings += 1

    def put(self, text: str) -> bool:
        self.put_back.append(text)
        return True

    def prompt(self, text: str) -> None: ...

    async def sees(self, *texts: str) -> None:
        """Wait until each of them is in a line."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not all(any(text in line for line in self.said) for text in texts):
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"{texts} did not come:\n" + "\n".join(self.said)) from None


class Stay:
    """Somebody in plain mode."""

    def __init__(self, talk: Talk, paper: Paper, listening: asyncio.Task[None]) -> None:
        self.talk = talk
        self.paper = paper
        self.client: Client = talk.client
        self._listening = listening

    @property
    def said(self) -> list[str]:
        return self.paper.said

    def type(self, *lines: str) -> None:
        self.paper.type(*lines)

    async def sees(self, *texts: str) -> None:
        await self.paper.sees(*texts)

    async def ends(self) -> Ending:
        """Wait for the last line to be taken, and for what becomes of it all."""
        await self._listening
        return await self.talk.settle()


@contextlib.asynccontextmanager
async def stay(
    address: str, name: str = "kim", *, room: str | None = "tea", asks: bool = True
) -> AsyncIterator[Stay]:
    paper = Paper(asks=asks)
    store = OutboxStore.of(parse_address(address), name)
    client = await connect(address, name=name, reconnect=True, outbox=store)
    talk = Talk(client, cast(Desk, paper), None, UTC)
    await talk.begin(room)
    listening = asyncio.create_task(talk.listen())
    try:
        yield Stay(talk, paper, listening)
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await talk.close()
