"""User: one person in the Hall, who outlives a broken connection for a while."""

from typing import TYPE_CHECKING

from pychat.protocol import names
from pychat.protocol.replies import Member
from pychat.server.backplane.interface import Person, Session

if TYPE_CHECKING:
    from pychat.server.effects import Peer
    from pychat.server.room import Room


class User:
    """Somebody with a name. Called `new` until they take one."""

    __slots__ = (
        "active",
        "away",
        "closed",
        "entered",
        "id",
        "key",
        "looks",
        "name",
        "peer",
        "person",
        "read",
        "rooms",
        "spent_hash",
        "token_hash",
        "typed_at",
    )

    def __init__(self, session_id: int, name: str, peer: "Peer | None", token_hash: str) -> None:
        self.id = session_id
        """Never another's, also after a restart."""
        self.call(name)
        self.person: Person = ()
        """All names by which the Ledger is to know the user; `Bearers` keeps it."""
        self.peer: Peer | None = peer
        """The connection; None while the user lingers."""
        self.token_hash = token_hash
        """Of what takes this session over, once."""
        self.spent_hash = ""
        """Of what this session was last taken over with, as long as the `welcome` with the next
        token may not have arrived."""
        self.away = False
        """As the user said; who lingers is away in any case."""
        self.rooms: dict[str, Room] = {}
        """By key; where the user is a member, whether this connection has joined again or not."""
        self.closed: dict[str, Room] = {}
        """Direct rooms in which the user is a member and which they have left, by key."""
        self.read: dict[str, int] = {}
        """Up to where the user has read, by the room's key."""
        self.entered = 0
        """When they came into the Hall; milliseconds."""
        self.active = 0.0
        """When they last did what others notice; monotonic seconds."""
        self.typed_at: dict[str, float] = {}
        """When typing was last passed on, by the room's key; monotonic seconds."""

    def call(self, name: str) -> None:
        self.name = name
        self.key = names.fold(name)
        self.looks = names.looks(name)

    @property
    def connection(self) -> "Peer":
        """Of a user who has one, as everybody has whose command is being handled."""
        assert self.peer is not None
        return self.peer

    @property
    def memberships(self) -> "list[Room]":
        """The rooms whose members the user is one of."""
        return [*self.rooms.values(), *self.closed.values()]

    def session(self) -> Session:
        """What is kept of the user. Direct rooms are not."""
        rooms = [room for room in self.rooms.values() if not room.is_direct]
        return Session(
            id=self.id,
            token_hash=self.token_hash,
            spent_hash=self.spent_hash,
            name=self.name,
            away=self.away,
            rooms=[room.name for room in rooms],
            person=self.person,
            entered=self.entered,
            read={room.name: self.read[room.key] for room in rooms if room.key in self.read},
        )

    def member(self) -> Member:
        """The user as others see them."""
        return Member(name=self.name, away=self.away or self.peer is None)
