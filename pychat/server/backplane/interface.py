"""The seam between the Hall and whatever keeps the room logs. All engines keep these promises."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeVar

import msgspec

from pychat.protocol.errors import PychatError
from pychat.protocol.events import LoggedEvent
from pychat.protocol.replies import Message
from pychat.server.counters import Histogram


class LedgerError(Exception):
    """The log could not be opened or read; the text says which file and what to do."""


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """What the Ledger may let go of, in each room; without bounds it keeps everything.

    The oldest events go, as they come of age or as there are more messages, within about ten
    seconds. What they did to the room's topic, its head and its numbering stays; a nonce is known
    for 24 hours even so.

    Ages are reckoned from the newest event that was there when the Ledger was opened, and by the
    time that has passed since: a wall clock that is set ahead makes nothing old, and time in which
    the Ledger was closed counts as far as there were events after it.
    """

    max_age: int | None = None
    """Milliseconds."""
    max_messages: int | None = None

    @property
    def bounded(self) -> bool:
        return self.max_age is not None or self.max_messages is not None


class RoomRecord(msgspec.Struct, frozen=True):
    """A room that has a log, as found when the Ledger is opened."""

    name: str
    head: int
    topic: str


class Page(msgspec.Struct, frozen=True):
    """Messages as they stand, oldest first."""

    messages: list[Message]
    more_before: bool
    more_after: bool


class Delta(msgspec.Struct, frozen=True):
    """What a room's log has after a position."""

    events: list[msgspec.Raw] | None
    """Every logged event as JSON, oldest first; None where they are too many or too large, or
    the first of them are not kept any more."""
    missed: int
    """How many of the log's messages are newer than the position."""
    floor: int = 0
    """Up to here nothing is kept. Pages end there too."""


class Found(msgspec.Struct, frozen=True):
    """Messages as they stand, newest first."""

    messages: list[Message]
    more: bool


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a room's messages.

    At most one of `before`, `after` (exclusive) and `around` is given; none asks for the newest.
    `around` gives the message at that position in the middle, with `limit // 2` of the others
    before it where there are so many, and fills up from the other side where there are not.
    """

    room: str
    upto: int
    """Events with a larger `seq` do not exist for this query."""
    before: int | None = None
    after: int | None = None
    around: int | None = None
    limit: int
    budget: int
    """Bytes of JSON that the messages may have; fewer come where they would have more, and the
    page still is next to the position asked for. One message always fits."""


class DeltaQuery(msgspec.Struct, frozen=True, kw_only=True):
    room: str
    after: int
    upto: int
    max_events: int
    budget: int
    """Bytes of JSON of all events together."""


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that contain every word of `text` (whole words or their beginnings), newest first.

    An answer ends between two milliseconds where it can, so that the time of its last message
    leads to the next one.
    """

    text: str
    rooms: Sequence[str]
    sender: str | None = None
    """A person's name; compared by `names.fold`."""
    before: int | None = None
    """Milliseconds: older messages only."""
    limit: int
    budget: int


Reason = Literal["no-such-message", "not-allowed", "nonce-reused", "unavailable"]


class Receipt(msgspec.Struct, frozen=True):
    """The event is durable. `duplicate`: it was already, and these are the first one's."""

    seq: int
    time: int
    duplicate: bool = False


class Rejection(msgspec.Struct, frozen=True):
    """The event was not appended."""

    reason: Reason
    text: str
    """A sentence for a person."""


Outcome = Receipt | Rejection


class Bearing(msgspec.Struct, frozen=True):
    """A name that somebody has, or had before in the same session, and what of all that was ever
    said under it is theirs."""

    key: str
    """By `names.fold`."""
    since: int = 0
    """Milliseconds, by the time of events. What was said before is another's, who had the name and
    was still in the Hall."""
    until: int | None = None
    """From then on it is another's, who took the name."""

    def covers(self, time: int) -> bool:
        return self.since <= time and (self.until is None or time < self.until)


MODERATOR = Bearing("*")
"""Beside what somebody is known by: they may delete what others said. No name is like it."""

Person = tuple[Bearing, ...]
"""Somebody by all the names that they are known by, the one that they have now first. Nothing is
said of who has one name, which nobody else in the Hall had: they are the folded name."""


class Sinks(Protocol):
    """What the Ledger calls on the event loop. Must not block or raise."""

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        """A batch is durable.

        `events` are the new ones, numbered, in the order of the log: within a room `seq` rises
        from call to call, each event comes exactly once. `outcomes` tell for each append of the
        batch, by the ticket given with it, what became of it.
        """


