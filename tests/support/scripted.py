"""A connection without a socket, for pictures of the screen: the Hall behind it is a script."""

import asyncio
import itertools
from collections.abc import Callable, Sequence

from pychat.client import Address, ConnectionLost, Dialled
from pychat.client.connection import Arrival
from pychat.client.errors import CommandError
from pychat.protocol import commands, events, replies
from tests.support.fake_hall import LIMITS

Joined = Callable[[int], replies.Joined]


class ScriptedHall:
    """Knows rooms; what is sent to it stays on its way. To be dialled once."""

    def __init__(self, rooms: Sequence[replies.RoomInfo], joined: dict[str, Joined]) -> None:
        self.address = Address("chat.lan", 22_222)
        self.heard = True
        self.taken: set[str] = set()
        self.on_arrivals: Callable[[list[Arrival]], None]
        self.on_lost: Callable[[ConnectionLost], None]
        self._ids = itertools.count(1)
        self._rooms = list(rooms)
        self._joined = joined
        self._gone = asyncio.Event()

    async def dial(self, address: Address) -> Dialled:
        return Dialled(self, 10.0)

    def tell(self, *told: events.Event) -> None:
        self.on_arrivals([Arrival(event, None, []) for event in told])

    def hang_up(self, text: str) -> None:
        if not self._gone.is_set():
            self._gone.set()
            self.on_lost(ConnectionLost(text))

    def next_id(self) -> int:
        return next(self._ids)

    async def request(
        self, command: commands.AnyCommand, expected: type[replies.Reply]
    ) -> replies.Reply:
        if self._gone.is_set():
            raise ConnectionLost("it is gone")
        reply = await self._answer(command)
        self.on_arrivals([Arrival(reply, command, [])])
        return reply

    async def close(self) -> None:
        self.hang_up("closed")

    async def _answer(self, command: commands.AnyCommand) -> replies.Reply:
        match command:
            case commands.Hello(name=name) if name in self.taken:
                raise CommandError("name-taken", f"the name {name!r} is taken; choose another")
            case commands.Hello():
                return self._welcome(command.id, command.name or "new")
            case commands.List():
                return replies.Rooms(id=command.id, rooms=self._rooms, more=False)
            case commands.Join():
                return self._joined[command.room](command.id)
            case commands.Send():
                await self._gone.wait()
                raise ConnectionLost("it is gone")
        return replies.Ok(id=command.id)

    def _welcome(self, command_id: int, name: str) -> replies.Welcome:
        return replies.Welcome(
            id=command_id,
            protocol=1,
            server="pychat",
            hall="Team Hall",
            epoch="e",
            name=name,
            resume="token",
            resumed=False,
            rooms=[],
            limits=LIMITS,
            time=0,
            manual="# Team Hall\n\nBe kind.\n\n- `/list` shows the rooms\n",
        )
