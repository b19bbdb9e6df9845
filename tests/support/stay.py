"""Somebody in a Hall that says what a test tells it to, with a client that comes back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from pychat.client import Changes, Client, Note, connect
from pychat.protocol import commands, events
from tests.support.fake_hall import FakeHall, welcome
from tests.support.manual_time import ManualTime
from tests.support.news import until
from tests.support.told import answer, stands


class Stay:
    """Ann in the lobby."""

    def __init__(self, hall: FakeHall, time: ManualTime, client: Client) -> None:
        self.hall = hall
        self.time = time
        self.client = client
        self.told: list[Changes] = []
        client.subscribe(self.told.append)

    async def break_off(self) -> None:
        self.hall.hang_up()
        await self.until(lambda: self.client.state != "connected")

    async def until(self, holds: Callable[[], object]) -> None:
        await until(self.client, holds)

    async def called(self) -> commands.Hello:
        """The client's next try: its time comes, and it says `hello`."""
        await self.time.wait()
        return await self.hall.expect(commands.Hello)

    async def greet(self, resumed: bool = True, **fields: object) -> commands.Join:
        """Let it in on its next try; what it asks then."""
        hello = await self.called()
        fields = {"resume": "token-2", "rooms": ["lobby"] if resumed else []} | fields
        self.hall.tell(welcome(hello.id, hello.name or "", resumed=resumed, **fields))
        return await self.hall.expect(commands.Join)

    async def come_back(self, *delta: events.LoggedEvent) -> None:
        join = await self.greet()
        self.hall.tell(answer(join, *delta, seq=join.after or 0))
        await self.until(lambda: self.client.state == "connected")

    @property
    def notes(self) -> list[Note]:
        return [note for changes in self.told for note in changes.notes.get("lobby", [])]


@contextlib.asynccontextmanager
async def staying() -> AsyncIterator[Stay]:
    """With the messages 1 to 3 read."""
    time = ManualTime()
    async with FakeHall(greets=False) as hall:
        entering = asyncio.create_task(
            connect(hall.address, name="ann", password="sesame", reconnect=True, timing=time.timing)
        )
        hello = await hall.expect(commands.Hello)
        hall.tell(welcome(hello.id, "ann", resume="token-1"))
        client = await entering
        joining = asyncio.create_task(client.join("lobby"))
        join = await hall.expect(commands.Join)
        hall.tell(answer(join, messages=[stands(1), stands(2), stands(3)]))
        await joining
        yield Stay(hall, time, client)
        await client.close()
