"""Where one is, and what has been told of it: each message once, in the order of the room."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from pychat.client import CommandError, ConnectionLost, RoomView
from pychat.plain.lines import day_line, label, place
from pychat.protocol import events, names, state
from pychat.protocol.replies import Message
from pychat.tui import telling

if TYPE_CHECKING:
    from pychat.plain.talk import Talk

PAGE = 20
"""Messages that are told of a room when it is opened, and of its newest after a long absence."""


class Going:
    def __init__(self, talk: "Talk") -> None:
        self._talk = talk
        self._told: dict[str, int] = {}
        """By room, the last entry of its log that has been told."""
        self._first: dict[str, int] = {}
        """By room, the oldest message that has been told."""
        self._announced: set[str] = set()
        """Rooms of which it was told that something is new there."""
        self._day: date | None = None
        self._wanted: list[str] = []
        """Rooms still to be joined."""

    def first_told(self, room: str) -> int | None:
        return self._first.get(room)

    def open(self, room: str | None) -> None:
        """Look at a room that I am in, or at the Hall."""
        talk, mirror = self._talk, self._talk.client.mirror
        view = mirror.room(room) if room is not None else None
        mirror.open_room = view.name if view is not None else None
        if view is None:
            talk.say("You are in no room now. /list shows the rooms, /join ROOM goes into one.")
        else:
            self._announced.discard(view.name)
            about = f": {label(view.topic)}" if view.topic else ""
            talk.say(f"{place(view)}, {telling.people(view.count)}{about}")
            self.catch_up(view)
            talk.client.mark_read(view.name)
        talk.drafting.open(mirror.open_room)
        self.show_place()

    def show_place(self) -> None:
        mirror = self._talk.client.mirror
        view = mirror.room(mirror.open_room) if mirror.open_room is not None else None
        here = place(view) if view is not None else label(mirror.hall or "Hall")
        self._talk.desk.prompt(f"{here}> ")

    def catch_up(self, view: RoomView) -> None:
        """Tell what is loaded of the open room and was not told, but no more than a page."""
        told = self._told.get(view.name)
        fresh = [message for message in view.messages if message.seq > (told or 0)]
        page = fresh[-PAGE:]
        before = len(fresh) - len(page)
        if told is not None and before:
            self._talk.say(f"{telling.messages(before)} before these: /history shows them.")
            self._first.pop(view.name, None)
        elif told is None and not view.messages:
            self._talk.say("Nothing was said here yet.")
        self.tell(page)
        if page:
            self._first.setdefault(view.name, page[0].seq)
        self._told[view.name] = view.head

    def tell(self, messages: Iterable[Message], *, elsewhere: bool = False) -> None:
        for message in messages:
            day = self._talk.wording.day(message.time)
            if day != self._day:
                self._day = day
                self._talk.say(day_line(day))
            self._talk.say(self._line(message, elsewhere=elsewhere))

    def older(self, room: str, messages: Sequence[Message]) -> None:
        """What `/history` has found; then on with what is now."""
        self._first[room] = messages[0].seq
        self._day = None
        self.tell(messages)
        self._day = None
        self._talk.say(f"That was older: {telling.messages(len(messages))}.")

    def begin_anew(self) -> None:
        """Positions in the log that was there before say nothing about this one."""
        self._told.clear()
        self._first.clear()

    def happened(self, event: events.LoggedEvent) -> None:
        """One entry of a room's log has come."""
        talk = self._talk
        view = talk.client.mirror.room(event.room)
        if view is None:
            return
        if view.name != talk.here:
            if isinstance(event, events.Message):
                self._elsewhere(view, state.message_of(event))
            return
        if event.seq <= self._told.get(view.name, 0):
            return
        self._told[view.name] = event.seq
        match event:
            case events.Message():
                message = state.message_of(event)
                self._first.setdefault(view.name, message.seq)
                self.tell([message])
                if self._is_for_me(view, message):
                    talk.desk.ring()
            case events.Edited() | events.Deleted() | events.Reacted():
                talk.say(talk.wording.changed(event))
            case events.Topic():
                # A note tells of it.
                pass

    def _elsewhere(self, view: RoomView, message: Message) -> None:
        if self._is_for_me(view, message):
            self.tell([message], elsewhere=True)
            self._talk.desk.ring()
        elif message.sender != self._talk.client.mirror.name:
            self.announce(view)

    def announce(self, view: RoomView) -> None:
        """Once, until one looks there."""
        if view.unread and view.name not in self._announced:
            self._announced.add(view.name)
            name = place(view)
            self._talk.say(f"{name} has something new; /switch {name[1:]} shows it.")

    def _is_for_me(self, view: RoomView, message: Message) -> bool:
        me = self._talk.client.mirror.name
        if message.sender == me:
            return False
        return view.direct is not None or names.fold(me) in map(names.fold, message.mentions or ())

    def _line(self, message: Message, *, elsewhere: bool) -> str:
        talk = self._talk
        view = talk.client.mirror.room(message.room)
        if view is None:
            return talk.wording.said(message, where=f"in #{label(message.room)}")
        answers = view.message(message.reply_to) if message.reply_to is not None else None
        where = ""
        if elsewhere:
            where = "to you" if view.direct is not None else f"in {place(view)}"
        line = talk.wording.said(message, where=where, answers=answers)
        # In a room of two each line of the other's is for me; the mark would say nothing there.
        marked = self._is_for_me(view, message) and (elsewhere or view.direct is None)
        return f"* {line}" if marked else line

    # Rooms

    async def join(self, room: str) -> None:
        """Raises CommandError, ConnectionLost."""
        client = self._talk.client
        view = client.mirror.room(room)
        name = view.name if view is not None else (await client.join(room)).room
        if name != self._talk.here:
            self.open(name)

    def join_where(self, rooms: Iterable[str]) -> None:
        """Go where something waits or where the Hall has kept me, without looking there."""
        mirror = self._talk.client.mirror
        self._wanted += [room for room in dict.fromkeys(rooms) if mirror.room(room) is None]
        if self._wanted:
            self._talk.start(self.join_wanted())

    async def join_wanted(self) -> None:
        client = self._talk.client
        joined: list[str] = []
        while self._wanted:
            room = self._wanted[0]
            try:
                if client.mirror.room(room) is None:
                    joined.append((await client.join(room)).room)
            except ConnectionLost:
                # Once there is one again.
                return
            except CommandError as error:
                self._talk.refuse(f"#{room} cannot be joined: {error.text}")
            self._wanted = [each for each in self._wanted if each != room]
        if joined:
            rooms = telling.listed([f"#{room}" for room in joined])
            self._talk.say(label(f"You are back in {rooms}."))
