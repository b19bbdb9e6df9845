"""What stands in the log that all nodes of a Hall go by: proposals, in the order that decides.

An entry has all that its outcome depends on and that nodes do not share, so that each node makes
the same of it: what was proved, a token, how far its room had come, where somebody came from.
"""

import msgspec

from pychat.protocol.commands import AnyCommand
from pychat.server.access import Access
from pychat.server.administering import Asked
from pychat.server.credentials import NOTHING, Credentials

VERSION = 1
"""Of what is decided: nodes of different ones would make different things of the same entries."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Settings by which is decided: those of the node that told them last hold for all."""

    linger: float
    """Seconds."""
    access: Access
    operators: list[str]
    """Names, folded and sorted."""
    bounds: dict[str, int | float]
    """Of `pychat.server.limits`, by their names."""
    keep_age: int | None = None
    """Milliseconds; of what is said in rooms of two, as of other rooms."""
    keep_messages: int | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="entry", tag=str.lower):
    pass


class Came(Entry, frozen=True):
    """The node is there from now on; nothing of it counts before."""

    rules: Rules
    instead: str = ""
    """The node that it was before it was cut off, which is gone with that."""


class Ruled(Entry, frozen=True):
    """These hold from now on."""

    rules: Rules


class RoomNews(msgspec.Struct, frozen=True):
    name: str
    head: int
    topic: str


class Beat(Entry, frozen=True):
    """The node is still there; and how far rooms have come that only some nodes follow."""

    rooms: list[RoomNews] = []


class Gone(Entry, frozen=True):
    """A node says no more. It is void if that has said something since it was `heard`."""

    node: str
    heard: int
    """When; in the log's milliseconds."""


class Left(Entry, frozen=True):
    """The node is going: its connections are lost."""


class Given(Entry, frozen=True):
    """A command of somebody's at this node."""

    peer: int
    """The connection's number at the node."""
    command: AnyCommand
    proved: Credentials = NOTHING
    token: str = ""
    """For whoever needs a new one with that."""
    place: str = ""
    """As `User.place`."""
    unconfirmed: bool = True
    """Of the connection that a `resume` would take over: whether what was said there may not have
    arrived. True where the node can't know."""
    head: int = 0
    """Of the room that it is about, as the node knew it."""


class Administered(Entry, frozen=True):
    """A request of the one who runs this node."""

    peer: int
    asked: Asked
    token: str = ""


class Confirmed(Entry, frozen=True):
    """The connection has its `welcome`: something was said there after it."""

    peer: int


class Lost(Entry, frozen=True):
    """The connection is no more."""

    peer: int
    unconfirmed: bool = True


class Unused(Entry, frozen=True):
    """Nothing was ever said in a room that nobody is in: it is no more, if that is so still."""

    room: str


AnyEntry = Came | Ruled | Beat | Gone | Left | Given | Administered | Confirmed | Lost | Unused


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What a node had to say at one time: one message of the log."""

    version: int = VERSION
    node: str
    number: int
    """Rises by one; what has come already is void."""
    entries: list[AnyEntry]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A batch whose entries are encoded already."""

    version: int = VERSION
    node: str
    number: int
    entries: list[msgspec.Raw]


class _Version(msgspec.Struct):
    version: int


class VersionError(Exception):
    """The nodes of a Hall are not of one version; the text says of which."""


encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Batch).decode
_decode_version = msgspec.json.Decoder(_Version).decode


def decode(body: bytes) -> Batch:
    """Raises VersionError."""
    try:
        version = _decode_version(body).version
        if version == VERSION:
            return _decode(body)
    except msgspec.DecodeError as fault:
        raise VersionError(f"what stands in the Hall's log cannot be read: {fault}") from None
    raise VersionError(
        f"another node decides by version {version}, this one by {VERSION}: all nodes of a Hall "
        "take the same version of pychat; stop them all, then start them anew"
    )
