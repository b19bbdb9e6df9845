"""A person with a queue on disk, and a Hall that says what a test tells it to."""

import asyncio
from pathlib import Path

from pychat.client import Client, OutboxStore, connect
from pychat.protocol import commands, events, replies
from tests.support.fake_hall import FakeHall, welcome
from tests.support.manual_time import ManualTime
from tests.support.news import until
from tests.support.told import answer, said


class Desk:
    """Where the person sits."""

    def __init__(self, hall: FakeHall, path: Path) -> None:
        self.hall = hall
        self.path = path
        self.time = ManualTime()

    async def enter(self, name: str = "ann", **fields: object) -> Client:
        entering = asyncio.create_task(
            connect(
                self.hall.address,
                name=name,
                reconnect=True,
                outbox=OutboxStore(self.path),
                timing=self.time.timing,
            )
        )
        hello = await self.hall.expect(commands.Hello)
        self.hall.tell(welcome(hello.id, name, **fields))
        return await entering

    async def join(self, client: Client, room: str = "lobby") -> None:
        joining = asyncio.create_task(client.join(room))
        join = await self.hall.expect(commands.Join)
        self.hall.tell(answer(join, messages=[]))
        await joining

    async def break_off(self, client: Client) -> None:
        self.hall.hang_up()
        await until(client, lambda: client.retry is not None)

    async def let_in(self, *delta: events.LoggedEvent, resumed: bool = True) -> None:
        """On its next try, and into the lobby."""
        await self.time.wait()
        await self.greet(*delta, resumed=resumed)

    async def greet(self, *delta: events.LoggedEvent, resumed: bool = True) -> None:
        hello = await self.hall.expect(commands.Hello)
        self.hall.tell(welcome(hello.id, hello.name or "", resumed=resumed))
        join = await self.hall.expect(commands.Join)
        self.hall.tell(answer(join, *delta, seq=join.after or 0))

    async def take(self, text: str, seq: int, me: str = "ann") -> commands.Send:
        """The next that is sent, which is to be this; it is said, and confirmed."""
        send = await self.hall.expect(commands.Send)
        assert send.text == text
        self.hall.tell(event_of(send, seq, me), receipt(send, seq))
        return send


def event_of(send: commands.Send, seq: int, me: str = "ann") -> events.Message:
    event = said(seq, send.text, sender=me, room=send.room)
    event.nonce = send.nonce
    return event


def receipt(send: commands.Send, seq: int) -> replies.Sent:
    return replies.Sent(id=send.id, room=send.room, seq=seq, time=1, nonce=send.nonce)
