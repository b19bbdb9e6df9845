"""Direct rooms: two people, and nobody else can tell that there is one. Pure.

One lasts as long as either of the two has it open. Its name, `@` and both of theirs, is as they
were called when it began; who is in it tells who they are now.
"""

import itertools

from pychat.protocol import limits as wire
from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.protocol.events import Direct, LoggedEvent, Message
from pychat.server import limits
from pychat.server.effects import Deliver, Drop, Effects, Peer, Reply, Seal
from pychat.server.register import Register
from pychat.server.room import Room
from pychat.server.user import Party, User


class DirectRoom(Room):
    """Both are members from the beginning until they leave the Hall, though one may close it."""

    __slots__ = ("_told", "pair")

    is_direct = True

    def __init__(self, name: str, pair: tuple[Party, Party]) -> None:
        super().__init__(name)
        self.pair = pair
        self._told: dict[Peer, None] = {}
        """Connections that know that there is something to hear, and have not joined yet."""
        for user in (*pair[0].users, *pair[1].users):
            self.admit(user, self.head)

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
                self._told[peer] = None
                news = Direct(room=self.name, name=event.sender, after=event.prev)
                effects.append(Reply(peer, news))
        return effects


class DirectRooms:
    """All that there are: by name, and by the two of whom nobody has left the Hall."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._by_key: dict[str, DirectRoom] = {}
        self._by_pair: dict[frozenset[Party], DirectRoom] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def join(self, user: User, name: str) -> DirectRoom:
        """The room that the user means by `@NAME`, which begins if there is none, or by its own
        name. Raises Refused."""
        if "," in name:
            room = self._own(user, name)
        else:
            other = self.person(name[1:])
            if other.party is user.party:
                raise Refused("not-allowed", "one cannot write to oneself; name somebody else")
            room = self._by_pair.get(_pair(user, other)) or self._begin(user, other)
        room.reopen(user)
        room.told_no_more(user.connection)
        return room

    def find(self, user: User, name: str) -> DirectRoom:
        """Of those that the user has open. Raises Refused `no-such-room`, `not-in-room`."""
        if "," in name:
            room: DirectRoom | None = self._own(user, name)
        else:
            other = self._register.by_key.get(names.fold(name[1:]))
            room = self._by_pair.get(_pair(user, other)) if other else None
        if room is None:
            raise _no_such_room(name)
        if room.key not in user.rooms:
            raise Refused("not-in-room", f"you are not in the room {room.name!r}; join it first")
        return room

    def person(self, name: str) -> User:
        """Raises Refused `no-such-name`."""
        user = self._register.by_key.get(names.fold(name))
        if user is None:
            shown = name[: wire.NAME_CHARS]
            raise Refused("no-such-name", f"nobody here is called {shown!r}")
        return user

    def _own(self, user: User, name: str) -> DirectRoom:
        """A room is there for its two only."""
        room = self._by_key.get(names.fold(name))
        if room is None or user.party not in room.pair or user.key not in room.members:
            raise _no_such_room(name)
        return room

    def _begin(self, user: User, other: User) -> DirectRoom:
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
        if isinstance(event, Message):
            effects += room.tell(event)
        return effects

    def arrived(self, user: User) -> None:
        """By one more session: what the others have begun is there for this one, too."""
        for room in user.party.memberships:
            if isinstance(room, DirectRoom):
                user.closed[room.key] = room

    def gone(self, room: DirectRoom, user: User) -> Effects:
        """One of the two has left the Hall. The other may still read what was said."""
        self._by_pair.pop(frozenset(room.pair), None)
        return self.end_if_closed(room) or [
            Seal(room.name, f"{user.name} has left the Hall: nothing more can be said here")
        ]

    def end_if_closed(self, room: DirectRoom) -> Effects:
        """What is with the Ledger is settled first: it must not be the next room's."""
        if room.is_open or room.key not in self._by_key:
            return []
        self._by_pair.pop(frozenset(room.pair), None)
        for user in room.sessions():
            room.dismiss(user)
        if room.appending:
            return []
        del self._by_key[room.key]
        return [Drop(room.name)]


def _count(user: User) -> int:
    rooms = (*user.rooms.values(), *user.closed.values())
    return sum(isinstance(room, DirectRoom) for room in rooms)


def _pair(user: User, other: User) -> frozenset[Party]:
    return frozenset((user.party, other.party))


def _no_such_room(name: str) -> Refused:
    return Refused("no-such-room", f"there is no room {name[: wire.ROOM_CHARS]!r}")
