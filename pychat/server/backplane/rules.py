"""What every engine asks of an event before it is appended. Pure: the engine looks things up."""

import hashlib
from collections.abc import Callable

import msgspec

from pychat.protocol import codec, events
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.interface import (
    MODERATOR,
    Outcome,
    Person,
    Receipt,
    Rejection,
)

UNAVAILABLE = "the server cannot write to its log ({}); nothing of this was saved, try again later"
CLOSED = UNAVAILABLE.format("it is shutting down")


NONCE_LIFE = 24 * 3600 * 1000
"""Milliseconds for which a nonce is known at least, also that of an event that is gone."""


class Spent(msgspec.Struct, frozen=True):
    """What is known of an event that is not kept any more."""

    seq: int
    time: int
    fingerprint: str


class SpentNonce(Spent, frozen=True, kw_only=True):
    """By whom, in some room, and what for."""

    sender_key: str
    nonce: str


First = LoggedEvent | events.Unknown | Spent
"""What a nonce was used for first."""


class Mentioned(msgspec.Struct, frozen=True):
    """The message that an event changes or answers."""

    row: int
    """Where the engine keeps it."""
    sender_key: str
    time: int
    deleted: bool


def mentions(event: LoggedEvent) -> int | None:
    """The `seq` of the message that the event needs to exist."""
    if isinstance(event, events.Message):
        return event.reply_to
    return None if isinstance(event, events.Topic) else event.target


def resent(
    event: LoggedEvent, person: Person, find: Callable[[str], First | None]
) -> Outcome | None:
    """What becomes of an event of somebody with several names, if its nonce is a used one: `find`
    gives what it was used for first under a name, by its key."""
    for bearing in person:
        first = find(bearing.key)
        if isinstance(first, events.Unknown) or (first and bearing.covers(first.time)):
            return repeated(event, first)
    if find(person[0].key) is None:
        return None
    return Rejection(
        "nonce-reused",
        f"the nonce {event.nonce!r} was used in this room by another who had your name before; "
        "take a new one",
    )


def repeated(event: LoggedEvent, first: First) -> Outcome:
    """What becomes of an event whose nonce its sender used in this room for `first`."""
    if not isinstance(first, events.Unknown) and _same(event, first):
        return Receipt(seq=first.seq, time=first.time, duplicate=True)
    return Rejection(
        "nonce-reused",
        f"the nonce {event.nonce!r} was yours for something else in this room; take a new one",
    )


def fingerprint(event: LoggedEvent) -> str:
    """By which the content of an event is known again, and not to be read."""
    return hashlib.blake2b(codec.encode(_content(event)), digest_size=16).hexdigest()


def _same(event: LoggedEvent, first: LoggedEvent | Spent) -> bool:
    if isinstance(first, Spent):
        return fingerprint(event) == first.fingerprint
    return _content(event) == _content(first)


def _content(event: LoggedEvent) -> LoggedEvent:
    if isinstance(event, events.Message | events.Edited) and event.mentions:
        # Whom the same words name depends on who is there.
        event = msgspec.structs.replace(event, mentions=None)
    return msgspec.structs.replace(event, room="", seq=0, prev=0, time=0, sender="", nonce="")


def refusal(
    event: LoggedEvent, sender_key: str, person: Person, mentioned: Mentioned | None
) -> Rejection | None:
    """Why an event that mentions a message may not be appended."""
    seq = mentions(event)
    if mentioned is None:
        return Rejection("no-such-message", f"there is no message {seq} in this room")
    if isinstance(event, events.Message):
        return None
    if mentioned.deleted:
        return Rejection("no-such-message", f"message {seq} in this room is deleted")
    if isinstance(event, events.Deleted) and MODERATOR in person:
        return None
    if isinstance(event, events.Edited | events.Deleted) and not _is_by(
        sender_key, person, mentioned
    ):
        verb = "edit" if isinstance(event, events.Edited) else "delete"
        return Rejection("not-allowed", f"only its sender may {verb} message {seq}")
    return None


def _is_by(sender_key: str, person: Person, mentioned: Mentioned) -> bool:
    if not person:
        return mentioned.sender_key == sender_key
    return any(
        bearing.key == mentioned.sender_key and bearing.covers(mentioned.time) for bearing in person
    )


AHEAD = 1_000
"""Milliseconds by which a Hall's time may run ahead of the clock, so that no two of its events have
the same: a page of a search ends at a time, and the next begins there."""


def next_time(room_last: int, hall_last: int, now: int) -> int:
    """Of an event in a room whose last one was at `room_last`, in a Hall whose last one was at
    `hall_last`."""
    # One that is later by more was written before the clock was set back: then the room's counts.
    last = hall_last if hall_last < now + AHEAD else room_last
    if now > last:
        return now
    return last + 1 if last < now + AHEAD else last


def number(event: LoggedEvent, head: int, time: int) -> None:
    """Give the event its place in a room whose last one has `head`."""
    event.seq = head + 1
    event.prev = head
    event.time = time
