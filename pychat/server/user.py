"""User: somebody in the Hall by one session, which outlives a broken connection for a while.

A guest has one. Who has proved that a name is theirs may have several, and is one Party: one
member of each room that any of them is in.
"""

from typing import TYPE_CHECKING

from pychat.protocol import names
from pychat.protocol.replies import Member
from pychat.server.backplane.interface import Person, Session
from pychat.server.owners import OwnerId

if TYPE_CHECKING:
    from pychat.server.effects import Peer
    from pychat.server.room import Room


class Party:
    """One person: a guest's one session, or all those by which an owned name is here."""

    __slots__ = ("owned_since", "users")

    def __init__(self, user: "User") -> None:
        self.users = [user]
        """In the order of their coming."""
        self.owned_since: int | None = None
        """When the name became theirs, in milliseconds; None for a guest."""

    @property
    def away(self) -> bool:
        """Only if they are with every session."""
        return all(user.away or user.peer is None for user in self.users)

    @property
    def memberships(self) -> "list[Room]":
        """Of all sessions together."""
        rooms = {room.key: room for user in self.users for room in user.memberships}
        return list(rooms.values())

    def within(self, room: "Room") -> "User | None":
        """The first of the sessions that are in the room; of a direct one, that have closed it,
        too."""
        key = room.key
        return next((each for each in self.users if key in each.rooms or key in each.closed), None)


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
        "party",
        "peer",
        "person",
        "place",
        "proof",
        "read",
        "rooms",
        "since",
        "spent_hash",
        "token_hash",
        "typed_at",
    )

    def __init__(self, session_id: int, name: str, peer: "Peer | None", token_hash: str) -> None:
        self.id = session_id
        """Never another's, also after a restart."""
        self.call(name)
        self.party = Party(self)
        """The person whose session this is."""
        self.proof = ""
        """The key by which it was proved that the name is theirs; empty if by none."""
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
        """Up to where a guest has read, by the room's key; an owner's markers are the Hall's."""
        self.since: dict[str, int] = {}
        """The room's head when the user became a member, by its key; 0 where it is not in here."""
        self.place = ""
        """Where they are connected from, or were last, as `addresses.place` has it; empty for this
        machine."""
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
    def verified(self) -> bool:
        """Whether it was proved that the name is theirs."""
        return self.party.owned_since is not None

    @property
    def owned_since(self) -> int:
        """From when on it is, if so; milliseconds."""
        return self.party.owned_since or 0

    @property
    def owner(self) -> OwnerId | None:
        """Whose the name is, if that was proved."""
        since = self.party.owned_since
        return (self.key, since) if since is not None else None

    @property
    def identity(self) -> str:
        """Who it is, as far as that can be known: the owner of a name, or somebody for one stay."""
        return self.key if self.verified else f"#{self.id}.{self.entered}"

    @property
    def memberships(self) -> "list[Room]":
        """The rooms whose members the user is one of."""
        return [*self.rooms.values(), *self.closed.values()]

    def session(self) -> Session:
        """What is kept of the user. Rooms that are in memory are not."""
        rooms = [room for room in self.rooms.values() if room.is_durable]
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
            since={room.name: self.since[room.key] for room in rooms if room.key in self.since},
            verified=self.verified,
            proof=self.proof,
        )

    def member(self, role: str = "member") -> Member:
        """The user as others see them."""
        return Member(
            name=self.name,
            role=role,
            away=self.party.away,
            verified=self.verified,
        )
