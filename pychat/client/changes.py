"""What a batch of arrivals did to the mirror, for whoever shows it."""

from typing import Literal

import msgspec

from pychat.protocol.replies import Message


class Note(msgspec.Struct, kw_only=True, frozen=True):
    """Something that happened in a room besides messages."""

    kind: Literal[
        "joined", "left", "renamed", "away", "back", "role", "settings", "topic", "fetched"
    ]
    name: str
    """Whom it is about; empty for `settings` and `fetched`."""
    text: str = ""
    """`left`: the reason, or empty; `renamed`: the new name; `topic`: the new topic; `role`:
    the new role."""
    count: int = 0
    """`fetched`: how many messages had been missed when I came back after a break."""
    after: int = 0
    """`fetched`: the `seq` after which they come; where they are too many, not all are loaded."""


class Changes(msgspec.Struct, kw_only=True):
    """False when nothing changed. Read `reset` first: a room in it is to be shown anew from its
    view, and is in none of `appended`, `prepended` and `replaced`.

    The messages are those of the view, not copies: each shows its latest state.
    """

    rooms: bool = False
    """The list of rooms, or an unread count, a topic or my own name in it."""
    members: set[str] = msgspec.field(default_factory=set)
    """Rooms whose members, or their number, changed."""
    appended: dict[str, list[Message]] = msgspec.field(default_factory=dict)
    prepended: dict[str, list[Message]] = msgspec.field(default_factory=dict)
    """Ascending like all others, and all of them older than what was loaded before."""
    replaced: dict[str, list[Message]] = msgspec.field(default_factory=dict)
    """Edited, deleted or reacted to; one message may be listed twice."""
    reset: set[str] = msgspec.field(default_factory=set)
    """Rooms whose messages were loaded anew, or of whose messages the oldest were dropped."""
    typing: set[str] = msgspec.field(default_factory=set)
    """Rooms in which somebody began or ended to type; the mere passing of time is not told."""
    notes: dict[str, list[Note]] = msgspec.field(default_factory=dict)
    notices: list[str] = msgspec.field(default_factory=list)
    """Words from the Hall's operator, as they came: dirty."""
    gaps: set[str] = msgspec.field(default_factory=set)
    """Rooms in which an event turned out to be missing."""
    outgoing: set[str] = msgspec.field(default_factory=set)
    """Rooms whose `outgoing` changed: something was queued, went, or is in another state."""
    connection: bool = False
    """Client.state changed, or what else it tells of the connection."""

    def __bool__(self) -> bool:
        return any(msgspec.structs.astuple(self))

    def append(self, room: str, message: Message) -> None:
        if room not in self.reset:
            self.appended.setdefault(room, []).append(message)

    def prepend(self, room: str, messages: list[Message]) -> None:
        if room not in self.reset:
            self.prepended[room] = messages + self.prepended.get(room, [])

    def replace(self, room: str, message: Message) -> None:
        if room not in self.reset:
            self.replaced.setdefault(room, []).append(message)

    def reload(self, room: str) -> None:
        self.reset.add(room)
        for told in (self.appended, self.prepended, self.replaced):
            told.pop(room, None)

    def forget(self, room: str) -> None:
        """It is not in the mirror any more."""
        self.rooms = True
        for rooms in (self.members, self.reset, self.typing, self.gaps):
            rooms.discard(room)
        self.notes.pop(room, None)
        for told in (self.appended, self.prepended, self.replaced):
            told.pop(room, None)

    def note(self, room: str, note: Note) -> None:
        self.notes.setdefault(room, []).append(note)