class Ledger(Protocol):
    """A durable, totally ordered log per room.

    A room's log comes to be with its first event. Names of rooms are compared to the letter:
    that two spellings are one room is the Hall's business.
    """

    @property
    def epoch(self) -> str:
        """The id of this set of logs: another one has other positions."""

    async def open(self, sinks: Sinks) -> Sequence[RoomRecord]:
        """Raises LedgerError."""

    async def close(self) -> None:
        """Returns when everything appended so far is settled."""

    def append(self, event: LoggedEvent, ticket: object, person: Person = ()) -> None:
        """Queue an event, which is the Ledger's from now on. It is numbered, made durable and
        settled through `Sinks.committed`.

        Checked in this order, in one transaction with the append:

        1. The same `nonce` of the same sender in the same room: the same type and content gives
           the first one's Receipt, any other `nonce-reused`. So does one that somebody else used
           under the sender's name.
        2. `target` and `reply_to` must be the `seq` of a message in this room, else
           `no-such-message`; a deleted target counts as none (a deleted `reply_to` does not);
           only its sender may edit or delete a message, others get `not-allowed`; a MODERATOR
           may delete any.
           The sender is `person`, else the name by `names.fold`.
        3. `seq` is above all others of the room, `prev` the last one's, `time` after its time; but
           no more than `rules.AHEAD` milliseconds after the clock's for that reason.

        `unavailable` means that the disk refused: nothing of this append happened. Of several
        nodes' Ledger it may come all the same, as its text says then, and nobody is told that this
        was it; under its nonce it is never a second event.
        """

    async def page(self, query: PageQuery) -> Page: ...

    async def delta(self, query: DeltaQuery) -> Delta: ...

    async def search(self, query: SearchQuery) -> Found: ...


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A user as they are to be found again after a restart of the server."""

    id: int
    token_hash: str
    """Of the token that takes the session over: who reads the file cannot use it."""
    spent_hash: str = ""
    """Of the one before, as long as the new one may not have arrived."""
    name: str
    away: bool
    rooms: list[str]
    person: Person = ()
    """Not in what earlier versions wrote, and so what follows."""
    entered: int = 0
    """When the user came into the Hall; milliseconds."""
    read: dict[str, int] = {}
    """Up to where the user has read, by the room's name."""
    verified: bool = False
    """Whether it was proved that the name is theirs."""
    proof: str = ""
    """The key by which it was, if by one."""
    since: dict[str, int] = {}
    """Its head when the user became a member, by the room's name."""


class Directory(Protocol):
    """The sessions, kept over a restart or a crash of the server.

    What it loses costs a user a second `hello` and nothing else, so it need not be durable at
    once; and nothing that it does fails for the caller.
    """

    def open(self) -> tuple[Sequence[Session], float]:
        """The sessions that were there, and for how many seconds nobody has kept them."""

    def remember(self, session: Session) -> None:
        """In place of what was known under its id."""

    def forget(self, session_id: int) -> None: ...

    def keep(self) -> None:
        """The server is alive: called about once a second."""

    def close(self) -> None: ...


class RegistryError(PychatError):
    """What is known of people and rights could not be opened; the text says which file and what
    to do."""


Form = TypeVar("Form")


class Fact(msgspec.Struct, frozen=True):
    """What a Hall must not forget: who owns a name and up to where they have read, who is banned,
    how a room is set."""

    bucket: Literal["owner", "token", "room", "hall", "read"]
    key: str
    body: bytes | None
    """JSON, whose form is its bucket's business; None: there is nothing to know any more."""

    def read(self, form: type[Form]) -> Form:
        """Raises RegistryError."""
        try:
            return msgspec.json.decode(self.body or b"", type=form)
        except msgspec.DecodeError as fault:
            raise RegistryError(
                f"what is known of {self.bucket} {self.key!r} cannot be read ({fault}): restore "
                "people.db from a backup, or move it away to begin without names and bans"
            ) from None


class AuditLine(msgspec.Struct, frozen=True, kw_only=True):
    """One act of somebody's who had the right to it."""

    time: int
    """Milliseconds."""
    who: str
    act: str
    room: str | None = None
    whom: str | None = None
    why: str | None = None


class Registry(Protocol):
    """Facts and an audit log, both durable, and each in the order in which it was told."""

    def open(self) -> Sequence[Fact]:
        """All that are known, in no order. Raises RegistryError: what is there and cannot be read
        is never begun anew, since that would forget every ban."""

    def put(self, facts: Sequence[Fact], done: Callable[[bool], None]) -> None:
        """Each in place of what was known under its bucket and key, all of them or none.

        `done` is called on the loop, after this has returned, and must not raise. True: it is
        durable. False: the disk refuses; `keep` tries again, and nothing is told of that.
        """

    def audit(self, line: AuditLine) -> None:
        """Append to the log. What the disk refuses is tried again as facts are."""

    def keep(self) -> None:
        """Try again what the disk has refused: called about once a second."""

    async def close(self) -> None:
        """Returns when everything put so far is settled."""


class Backplane(msgspec.Struct, frozen=True):
    """All that a Hall stands on. Presence and signals join it with the second node."""

    ledger: Ledger
    directory: Directory
    registry: Registry
    retention: Retention = Retention()
    """That of the Ledger: it holds for direct rooms, too."""
    commits: Histogram = msgspec.field(default_factory=Histogram)
    """How long each of the Ledger's took, in seconds."""


Clock = Callable[[], int]
"""Wall-clock milliseconds since the epoch."""
