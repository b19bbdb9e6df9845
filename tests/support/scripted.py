"""A client without a Hall, for pictures of the screen: what it knows and hears is a script.

As much of Client's and Dialled's public face as the screen uses, over a real Mirror.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Self

from pychat.client import (
    Address,
    Changes,
    CommandError,
    ConnectionLost,
    Mirror,
    Outbox,
    Outgoing,
    Retry,
    RoomView,
)
from pychat.protocol import commands, events, replies
from tests.support.fake_hall import LIMITS

MANUAL = "# Team Hall\n\nBe kind.\n\n- `/list` shows the rooms\n"

Subscriber = Callable[[Changes], None]


class EndlessPaper:
    """A Keeper that keeps whatever it is told."""

    def open(self) -> list[Outgoing]:
        return []

    def belongs_to(self, name: str) -> None: ...

    def keep(self, item: Outgoing) -> None: ...

    def exchange(self, nonce: str, item: Outgoing) -> None: ...

    def tried(self, nonce: str, name: str) -> None: ...

    def forget(self, nonce: str) -> None: ...

    def catch_up(self) -> None: ...

    def close(self) -> None: ...


class ScriptedHall:
    """Knows rooms, and replies to joining them; what is said to it stays on its way."""

    def __init__(
        self,
        rooms: Sequence[replies.RoomInfo],
        joined: dict[str, Callable[[int], replies.Joined]],
        *,
        now: int,
    ) -> None:
        """`now`: when all is said, in milliseconds since the epoch."""
        self.taken: set[str] = set()
        self.client = ScriptedClient(rooms, joined, now)

    async def dial(self, address: Address, **_: object) -> Self:
        return self

    async def hello(self, name: str, **_: object) -> "ScriptedClient":
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

    def hang_up(self, text: str, retry: Retry | None = None) -> None:
        """For good, without a retry."""
        self.client.lose(text, retry)


class ScriptedClient:
    def __init__(
        self,
        rooms: Sequence[replies.RoomInfo],
        joined: dict[str, Callable[[int], replies.Joined]],
        now: int,
    ) -> None:
        self.mirror = Mirror()
        self.outbox = Outbox(lambda: now, EndlessPaper())
        self.kept_rooms: list[str] = []
        self.state = "connected"
        self.lost: ConnectionLost | None = None
        self.trouble = ""
        self.refusal: CommandError | None = None
        self.retry: Retry | None = None
        self.lost_at: int | None = None
        self.found: list[replies.Message] = []
        """What any search finds."""
        self._nonces = count()
        self._rooms = list(rooms)
        self._joined = joined
        self._subscribers: list[Subscriber] = []

    def hear(self, *messages: object) -> None:
        changes = Changes()
        for message in messages:
            self.mirror.apply(message, now=0.0, into=changes)
        self._publish(changes)

    def lose(self, text: str, retry: Retry | None) -> None:
        self.state, self.trouble, self.retry = "offline", text, retry
        if retry is not None:
            self.state = "connecting"
        else:
            self.lost = ConnectionLost(text)
        self.outbox.interrupted()
        self._publish(Changes(connection=True, outgoing=self.outbox.take_changed()))

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    async def list_rooms(self) -> list[replies.RoomInfo]:
        return self._rooms

    async def join(self, room: str) -> replies.Joined:
        reply = self._joined[room](1)
        command = commands.Join(id=1, room=room)
        changes = self.mirror.apply(reply, now=0.0, answering=command)
        self.mirror.rooms[room].outgoing = self.outbox.of(room)
        self._publish(changes)
        return reply

    def post(self, room: str, text: str, reply_to: int | None = None) -> Outgoing:
        """It stays on its way, or queued behind what is."""
        nonce = f"scripted {next(self._nonces)}"
        item = self.outbox.add(
            commands.Send(id=0, room=room, text=text, reply_to=reply_to, nonce=nonce)
        )
        if self.state == "connected" and self.outbox.next(room) is item:
            self.outbox.started(item, self.mirror.name)
        self._publish(Changes(outgoing=self.outbox.take_changed()))
        return item

    def refuse(self, item: Outgoing, why: str) -> None:
        self.outbox.refused(item, why, again=False)
        self._publish(Changes(outgoing=self.outbox.take_changed()))

    async def search(self, text: str, **_: object) -> replies.Found:
        return replies.Found(id=1, messages=self.found, more=False)

    def mark_read(self, room: str) -> None:
        self._publish(self.mirror.mark_read(room))

    async def direct(self, name: str) -> RoomView:
        view = self.mirror.direct(name)
        assert view is not None
        return view

    async def typing(self, room: str) -> None:
        """Nobody hears of it."""

    async def close(self) -> None:
        """There is nothing to close."""

    def _publish(self, changes: Changes) -> None:
        for callback in tuple(self._subscribers):
            callback(changes)
