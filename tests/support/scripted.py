"""A client without a Hall, for pictures of the screen: what it knows and hears is a script.

As much of Client's and Dialled's public face as the screen uses, over a real Mirror.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Self

from pychat.client import Address, Changes, CommandError, ConnectionLost, Mirror
from pychat.protocol import commands, events, replies
from tests.support.fake_hall import LIMITS

MANUAL = "# Team Hall\n\nBe kind.\n\n- `/list` shows the rooms\n"

Subscriber = Callable[[Changes], None]


class ScriptedHall:
    """Knows rooms, and replies to joining them; what is said to it stays on its way."""

    def __init__(
        self, rooms: Sequence[replies.RoomInfo], joined: dict[str, Callable[[int], replies.Joined]]
    ) -> None:
        self.taken: set[str] = set()
        self.client = ScriptedClient(rooms, joined)

    async def dial(self, address: Address) -> Self:
        return self

    async def hello(self, name: str) -> "ScriptedClient":
        if name in self.taken:
            raise CommandError("name-taken", f"the name {name!r} is taken; choose another")
        self.client.hear(
            replies.Welcome(
                id=1,
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
                manual=MANUAL,
            )
        )
        return self.client

    async def close(self) -> None:
        """Nobody has entered."""

    def tell(self, *told: events.Event) -> None:
        self.client.hear(*told)

    def hang_up(self, text: str) -> None:
        self.client.lose(text)


class ScriptedClient:
    def __init__(
        self, rooms: Sequence[replies.RoomInfo], joined: dict[str, Callable[[int], replies.Joined]]
    ) -> None:
        self.mirror = Mirror()
        self.state = "connected"
        self.lost: ConnectionLost | None = None
        self._rooms = list(rooms)
        self._joined = joined
        self._subscribers: list[Subscriber] = []
        self._gone = asyncio.Event()

    def hear(self, *messages: object) -> None:
        changes = Changes()
        for message in messages:
            self.mirror.apply(message, now=0.0, into=changes)
        self._publish(changes)

    def lose(self, text: str) -> None:
        self.state = "offline"
        self.lost = ConnectionLost(text)
        self._gone.set()
        self._publish(Changes(connection=True))

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    async def list_rooms(self) -> list[replies.RoomInfo]:
        return self._rooms

    async def join(self, room: str) -> replies.Joined:
        reply = self._joined[room](1)
        command = commands.Join(id=1, room=room)
        self._publish(self.mirror.apply(reply, now=0.0, answering=command))
        return reply

    async def send(self, room: str, text: str, **_: object) -> replies.Sent:
        await self._gone.wait()
        raise ConnectionLost("it is gone")

    async def typing(self, room: str) -> None:
        """Nobody hears of it."""

    async def close(self) -> None:
        """There is nothing to close."""

    def _publish(self, changes: Changes) -> None:
        for callback in tuple(self._subscribers):
            callback(changes)
