"""What a Hall tells on its own: logged events, which make up a room's log, and passing ones."""

import msgspec

from pychat.protocol.fields import Emojis, Mentions, Millis, Nonce, Seq
from pychat.protocol.replies import Member, RoomSettings


class Logged(
    msgspec.Struct, kw_only=True, tag_field="type", tag=str.lower, omit_defaults=True, gc=False
):
    """One entry of a room's log.

    `seq`, `prev` and `time` are the Ledger's to set: 0 until it has the event. Within a room
    `seq` grows, `prev` is the `seq` before it (0 for the first), and `time` never goes back.
    """

    room: str
    seq: Seq
    prev: Seq
    time: Millis
    sender: str
    nonce: Nonce


class Message(Logged):
    text: str
    reply_to: Seq | None = None
    mentions: Mentions | None = None
    """Never empty."""


class Edited(Logged):
    target: Seq
    text: str
    mentions: Mentions | None = None


class Deleted(Logged):
    target: Seq


class Reacted(Logged):
    """`emojis` is the sender's whole set for the target."""

    target: Seq
    emojis: Emojis


class Topic(Logged):
    text: str


class Passing(msgspec.Struct, kw_only=True, tag_field="type", tag=str.lower, omit_defaults=True):
    """Not logged, not resent, first to be dropped for a slow reader."""


class Parting(msgspec.Struct, kw_only=True):
    name: str
    reason: str


class Change(msgspec.Struct, kw_only=True):
    """What became of the member who was called `name`."""

    name: str
    member: Member


class Presence(Passing):
    room: str
    joined: list[Member] = []
    left: list[Parting] = []
    changed: list[Change] = []


class Typing(Passing):
    room: str
    name: str


class Direct(Passing):
    """Something was said in a direct room that this connection has not joined."""

    room: str
    name: str
    """Who said it."""
    after: Seq
    """The entry before it: a `join` with this gets it, and what follows, as events."""


class Read(Passing):
    """Another session of one's own has read the room up to there."""

    room: str
    seq: Seq


class Settings(Passing):
    """What the room's owners have decided now."""

    room: str
    settings: RoomSettings


class Notice(Passing):
    """A word from the Hall's operator."""

    text: str


class Ping(Passing):
    """Answered with `{"type":"pong"}`."""


class Unknown(msgspec.Struct, kw_only=True):
    """A server message of a type that this client does not know; its `seq` counts."""

    type: str
    room: str | None = None
    seq: Seq | None = None
    prev: Seq | None = None


LoggedEvent = Message | Edited | Deleted | Reacted | Topic
PassingEvent = Presence | Typing | Direct | Read | Settings | Notice | Ping
Event = LoggedEvent | PassingEvent
