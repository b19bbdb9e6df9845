"""What the Hall wants done. The shell acts effects out in the order in which they are given."""

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from pychat.protocol.events import LoggedEvent, PassingEvent
from pychat.protocol.replies import AnyReply, Bye
from pychat.server.backplane.interface import (
    AuditLine,
    Delta,
    DeltaQuery,
    Fact,
    Found,
    Page,
    PageQuery,
    Person,
    SearchQuery,
    Session,
)

if TYPE_CHECKING:
    from pychat.server.room import Room

Peer = Hashable
"""A connection, as the Hall knows it: something that is itself and nothing else."""


class Reply(msgspec.Struct, frozen=True):
    """Send this to one connection."""

    peer: Peer
    message: AnyReply | LoggedEvent | PassingEvent


class Deliver(msgspec.Struct, frozen=True):
    """Send what has become durable to all of the audience of each room, in this order."""

    said: "dict[Room, list[LoggedEvent]]"


class Broadcast(msgspec.Struct, frozen=True):
    """Send this to all of the room's audience but `skip`."""

    room: "Room"
    event: PassingEvent
    skip: Peer | None = None


class Announce(msgspec.Struct, frozen=True):
    """Send this to everybody who is in the Hall."""

    event: PassingEvent


class Append(msgspec.Struct, frozen=True):
    """Give the event to the Ledger; what comes of it is answered to the peer's command."""

    room: "Room"
    event: LoggedEvent
    peer: Peer
    command_id: int
    person: Person = ()
    """Of the sender."""


class Read(msgspec.Struct, frozen=True):
    """Ask the Ledger, then act out what `then` makes of the answer.

    The peer's later commands wait until that is done. If the peer is gone by then, or the
    Ledger cannot answer, `then` is not called.
    """

    peer: Peer
    command_id: int


class ReadPage(Read, frozen=True):
    query: PageQuery
    then: "Callable[[Page], Effects]"


class ReadDelta(Read, frozen=True):
    query: DeltaQuery
    then: "Callable[[Delta], Effects]"


class ReadFound(Read, frozen=True):
    query: SearchQuery
    then: "Callable[[Found], Effects]"


class Close(msgspec.Struct, frozen=True):
    """Send `bye`, then close the connection. The Hall has forgotten the peer already."""

    peer: Peer
    bye: Bye


class Remember(msgspec.Struct, frozen=True):
    """Keep the session as it is now."""

    session: Session


class Forget(msgspec.Struct, frozen=True):
    """The session has ended."""

    session_id: int


class Seal(msgspec.Struct, frozen=True):
    """Nothing more is appended to a direct room."""

    room: str
    why: str
    """A sentence for a person."""


class Drop(msgspec.Struct, frozen=True):
    """A direct room has ended, and with it its log; all that was said in it is settled."""

    room: str


class Enact(msgspec.Struct, frozen=True):
    """Know this for good. The Hall goes by it already.

    `then` is acted out once it is durable; later commands of those who are answered in it wait for
    that. Where the disk refuses, what is answered is `unavailable`, unless `regardless`; the rest
    is acted out all the same, and the disk is tried again.
    """

    facts: Sequence[Fact]
    then: "Effects"
    regardless: bool = False


class Audit(msgspec.Struct, frozen=True):
    """Append to the audit log."""

    line: AuditLine


class Noted(msgspec.Struct, frozen=True):
    """Tell the server's operator."""

    what: Literal["came", "went", "away", "back", "renamed", "joined", "left"]
    name: str
    room: str | None = None
    text: str | None = None
    """The new name, or the reason for going."""


Question = ReadPage | ReadDelta | ReadFound
Effect = (
    Reply
    | Deliver
    | Broadcast
    | Announce
    | Append
    | Question
    | Close
    | Remember
    | Forget
    | Seal
    | Drop
    | Enact
    | Audit
    | Noted
)
Effects = list[Effect]
