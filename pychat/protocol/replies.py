"""What a server answers. Each reply carries the `id` of its command; `bye` has none."""

import msgspec

from pychat.protocol.errors import RECONNECT, RETRYABLE, ByeCode, ErrorCode
from pychat.protocol.fields import Integer, Mentions, Millis, Nonce, Seq


class Member(msgspec.Struct, kw_only=True):
    """A member of a room as others see them. `role` is `owner`, `operator` or `member`."""

    name: str
    role: str = "member"
    away: bool = False
    verified: bool = False


# gc=False: messages make no cycles, and a client holds a hundred thousand of them.
class Message(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A message as it stands now: edits, deletion and reactions are worked in."""

    room: str
    seq: Seq
    time: Millis
    sender: str
    text: str
    reply_to: Seq | None = None
    edited: Millis | None = None
    """The time of the last edit."""
    deleted: bool = False
    """If so, `text` is empty."""
    reactions: dict[str, list[str]] | None = None
    """Emoji to the names of those who chose it, in the order of their choosing; None, and never
    empty, if nobody did: most messages have none, and an empty dict is a fifth of one."""
    mentions: Mentions | None = None
    """Members whom the text of now names, by their names when it was written; never empty."""


class RoomSettings(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What a room's owners have decided; an unknown word is a newer Hall's."""

    kind: str = "public"
    """`public`, `unlisted` (not in `rooms` for others), `locked` (for the invited)."""
    slow: Integer = 0
    """Seconds between two messages of a member."""
    topic: str = "member"
    """Who may set it at least: `member` or `operator`."""
    history: bool = True
    """Whether newcomers may read what was said before them."""


class Sanction(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A ban or a mute, as those are told who may lift it."""

    name: str
    since: Millis
    by: str
    until: Millis | None = None
    """None: for good."""
    reason: str = ""


class RoomInfo(msgspec.Struct, kw_only=True):
    name: str
    members: Integer
    topic: str
    seq: Seq
    """The room's head."""


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """The Hall's bounds, as told in `welcome`."""

    frame: Integer
    text: Integer
    lines: Integer
    name: Integer
    room: Integer
    topic: Integer
    page: Integer
    rooms: Integer
    linger: Integer
    """Seconds."""
    ping: Integer
    """Seconds."""


class Reply(msgspec.Struct, kw_only=True, tag_field="type", tag=str.lower, omit_defaults=True):
    id: Integer


class Welcome(Reply):
    protocol: Integer
    server: str
    hall: str
    epoch: str
    name: str
    resume: str
    resumed: bool
    rooms: list[str]
    limits: Limits
    time: Millis
    manual: str
    verified: bool = False
    """Whether it was proved that the name is yours."""
    role: str = "member"
    """`operator` for the Hall's operators."""


class Challenge(Reply):
    challenge: str
    """32 random bytes, as `proofs.written` writes them."""


class Key(msgspec.Struct, kw_only=True):
    """One of the keys that lead to a name."""

    key: str
    label: str
    added: Millis
    used: Millis
    """To the day; 0 if never."""


class Keys(Reply):
    keys: list[Key]
    passphrase: bool
    """Whether there is one."""


class Ok(Reply):
    pass


class Manual(Reply):
    text: str


class Rooms(Reply):
    rooms: list[RoomInfo]
    more: bool


class Joined(Reply):
    """Either `events` (then `recovered`), oldest first, or `messages`, oldest first.

    `events` are left undecoded, so that one of an unknown type spoils no other.
    """

    room: str
    topic: str
    members: list[Member]
    count: Integer
    seq: Seq
    recovered: bool
    missed: Integer
    more: bool
    read: Seq | None = None
    """Up to where this session has said that it has read."""
    settings: RoomSettings | None = None
    """None where they are the defaults."""
    events: list[msgspec.Raw] | None = None
    messages: list[Message] | None = None


class Members(Reply):
    room: str
    members: list[Member]
    count: Integer
    more: bool


class Sent(Reply):
    room: str
    seq: Seq
    time: Millis
    nonce: Nonce


class History(Reply):
    room: str
    messages: list[Message]
    more_before: bool
    more_after: bool


class Found(Reply):
    """Newest first."""

    messages: list[Message]
    more: bool


class Whois(Reply):
    """Somebody in the Hall."""

    name: str
    role: str
    away: bool
    verified: bool
    rooms: list[str]
    """Those that the asker is in, too, by name."""
    entered: Millis
    idle: Integer
    """Milliseconds since they last did something that others notice."""


class Bans(Reply):
    """Of a room, or of the Hall; oldest first."""

    bans: list[Sanction]
    mutes: list[Sanction]
    room: str | None = None


class Pong(Reply):
    time: Millis
    heads: dict[str, Seq]


class Error(msgspec.Struct, kw_only=True, tag_field="type", tag="error", omit_defaults=True):
    """Instead of a reply. Without `id` where the command's could not be read."""

    code: str
    text: str
    retryable: bool
    id: Integer | None = None
    retry_after: Integer | None = None
    """Milliseconds."""


class Bye(msgspec.Struct, kw_only=True, tag_field="type", tag="bye", omit_defaults=True):
    """The last frame before the server closes."""

    code: str
    text: str
    reconnect: bool
    retry_after: Integer | None = None
    """Milliseconds."""


def error(
    code: ErrorCode, text: str, command_id: int | None = None, retry_after: int | None = None
) -> Error:
    """An `error` whose `retryable` follows from its code."""
    return Error(
        code=code, text=text, retryable=code in RETRYABLE, id=command_id, retry_after=retry_after
    )


def bye(code: ByeCode, text: str, retry_after: int | None = None) -> Bye:
    """A `bye` whose `reconnect` follows from its code."""
    return Bye(code=code, text=text, reconnect=code in RECONNECT, retry_after=retry_after)


AnyReply = (
    Welcome
    | Challenge
    | Keys
    | Ok
    | Manual
    | Rooms
    | Joined
    | Members
    | Sent
    | History
    | Found
    | Whois
    | Bans
    | Pong
    | Error
    | Bye
)
