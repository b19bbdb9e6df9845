"""A user of a Hall, for programs: commands as methods, what happens as a mirror and as events.

The mirror has changed before a call returns and before a subscriber or an iteration learns of
it. A Client is the policy over one Connection; it sends nothing twice by itself.
"""

import asyncio
import contextlib
import secrets
import time
import weakref
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Literal, Self

from pychat.client.changes import Changes
from pychat.client.connection import Arrival, Connection
from pychat.client.errors import CommandError, ConnectionLost
from pychat.client.event_stream import EventStream
from pychat.client.mirror import Mirror
from pychat.protocol import commands, limits, replies
from pychat.protocol.events import Event, Logged, Passing

QUIT_SECONDS = 2.0
"""How long leaving `async with` waits for the server to take the farewell."""

Subscriber = Callable[[Changes], None]


class Client:
    """Made by `connect` or `Dialled.hello`."""

    def __init__(
        self, connection: Connection, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.mirror = Mirror()
        self.lost: ConnectionLost | None = None
        """Why it is offline; None if it is not, or by its own `quit` or `close`."""
        self._state: Literal["connecting", "connected", "offline"] = "connecting"
        self._clock = clock
        self._leaving = False
        self._subscribers: list[Subscriber] = []
        # Weak: an iteration that is left with `break` is not told to anybody.
        self._streams: weakref.WeakSet[EventStream] = weakref.WeakSet()
        self._connection = connection
        connection.on_arrivals = self._arrived
        connection.on_lost = self._ended

    @property
    def state(self) -> Literal["connecting", "connected", "offline"]:
        return self._state

    async def join(
        self,
        room: str,
        *,
        limit: int = limits.DEFAULT_PAGE,
        after: int | None = None,
        epoch: str | None = None,
    ) -> replies.Joined:
        """Enter a room, with its newest `limit` messages.

        With `after` (a seq that was the last one seen) and `epoch` (`mirror.epoch` at that time)
        what has been missed comes as events instead, in `events()` too, unless it is too much.
        """
        command = commands.Join(id=self._id(), room=room, limit=limit, after=after, epoch=epoch)
        return await self._connection.request(command, replies.Joined)

    async def leave(self, room: str) -> None:
        await self._connection.request(commands.Leave(id=self._id(), room=room), replies.Ok)

    async def send(
        self, room: str, text: str, reply_to: int | None = None, *, nonce: str | None = None
    ) -> replies.Sent:
        """Say something. Returns once it is on the server's disk.

        After ConnectionLost nobody knows whether it was said: to try again without saying it
        twice, give both attempts the same `nonce` (1 to 64 characters; random by default).
        """
        command = commands.Send(
            id=self._id(), room=room, text=text, reply_to=reply_to, nonce=nonce or _nonce()
        )
        return await self._durable(command)

    async def edit(
        self, room: str, target: int, text: str, *, nonce: str | None = None
    ) -> replies.Sent:
        command = commands.Edit(
            id=self._id(), room=room, target=target, text=text, nonce=nonce or _nonce()
        )
        return await self._durable(command)

    async def delete(self, room: str, target: int, *, nonce: str | None = None) -> replies.Sent:
        command = commands.Delete(id=self._id(), room=room, target=target, nonce=nonce or _nonce())
        return await self._durable(command)

    async def react(
        self, room: str, target: int, emojis: list[str], *, nonce: str | None = None
    ) -> replies.Sent:
        """Set all of my reactions to a message; an empty list takes them back."""
        command = commands.React(
            id=self._id(), room=room, target=target, emojis=emojis, nonce=nonce or _nonce()
        )
        return await self._durable(command)

    async def set_topic(self, room: str, text: str, *, nonce: str | None = None) -> replies.Sent:
        command = commands.Topic(id=self._id(), room=room, text=text, nonce=nonce or _nonce())
        return await self._durable(command)

    async def list_rooms(self) -> list[replies.RoomInfo]:
        """All rooms of the Hall, by name."""
        rooms: list[replies.RoomInfo] = []
        more = True
        while more:
            after = rooms[-1].name if rooms else None
            command = commands.List(id=self._id(), after=after, limit=limits.LISTED_ROOMS)
            page = await self._connection.request(command, replies.Rooms)
            rooms += page.rooms
            more = page.more and bool(page.rooms)
        return rooms

    async def members(self, room: str) -> list[replies.Member]:
        """All members of a room that I am in, by name."""
        members: list[replies.Member] = []
        more = True
        while more:
            after = members[-1].name if members else None
            command = commands.Members(
                id=self._id(), room=room, after=after, limit=limits.LISTED_MEMBERS
            )
            page = await self._connection.request(command, replies.Members)
            members += page.members
            more = page.more and bool(page.members)
        return members

    async def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = limits.DEFAULT_PAGE,
    ) -> replies.History:
        """A page of a room's messages; at most one of the three, none asks for the newest.

        What joins on to the messages in the mirror is added there.
        """
        command = commands.History(
            id=self._id(), room=room, before=before, after=after, around=around, limit=limit
        )
        return await self._connection.request(command, replies.History)

    async def fetch_older(self, room: str, limit: int = limits.DEFAULT_PAGE) -> bool:
        """Load the messages before the oldest in the mirror. False if there are none."""
        view = self.mirror.room(room)
        if view is None or not view.more_before:
            return False
        page = await self.history(view.name, before=view.loaded_from, limit=limit)
        return bool(page.messages)

    async def search(
        self,
        text: str,
        *,
        room: str | None = None,
        sender: str | None = None,
        before: int | None = None,
        limit: int = limits.DEFAULT_PAGE,
    ) -> replies.Found:
        """Messages with that text, newest first, in `room` or all of my rooms.

        `before` is a time (ms since the epoch); that of the last one found asks for the next page.
        """
        command = commands.Search(
            id=self._id(), text=text, room=room, sender=sender, before=before, limit=limit
        )
        return await self._connection.request(command, replies.Found)

    async def set_name(self, name: str) -> None:
        await self._connection.request(commands.Name(id=self._id(), name=name), replies.Ok)

    async def set_away(self, away: bool) -> None:
        await self._connection.request(commands.Away(id=self._id(), away=away), replies.Ok)

    async def typing(self, room: str) -> None:
        """Tell that I am writing; the server passes on one in 3 s per room."""
        await self._connection.request(commands.Typing(id=self._id(), room=room), replies.Ok)

    async def manual(self) -> str:
        """The Hall's manual (markdown)."""
        reply = await self._connection.request(commands.Manual(id=self._id()), replies.Manual)
        return reply.text

    async def ping(self) -> replies.Pong:
        return await self._connection.request(commands.Ping(id=self._id()), replies.Pong)

    async def quit(self, reason: str | None = None) -> None:
        """Leave the Hall and all rooms, and close. Quiet when the connection is gone already."""
        self._leaving = True
        with contextlib.suppress(ConnectionLost):
            await self._connection.request(commands.Quit(id=self._id(), reason=reason), replies.Ok)
        await self.close()

    async def close(self) -> None:
        """End the connection without a farewell: the Hall keeps my place for `linger` seconds."""
        self._leaving = True
        await self._connection.close()

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Have `callback` called after each batch that changed something; returns the way out.

        It runs on the loop and must not block.
        """
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._subscribers.remove(callback)

        return unsubscribe

    def events(self) -> AsyncIterator[Event]:
        """What happens from this call on, in order: logged events and passing ones but `ping`.

        Ends with my own `quit` or `close`. Raises ConnectionLost when the connection ends
        otherwise, FellBehind when 10,000 wait unread.
        """
        stream = EventStream()
        if self._state == "offline":
            stream.end(self.lost)
        self._streams.add(stream)
        return stream

    def __aiter__(self) -> AsyncIterator[Event]:
        return self.events()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Says `quit` and closes."""
        if self._state == "connected":
            with contextlib.suppress(TimeoutError, CommandError):
                async with asyncio.timeout(QUIT_SECONDS):
                    await self.quit()
        await self.close()

    def _id(self) -> int:
        return self._connection.next_id()

    async def _durable(self, command: commands.Durable) -> replies.Sent:
        self.mirror.outgoing.add(command.nonce)
        try:
            return await self._connection.request(command, replies.Sent)
        except (CommandError, ConnectionLost):
            self.mirror.outgoing.discard(command.nonce)
            raise

    def _arrived(self, arrivals: list[Arrival]) -> None:
        changes = Changes()
        now = self._clock()
        streams = list(self._streams)
        for message, answering, delta in arrivals:
            self.mirror.apply(message, now=now, answering=answering, delta=delta, into=changes)
            if isinstance(message, replies.Welcome):
                self._state = "connected"
                changes.connection = True
            for stream in streams:
                for event in (*delta, message):
                    if isinstance(event, (Logged, Passing)):
                        stream.offer(event)
        self._publish(changes)

    def _ended(self, lost: ConnectionLost) -> None:
        self._state = "offline"
        self.lost = None if self._leaving else lost
        self.mirror.outgoing.clear()
        for stream in self._streams:
            stream.end(self.lost)
        self._publish(Changes(connection=True))

    def _publish(self, changes: Changes) -> None:
        if not changes:
            return
        for callback in tuple(self._subscribers):
            try:
                callback(changes)
            except Exception as error:  # noqa: BLE001  # it would end the connection
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a subscriber to a pychat client failed", "exception": error}
                )


def _nonce() -> str:
    return secrets.token_hex(16)
