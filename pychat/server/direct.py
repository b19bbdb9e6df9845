"""Direct rooms: two people, and nobody else can tell that there is one. Pure.

Between two who own their names one lasts, and is theirs alone whenever they come: `OwnersRooms`
knows of it while nobody has it open. Any other lasts as long as either of the two has it open. Its
name, `@` and both of theirs, is as they were called when it began; who is in it tells who they are
now.
"""

import itertools
from collections.abc import Mapping

from pychat.protocol import limits as wire
from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.protocol.events import Direct, LoggedEvent, Message
from pychat.server import limits
from pychat.server.backplane.interface import RoomRecord
from pychat.server.effects import Deliver, Drop, Effects, Peer, Reply, Seal
from pychat.server.owners import OwnerId, Owners
from pychat.server.owners_rooms import OwnersRoom, OwnersRooms
from pychat.server.register import Register
from pychat.server.room import Room
from pychat.server.user import Party, User


class DirectRoom(Room):
    """Both are members from the beginning until they leave the Hall, though one may close it."""

    __slots__ = ("_told", "is_durable", "owners", "pair")

    is_direct = True

    def __init__(
        self,
        name: str,
        pair: tuple[Party, ...] = (),
        owners: tuple[OwnerId, ...] = (),
        head: int = 0,
    ) -> None:
        """It is of two owners, who may be away, or else of two people who are here."""
        super().__init__(name, head)
        self.is_durable = names.is_durable(name)
        self.pair = pair
        self.owners = owners
        self._told: dict[Peer, None] = {}
        """Connections that know that there is something to hear, and have not joined yet."""

    def is_of(self, user: User) -> bool:
        """Whether the user is one of the two, and here as such."""
        one = user.party in self.pair or user.owner in self.owners
        return one and user.key in self.members

    def close(self, user: User) -> None:
        """For the user only, and until the other says something."""
        user.closed[self.key] = self
        del user.rooms[self.key]
        user.typed_at.pop(self.key, None)
        if user.peer is not None:
            self.deafen(user.peer)

    def reopen(self, user: User) -> None:
        if user.closed.pop(self.key, None) is not None:
            user.rooms[self.key] = self

    def dismiss(self, user: User) -> bool:
        self.reopen(user)
        return super().dismiss(user)

    def deafen(self, peer: Peer) -> None:
        super().deafen(peer)
        self._told.pop(peer, None)

    def told_no_more(self, peer: Peer) -> None:
        """It is joining; if that fails, it is to be told again."""
        self._told.pop(peer, None)

    @property
    def is_open(self) -> bool:
        """For a session of either of the two."""
        return any(self.key in user.rooms for user in self.sessions())

    def sessions(self) -> list[User]:
        """Of the two, that have it open or have closed it."""
        everybody = (user for member in self.members.values() for user in member.party.users)
        return [user for user in everybody if self.key in user.rooms or self.key in user.closed]

    def tell(self, event: LoggedEvent) -> Effects:
        """That it was said, to the other, if it is not heard there."""
        effects: Effects = []
        sender = names.fold(event.sender)
        for user in self.sessions():
            if user.key == sender:
                continue
            self.reopen(user)
            peer = user.peer
            if peer is not None and not self.hears(peer) and peer not in self._told:
                effects.append(self.news(peer, event.sender, event.prev))
        return effects

    def news(self, peer: Peer, sender: str, after: int) -> Reply:
        """That there is something to hear behind that entry."""
        self._told[peer] = None
        return Reply(peer, Direct(room=self.name, name=sender, after=after))


