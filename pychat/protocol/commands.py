"""What a client sends. Every command carries an `id` and gets exactly one reply."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pychat.protocol import limits
from pychat.protocol.fields import Emojis, Integer, Millis, Nonce, PassphraseText, PublicKey, Seq


class Command(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="type",
    tag=str.lower,
    omit_defaults=True,
    gc=False,  # nothing in it can lead back to it
):
    id: Integer


class Challenge(Command, frozen=True):
    """Asks for what a key's proof is made over; before `hello`."""


class Hello(Command, frozen=True):
    """The first command of a connection."""

    protocol: list[Integer]
    client: Annotated[str, Meta(max_length=limits.CLIENT_CHARS)]
    name: str | None = None
    password: str | None = None
    resume: str | None = None
    key: PublicKey | None = None
    proof: Annotated[str, Meta(max_length=limits.PROOF_CHARS)] | None = None
    """See `proofs.statement`."""
    passphrase: PassphraseText | None = None
    """The name's owner's."""
    invite: Annotated[str, Meta(max_length=limits.INVITE_CHARS)] | None = None
    """A token that lets a stranger in."""


class Name(Command, frozen=True):
    name: str


class Manual(Command, frozen=True):
    pass


class List(Command, frozen=True):
    after: str | None = None
    limit: Annotated[int, Meta(ge=1, le=limits.LISTED_ROOMS)] = 100


class Join(Command, frozen=True):
    room: str
    after: Seq | None = None
    epoch: str | None = None
    limit: Annotated[int, Meta(ge=0, le=limits.PAGE_MESSAGES)] = limits.DEFAULT_PAGE


class Leave(Command, frozen=True):
    room: str


class Members(Command, frozen=True):
    room: str
    after: str | None = None
    limit: Annotated[int, Meta(ge=1, le=limits.LISTED_MEMBERS)] = limits.JOINED_MEMBERS


class Send(Command, frozen=True):
    room: str
    text: str
    nonce: Nonce
    reply_to: Seq | None = None


class Edit(Command, frozen=True):
    room: str
    target: Seq
    text: str
    nonce: Nonce


class Delete(Command, frozen=True):
    room: str
    target: Seq
    nonce: Nonce


class React(Command, frozen=True):
    """`emojis` is the whole set of one's reactions to the target; empty takes all back."""

    room: str
    target: Seq
    emojis: Emojis
    nonce: Nonce


class Topic(Command, frozen=True):
    room: str
    text: str
    nonce: Nonce


class History(Command, frozen=True):
    """At most one of `before`, `after` (both exclusive) and `around`; none asks for the newest."""

    room: str
    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=limits.PAGE_MESSAGES)] = limits.DEFAULT_PAGE


class Search(Command, frozen=True):
    text: str
    room: str | None = None
    sender: str | None = None
    before: Millis | None = None
    limit: Annotated[int, Meta(ge=1, le=limits.FOUND_MESSAGES)] = limits.DEFAULT_PAGE


class Read(Command, frozen=True):
    """Up to `seq` the room has been read; never less than was said before."""

    room: str
    seq: Seq


class Whois(Command, frozen=True):
    name: str


class Kick(Command, frozen=True):
    """Without a room, from the Hall. So for the others that follow, which last."""

    name: str
    room: str | None = None
    reason: str | None = None


class Ban(Command, frozen=True):
    name: str
    room: str | None = None
    seconds: Annotated[int, Meta(ge=1, le=limits.SANCTION_SECONDS)] | None = None
    """None: for good."""
    reason: str | None = None


class Mute(Ban, frozen=True):
    pass


class Unban(Command, frozen=True):
    name: str
    room: str | None = None


class Unmute(Unban, frozen=True):
    pass


class Bans(Command, frozen=True):
    """Who is banned and muted."""

    room: str | None = None


class Role(Command, frozen=True):
    room: str
    name: str
    role: Literal["owner", "operator", "member"]


class Invite(Command, frozen=True):
    room: str
    name: str


class Settings(Command, frozen=True):
    """Those that are given are changed."""

    room: str
    kind: Literal["public", "unlisted", "locked"] | None = None
    slow: Annotated[int, Meta(ge=0, le=limits.SLOW_SECONDS)] | None = None
    """Seconds between two messages of a member; 0: as fast as they like."""
    topic: Literal["member", "operator"] | None = None
    """Who may set it, at least."""
    history: bool | None = None
    """Whether newcomers may read what was said before them."""


class Keys(Command, frozen=True):
    """Which keys lead to one's name."""


class AddKey(Command, frozen=True):
    key: PublicKey
    label: Annotated[str, Meta(max_length=limits.LABEL_CHARS)] = ""


class RevokeKey(Command, frozen=True):
    key: PublicKey


class Passphrase(Command, frozen=True):
    """Another way to one's name; without a text there is none any more."""

    text: PassphraseText | None = None


class Typing(Command, frozen=True):
    room: str


class Away(Command, frozen=True):
    away: bool


class Ping(Command, frozen=True):
    pass


class Quit(Command, frozen=True):
    reason: str | None = None


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    """The answer to the server's `ping`: no command, no `id`, no reply."""


Durable = Send | Edit | Delete | React | Topic
"""Commands that are answered with `sent` once what they did is on disk."""

AnyCommand = (
    Challenge
    | Hello
    | Name
    | Manual
    | List
    | Join
    | Leave
    | Members
    | Send
    | Edit
    | Delete
    | React
    | Topic
    | History
    | Search
    | Read
    | Whois
    | Kick
    | Ban
    | Mute
    | Unban
    | Unmute
    | Bans
    | Role
    | Invite
    | Settings
    | Keys
    | AddKey
    | RevokeKey
    | Passphrase
    | Typing
    | Away
    | Ping
    | Quit
)
ClientMessage = AnyCommand | Pong
