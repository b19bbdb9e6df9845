"""A user of a Hall, for programs: commands as methods, what happens as a mirror and as events.

The mirror has changed before a call returns and before a subscriber or an iteration learns of
it. What lies behind is a Session, which may outlive the connection.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from pychat.client.audience import Subscriber
from pychat.client.errors import CommandError, ConnectionLost
from pychat.client.keys import Keys
from pychat.client.mirror import Mirror
from pychat.client.moderation import Moderation
from pychat.client.outbox import Outbox, Outgoing, Sayable, new_nonce
from pychat.client.room_view import RoomView
from pychat.client.session import Retry, Session, State
from pychat.protocol import commands, limits, names, replies
from pychat.protocol.errors import Refused
from pychat.protocol.events import Event
from pychat.protocol.text import check_emojis, check_text

QUIT_SECONDS = 2.0
"""How long leaving `async with` waits for the server to take the farewell."""

LISTED = 100_000
"""Rooms or members of which a whole list is made, page by page."""


Said = TypeVar("Said")


class Client:
    """Made by `connect` or `Dialled.hello`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.keys = Keys(session)
        self.moderation = Moderation(session)
        """What owners and operators do."""

    @property
    def mirror(self) -> Mirror:
        return self._session.mirror

    @property
    def outbox(self) -> Outbox:
        """What was posted and has not been confirmed."""
        return self._session.outbox

    @property
    def kept_rooms(self) -> list[str]:
        """Rooms in which the Hall still had me when I came; nothing of them comes until `join`."""
        return self._session.kept_rooms

    @property
    def state(self) -> State:
        """`connecting` also while it is coming back; `offline` is for good."""
        return self._session.state

    @property
    def lost(self) -> ConnectionLost | None:
        """Why it is offline; None if it is not, or by its own `quit` or `close`."""
        return self._session.lost

    @property
    def trouble(self) -> str:
        """Why there is no connection, as a sentence; empty while there is one."""
        return self._session.trouble

    @property
    def refusal(self) -> CommandError | None:
        """Why the Hall does not let me back in, where it answers: `name-taken` and `bad-name` may
        be answered with `reconnect_now(name)`."""
        return self._session.refusal

    @property
    def retry(self) -> Retry | None:
        """The next try to come back, while it is `connecting`."""
        return self._session.retry

    @property
    def lost_at(self) -> int | None:
        """When the connection was lost last: milliseconds since the epoch, by this machine."""
        return self._session.lost_at

    def reconnect_now(self, name: str | None = None) -> None:
        """Try to come back at once, under another name if one is given.

        Also after the Hall has sent me away for good. Does nothing while there is a connection,
        and after my own `quit` or `close`.
        """
        supervisor = self._session.supervisor
        if supervisor is not None and self.state != "connected":
            supervisor.now(name)

    async def join(
        self,
        room: str,
        *,
        limit: int = limits.DEFAULT_PAGE,
        after: int | None = None,
        epoch: str | None = None,
    ) -> replies.Joined:
        """Enter a room, with its newest `limit` messages. `@NAME` is the one that I share with
        somebody; the answer tells its own name, by which it is in the mirror.

        With `after` (a seq that was the last one seen) and `epoch` (`mirror.epoch` at that time)
        what has been missed comes as events instead, in `events()` too, unless it is too much.
        """
        command = commands.Join(id=self._id(), room=room, limit=limit, after=after, epoch=epoch)
        return await self._session.request(command, replies.Joined)

    async def direct(self, name: str) -> RoomView:
        """The room that I share with the one who is called that, entered if need be. Raises
        CommandError `no-such-name`, `too-many`.

        What others say to me needs no call: their rooms are in the mirror by themselves.
        """
        view = self.mirror.direct(name)
        if view is None or names.fold(view.name) not in self._session.listening:
            try:
                room = (await self.join(f"@{name}")).room
            except CommandError as refusal:
                # The other has spoken meanwhile.
                view = self.mirror.direct(name)
                if refusal.code != "already-in-room" or view is None:
                    raise
                room = view.name
            view = self.mirror.rooms[room]
        return view

    def mark_read(self, room: str) -> None:
        """Everything in the room has been seen. The Hall is told of it, and the next program."""
        self._session.audience.publish(self.mirror.mark_read(room))
        view = self.mirror.room(room)
        if view is not None:
            self._session.reading.mark(view)

    async def whois(self, name: str) -> replies.Whois:
        """Raises CommandError `no-such-name`."""
        return await self._session.request(commands.Whois(id=self._id(), name=name), replies.Whois)

    async def leave(self, room: str) -> None:
        await self._session.leave(room)

    async def send(
        self, room: str, text: str, reply_to: int | None = None, *, nonce: str | None = None
    ) -> replies.Sent:
        """Say something. Returns once it is on the server's disk.

        Where the client reconnects, this waits for that and sends it again, under its `nonce` (1
        to 64 characters; random by default), so that it is said once; several callers keep their
        order. Otherwise nobody knows after ConnectionLost whether it was said: to try again
        without saying it twice, give both attempts the same `nonce`.
        """
        command = commands.Send(
            id=self._id(), room=room, text=text, reply_to=reply_to, nonce=nonce or new_nonce()
        )
        return await self._session.saying.say(command)

    async def edit(
        self, room: str, target: int, text: str, *, nonce: str | None = None
    ) -> replies.Sent:
        command = commands.Edit(
            id=self._id(), room=room, target=target, text=text, nonce=nonce or new_nonce()
        )
        return await self._session.saying.say(command)

    async def delete(self, room: str, target: int, *, nonce: str | None = None) -> replies.Sent:
        command = commands.Delete(
            id=self._id(), room=room, target=target, nonce=nonce or new_nonce()
        )
        return await self._session.saying.say(command)

    async def react(
        self, room: str, target: int, emojis: list[str], *, nonce: str | None = None
    ) -> replies.Sent:
        """Set all of my reactions to a message; an empty list takes them back."""
        command = commands.React(
            id=self._id(), room=room, target=target, emojis=emojis, nonce=nonce or new_nonce()
        )
        return await self._session.saying.say(command)

    async def set_topic(self, room: str, text: str, *, nonce: str | None = None) -> replies.Sent:
        command = commands.Topic(id=self._id(), room=room, text=text, nonce=nonce or new_nonce())
        return await self._session.saying.say(command)

    def post(self, room: str, text: str, reply_to: int | None = None) -> Outgoing:
        """Say something without waiting: it goes when it can, in the order of the room's posts.

        It is in the room's `outgoing` and, where the client has an OutboxStore, on disk when this
        returns. Raises CommandError `bad-text`, `text-too-long`, `not-in-room`, `too-many`, and
        ConnectionLost after `close`.
        """
        room, text = self._writable(room), _checked(check_text, text)
        return self._post(
            commands.Send(id=0, room=room, text=text, reply_to=reply_to, nonce=new_nonce())
        )

    def post_edit(self, room: str, target: int, text: str) -> Outgoing:
        """As `edit`, without waiting."""
        room, text = self._writable(room), _checked(check_text, text)
        return self._post(
            commands.Edit(id=0, room=room, target=target, text=text, nonce=new_nonce())
        )

    def post_delete(self, room: str, target: int) -> Outgoing:
        """As `delete`, without waiting."""
        room = self._writable(room)
        return self._post(commands.Delete(id=0, room=room, target=target, nonce=new_nonce()))

    def post_react(self, room: str, target: int, emojis: list[str]) -> Outgoing:
        """As `react`, without waiting."""
        room, emojis = self._writable(room), _checked(check_emojis, emojis)
        return self._post(
            commands.React(id=0, room=room, target=target, emojis=emojis, nonce=new_nonce())
        )

    async def list_rooms(self) -> list[replies.RoomInfo]:
        """All rooms of the Hall, by name; of more than 100,000 the first."""
        rooms: list[replies.RoomInfo] = []
        more = True
        while more:
            after = rooms[-1].name if rooms else None
            command = commands.List(id=self._id(), after=after, limit=limits.LISTED_ROOMS)
            page = await self._session.request(command, replies.Rooms)
            rooms += page.rooms
            more = page.more and _goes_on(after, page.rooms) and len(rooms) < LISTED
        return rooms

    async def members(self, room: str) -> list[replies.Member]:
        """All members of a room that I am in, by name; of more than 100,000 the first."""
        members: list[replies.Member] = []
        more = True
        while more:
            after = members[-1].name if members else None
            command = commands.Members(
                id=self._id(), room=room, after=after, limit=limits.LISTED_MEMBERS
            )
            page = await self._session.request(command, replies.Members)
            members += page.members
            more = page.more and _goes_on(after, page.members) and len(members) < LISTED
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
        return await self._session.request(command, replies.History)

    async def fetch_older(self, room: str, limit: int = limits.DEFAULT_PAGE) -> bool:
        """Load the messages before the oldest in the mirror. False if there are none."""
        view = self.mirror.room(room)
        if view is None or not view.more_before:
            return False
        before = view.loaded_from
        page = await self.history(view.name, before=before, limit=limit)
        # A page that does not join on would be asked for again and again.
        return bool(page.messages) and view.loaded_from < before

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
        return await self._session.request(command, replies.Found)

    async def set_name(self, name: str) -> None:
        await self._session.request(commands.Name(id=self._id(), name=name), replies.Ok)

    async def set_away(self, away: bool) -> None:
        await self._session.request(commands.Away(id=self._id(), away=away), replies.Ok)
        self._session.away = away

    async def typing(self, room: str) -> None:
        """Tell that I am writing; the server passes on one in 3 s per room."""
        await self._session.request(commands.Typing(id=self._id(), room=room), replies.Ok)

    async def manual(self) -> str:
        """The Hall's manual (markdown)."""
        reply = await self._session.request(commands.Manual(id=self._id()), replies.Manual)
        return reply.text

    async def ping(self) -> replies.Pong:
        return await self._session.request(commands.Ping(id=self._id()), replies.Pong)

    async def quit(self, reason: str | None = None) -> None:
        """Leave the Hall and all rooms, and close. Quiet when the connection is gone already."""
        self._session.leaving = True
        self._session.reading.tell()
        with contextlib.suppress(ConnectionLost):
            await self._session.request(commands.Quit(id=self._id(), reason=reason), replies.Ok)
        await self.close()

    async def disconnect(self) -> None:
        """End the connection without a farewell until `reconnect_now`; what is posted waits."""
        await self._session.disconnect()

    async def close(self) -> None:
        """End the connection without a farewell: the Hall keeps my place for `linger` seconds."""
        await self._session.close()

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Have `callback` called after each batch that changed something; returns the way out.

        It runs on the loop and must not block.
        """
        return self._session.audience.subscribe(callback)

    def events(self) -> AsyncIterator[Event]:
        """What happens from this call on, in order: logged events and passing ones but `ping`.

        Ends with my own `quit` or `close`. Raises ConnectionLost when the connection ends
        otherwise and does not come back, FellBehind when 10,000 wait unread.
        """
        stream = self._session.audience.stream()
        if self.state == "offline":
            stream.end(self.lost)
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
        if self.state == "connected":
            with contextlib.suppress(TimeoutError, CommandError):
                async with asyncio.timeout(QUIT_SECONDS):
                    await self.quit()
        await self.close()

    def _id(self) -> int:
        return self._session.connection.next_id()

    def _writable(self, room: str) -> str:
        view = self.mirror.room(room)
        if view is None:
            raise CommandError("not-in-room", f"you are not in the room {room!r}; join it first")
        return view.name

    def _post(self, command: Sayable) -> Outgoing:
        if self._session.leaving:
            raise ConnectionLost("This client has been closed; nothing can be said by it.")
        return self._session.outbox.add(command, self.mirror.epoch)


def _goes_on(after: str | None, page: Sequence[replies.RoomInfo | replies.Member]) -> bool:
    """Whether a page leads past the one before: else a server that errs would be asked for ever."""
    return bool(page) and page[-1].name != after


def _checked(check: Callable[[Said], Said], said: Said) -> Said:
    """As the Hall would take it; what it would refuse is refused here, before it is queued."""
    try:
        return check(said)
    except Refused as refusal:
        raise CommandError(refusal.code, refusal.text) from None