class DirectRooms:
    """All that somebody has open: by name, and those with a guest by the two of whom nobody has
    left the Hall."""

    def __init__(self, register: Register, owners: Owners) -> None:
        self._register = register
        self.of_owners = OwnersRooms(owners)
        self._by_key: dict[str, DirectRoom] = {}
        self._by_pair: dict[frozenset[Party], DirectRoom] = {}

    def all(self) -> list[DirectRoom]:
        """By key."""
        return [self._by_key[key] for key in sorted(self._by_key)]

    def called(self, name: str) -> DirectRoom | None:
        """By its own name."""
        return self._by_key.get(names.fold(name))

    def lasts(self, room: DirectRoom) -> bool:
        """Whether `join` with a name still leads there: neither of the two has left the Hall."""
        return self._by_pair.get(_parties(room)) is room

    def put_back(self, room: DirectRoom, *, lasts: bool) -> None:
        """One that there was elsewhere."""
        self._by_key[room.key] = room
        if lasts:
            self._by_pair[_parties(room)] = room

    def join(self, user: User, name: str) -> DirectRoom:
        """The room that the user means by `@NAME`, which begins if there is none, or by its own
        name. Raises Refused."""
        known = self._known(user, name) or self._begin(user, name)
        room = self._awake(known)
        room.reopen(user)
        room.told_no_more(user.connection)
        return room

    def find(self, user: User, name: str) -> DirectRoom:
        """Of those that the user has open. Raises Refused `no-such-room`, `not-in-room`."""
        room = self._known(user, name)
        if room is None:
            raise _no_such_room(name)
        if isinstance(room, OwnersRoom) or room.key not in user.rooms:
            raise Refused("not-in-room", f"you are not in the room {room.name!r}; join it first")
        return room

    def person(self, name: str) -> User:
        """Raises Refused `no-such-name`."""
        user = self._register.by_key.get(names.fold(name))
        if user is None:
            shown = name[: wire.NAME_CHARS]
            raise Refused("no-such-name", f"nobody here is called {shown!r}")
        return user

    def _known(self, user: User, name: str) -> DirectRoom | OwnersRoom | None:
        """What there is by that name for the user, who is one of the two."""
        if "," in name:
            room = self._by_key.get(names.fold(name))
            if room is not None and room.is_of(user):
                return room
            asleep = self.of_owners.find(name)
            return asleep if asleep is not None and user.owner in asleep.pair else None
        other = self._register.by_key.get(names.fold(name[1:]))
        room = self._by_pair.get(_pair(user, other)) if other is not None else None
        two = self.of_owners.two(user, name[1:]) if room is None else None
        if two is None:
            return room
        asleep = self.of_owners.between(*two)
        return None if asleep is None else self._known(user, asleep.name)

    def _begin(self, user: User, name: str) -> DirectRoom | OwnersRoom:
        if "," in name:
            raise _no_such_room(name)
        other = self._register.by_key.get(names.fold(name[1:]))
        if other is not None and other.party is user.party:
            raise Refused("not-allowed", "one cannot write to oneself; name somebody else")
        two = self.of_owners.two(user, name[1:])
        if two is not None:
            return self.of_owners.begin(*two)
        return self._begin_in_memory(user, self.person(name[1:]))

    def _awake(self, known: DirectRoom | OwnersRoom) -> DirectRoom:
        """The room, with those of the two who are here as its members. They have closed it, unless
        nothing was said yet."""
        if isinstance(known, DirectRoom):
            return known
        key = known.key
        # It may be there, if what was said last is not settled.
        room = self._by_key.get(key)
        room = room or DirectRoom(known.name, owners=known.pair, head=known.head)
        self._by_key[key] = room
        for owner in known.pair:
            here = self._register.by_key.get(owner[0])
            for user in here.party.users if here is not None and here.owner == owner else ():
                room.admit(user, room.head)
                if known.head:
                    room.close(user)
        return room

    def _begin_in_memory(self, user: User, other: User) -> DirectRoom:
        if len(self._by_key) >= limits.DIRECT_ROOMS:
            text = f"the Hall has its {limits.DIRECT_ROOMS} direct rooms; try again later"
            raise Refused("too-many", text)
        for each, who in ((user, "you have"), (other, f"{other.name} has")):
            if _count(each) >= limits.DIRECT_ROOMS_PER_USER:
                raise Refused(
                    "too-many",
                    f"{who} {limits.DIRECT_ROOMS_PER_USER} direct rooms, and there can be no more; "
                    "they end when both have left them",
                )
        first, second = (user, other) if user.key < other.key else (other, user)
        name = self._free_name(f"@{first.name},{second.name}")
        room = DirectRoom(name, (first.party, second.party))
        for each in (*first.party.users, *second.party.users):
            room.admit(each, room.head)
        self._by_key[room.key] = self._by_pair[_pair(user, other)] = room
        return room

    def _free_name(self, name: str) -> str:
        numbered = (f"{name}-{number}" for number in itertools.count(2))
        # Ends: there are no more rooms than DIRECT_ROOMS.
        return next(
            each
            for each in itertools.chain((name,), numbered)
            if names.fold(each) not in self._by_key
        )

    def committed(self, event: LoggedEvent) -> Effects:
        """Of a room that has ended meanwhile, nobody is to hear."""
        room = self._by_key.get(names.fold(event.room))
        if room is None:
            return []
        room.record(event)
        effects: Effects = [Deliver({room: [event]})]
        lasting = self.of_owners.find(event.room) if room.is_durable else None
        if lasting is not None:
            lasting.head = event.seq
            if not room.members:
                # Who said it has closed the room since. The other is to learn of it all the same.
                self._awake(lasting)
        if isinstance(event, Message):
            effects += room.tell(event)
        return [*effects, *self.end_if_closed(room)] if room.is_durable else effects

    def arrived(self, user: User) -> list[DirectRoom]:
        """By one more session: what the others have begun is there for this one, too. Those of an
        owner in which that is news to the other."""
        for room in user.party.memberships:
            if isinstance(room, DirectRoom) and room.key not in user.rooms:
                user.closed[room.key] = room
        awake = [self._by_key.get(each.key) for each in self.of_owners.of(user.owner)]
        entered = [room for room in awake if room and room.members and not room.is_of(user)]
        for room in entered:
            room.admit(user, room.head)
            room.close(user)
        return entered

    def not_of(self, user: User) -> list[DirectRoom]:
        """In which the user is under a name that was theirs."""
        rooms = (room for room in user.memberships if isinstance(room, DirectRoom))
        return [room for room in rooms if room.is_durable and not room.is_of(user)]

    def found(self, record: RoomRecord) -> None:
        """In the log, as the Hall opens."""
        self.of_owners.found(record)

    def reopen(self, user: User, name: str) -> None:
        """The user had it open before the Hall was closed."""
        known = self._known(user, name)
        if known is not None:
            self._awake(known).reopen(user)

    def unread(self, user: User, read: Mapping[str, int]) -> Effects:
        """Tell an owner, who has just come, of what was said to them; `read` are their markers."""
        effects: Effects = []
        for each in self.of_owners.of(user.owner):
            after = read.get(each.key, 0)
            if each.head > after and each.key not in user.rooms:
                room = self._awake(self._known(user, each.name) or each)
                room.reopen(user)
                other = self.of_owners.other(each, user.owner)
                effects.append(room.news(user.connection, other, after))
        return effects

    def sender_of(self, event: LoggedEvent) -> OwnerId | None:
        """In a room of owners."""
        lasting = self.of_owners.find(event.room)
        if lasting is None:
            return None
        sender = names.fold(event.sender)
        return next((owner for owner in lasting.pair if owner[0] == sender), None)

    def gone(self, room: DirectRoom, user: User) -> Effects:
        """One of the two has left the Hall. The other may still read what was said, and between
        owners say more."""
        if room.is_durable:
            return self.end_if_closed(room)
        self._unpair(room)
        return self.end_if_closed(room) or [
            Seal(room.name, f"{user.name} has left the Hall: nothing more can be said here")
        ]

    def _unpair(self, room: DirectRoom) -> None:
        """The two may have begun another one, while what was said last was not settled."""
        if self.lasts(room):
            del self._by_pair[_parties(room)]

    def end_if_closed(self, room: DirectRoom) -> Effects:
        """What is with the Ledger is settled first: it must not be the next room's."""
        if room.is_open or room.key not in self._by_key:
            return []
        self._unpair(room)
        for user in room.sessions():
            room.dismiss(user)
        if room.appending:
            return []
        del self._by_key[room.key]
        if not room.is_durable:
            return [Drop(room.name)]
        if not room.head:
            self.of_owners.forget(room.key)
        return []


def _count(user: User) -> int:
    """Of rooms in memory."""
    return sum(not room.is_durable for room in user.memberships)


def _parties(room: DirectRoom) -> frozenset[Party]:
    return frozenset(each for each in room.pair if isinstance(each, Party))


def _pair(user: User, other: User) -> frozenset[Party]:
    return frozenset((user.party, other.party))


def _no_such_room(name: str) -> Refused:
    return Refused("no-such-room", f"there is no room {name[: wire.ROOM_CHARS]!r}")
