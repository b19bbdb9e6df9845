"""What a room's log shows, row by row: messages, notes, and lines across. Pure data.

Rows are ordered by `id`, which never changes: a message's follows from its `seq`, with room
below it for the lines that stand before it and above it for the notes that come after.
"""

import enum
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from pychat.protocol.replies import Message
from pychat.tui.log.days import Calendar

_STEP = 1 << 24
"""Ids from one `seq` to the next."""
_UNSENT = 1 << 60
"""Stands for the `seq` of what has none yet; above every one that a server can give."""

TOGETHER = 5 * 60 * 1000
"""Milliseconds within which messages of one sender are one group."""


def message_id(seq: int) -> int:
    """The id of a message's row."""
    return seq * _STEP


def is_sent(seq: int) -> bool:
    """False for what only this program has."""
    return seq < _UNSENT


def before_id(seq: int) -> int:
    """The id of the first line that may stand before a message."""
    return seq * _STEP - 2


class Told(enum.IntEnum):
    """What a message's row tells of its sender and time."""

    NOTHING = 0
    TIME = 1
    ALL = 2


class Veiled(Message, gc=False):
    """Of somebody who is not to be heard: it is shown that it was said, as if it were deleted."""


# gc=False: rows make no cycles, and a hundred thousand of them would be walked in every full pass.
class MessageRow(msgspec.Struct, gc=False):
    message: Message
    told: Told
    state: str = ""
    """Shown at the right edge."""
    opened: bool = False
    """Whether its reader has uncovered its spoilers and unfolded its code."""

    @property
    def id(self) -> int:
        return message_id(self.message.seq)


class TopRow(msgspec.Struct, gc=False):
    """The first: either there is more before it or the room begins here. No room, no words."""

    room: str
    more_before: bool
    empty: bool = False
    """Nothing was said here yet."""

    @property
    def id(self) -> int:
        return -_STEP


class DayRow(msgspec.Struct, gc=False):
    id: int
    day: int


class UnreadRow(msgspec.Struct, gc=False):
    seq: int
    """Of the message that it stands before."""
    count: int

    @property
    def id(self) -> int:
        return message_id(self.seq) - 1


class NoteRow(msgspec.Struct, gc=False):
    id: int
    text: str
    time: int


class RuleRow(msgspec.Struct, gc=False):
    id: int
    text: str


Row = MessageRow | TopRow | DayRow | UnreadRow | NoteRow | RuleRow


class Rule(NamedTuple):
    """A line across with words of the client's, between a message and what came after it."""

    after: int
    """The `seq` of the last message or event before it."""
    text: str


class Unsent(msgspec.Struct):
    """A message of one's own that the server has not confirmed."""

    text: str
    sender: str
    time: int
    """Milliseconds since the epoch, by the local clock."""
    state: str
    """What is becoming of it: "sending…", "queued", "✗ not sent"."""
    reply_to: int | None = None


class Gathering:
    """Turns messages, oldest first, into rows; knows what came before them."""

    def __init__(self, calendar: Calendar, unread_after: int | None, unread: int) -> None:
        self._calendar = calendar
        self._unread_after = unread_after
        self._unread = unread
        self._last: Message | None = None
        self._day = 0
        self._apart = False

    def expect_unread(self) -> int:
        """The next message is the first that is new; the `seq` of the one before it."""
        self._unread_after = -1 if self._last is None else self._last.seq
        self._unread = 0
        return self._unread_after

    def note(self, after: Row, text: str, time: int) -> list[Row]:
        """A note that comes after all that was added, the last row of which is `after`."""
        rows: list[Row] = []
        today = self._calendar.day(time)
        # This machine's clock may be behind the server's, and days do not go back.
        if today > self._day:
            rows.append(DayRow(after.id + 1, today))
            self._day = today
        self._apart = True
        return [*rows, note_after(rows[-1] if rows else after, text, time)]

    def rule(self, after: Row, text: str) -> RuleRow:
        """As `note`, for a line across."""
        self._apart = True
        return RuleRow(after.id + 1, text)

    def told(self, message: Message) -> Told:
        """What the row of the next message would tell."""
        return Told.ALL if self._apart else _told(message, self._last)

    def add(self, messages: Iterable[Message]) -> list[Row]:
        """Messages that are not newer than the last are left out."""
        rows: list[Row] = []
        last, day, apart = self._last, self._day, self._apart
        seq = -1 if last is None else last.seq
        unread_after, whole = self._unread_after, Told.ALL
        day_of = self._calendar.day
        for message in messages:
            if message.seq <= seq:
                continue
            today = day_of(message.time)
            if today != day:
                rows.append(DayRow(before_id(message.seq), today))
                day, apart = today, True
            if unread_after is not None and seq <= unread_after < message.seq:
                rows.append(UnreadRow(message.seq, self._unread))
                apart = True
            rows.append(MessageRow(message, whole if apart else _told(message, last)))
            last, seq, apart = message, message.seq, False
        self._last, self._day, self._apart = last, day, apart
        return rows


def _told(message: Message, last: Message | None) -> Told:
    if (
        last is None
        or message.sender != last.sender
        or message.reply_to is not None
        or not 0 <= message.time - last.time < TOGETHER
    ):
        return Told.ALL
    return Told.NOTHING if message.time // 60_000 == last.time // 60_000 else Told.TIME


def note_after(row: Row, text: str, time: int) -> NoteRow:
    return NoteRow(row.id + 1, text, time)


def unsent_rows(room: str, unsent: Iterable[Unsent]) -> list[Row]:
    """Their ids are above all others."""
    rows: list[Row] = []
    last: Message | None = None
    for number, one in enumerate(unsent):
        message = Message(
            room=room,
            seq=_UNSENT + number,
            time=one.time,
            sender=one.sender,
            text=one.text,
            reply_to=one.reply_to,
        )
        rows.append(MessageRow(message, _told(message, last), one.state))
        last = message
    return rows
