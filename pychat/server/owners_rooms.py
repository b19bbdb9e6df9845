"""Direct rooms of two who own their names: which there are, also while both are away. Pure.

What is said in one is in the durable log, under a name that is of these two alone: `@`, both names,
and a mark of who owned them. Whoever owns one of the names after somebody else has another mark,
and nobody opens what the mark of others is on.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.backplane.interface import RoomRecord
from pychat.server.owners import Owner, OwnerId, Owners
from pychat.server.user import User

_MARK_CHARS = 12
"""Of a mark: 48 bits, of which only the same two names' have to differ."""


class OwnersRoom(msgspec.Struct):
    """What is known of such a room while nobody has it open."""

    name: str
    pair: tuple[OwnerId, OwnerId]
    head: int = 0

    @property
    def key(self) -> str:
        return names.fold(self.name)


class OwnersRooms:
    """All of them, by name and by owner."""

    def __init__(self, owners: Owners) -> None:
        self._owners = owners
        self._by_key: dict[str, OwnersRoom] = {}
        self._of: dict[OwnerId, dict[str, OwnersRoom]] = {}

    def __iter__(self) -> Iterator[OwnersRoom]:
        """In the order in which they began."""
        return iter(self._by_key.values())

    def found(self, record: RoomRecord) -> None:
        """In the log, as the Hall opens. If one of the names is not the same owner's any more it
        is nobody's."""
        pair = [self._owners.find(name) for name in names.pair_of(record.name)]
        one, other = pair if len(pair) == 2 else (None, None)
        if one is not None and other is not None and _name(one, other) == record.name:
            self.add(OwnersRoom(record.name, _pair(one, other), record.head))

    def find(self, name: str) -> OwnersRoom | None:
        """By the room's own name."""
        return self._by_key.get(names.fold(name))

    def of(self, owner: OwnerId | None) -> list[OwnersRoom]:
        return list(self._of.get(owner, {}).values()) if owner is not None else []

    def two(self, user: User, name: str) -> tuple[Owner, Owner] | None:
        """The user and whoever owns the name, if the user owns theirs."""
        mine = self._owners.find(user.name) if user.verified else None
        other = self._owners.find(name)
        return (mine, other) if mine is not None and other is not None else None

    def between(self, one: Owner, other: Owner) -> OwnersRoom | None:
        return self.find(_name(one, other))

    def begin(self, one: Owner, other: Owner) -> OwnersRoom:
        """There is none between the two. Raises Refused `too-many`."""
        if len(self._by_key) >= limits.OWNERS_DIRECT_ROOMS:
            most = limits.OWNERS_DIRECT_ROOMS
            raise Refused("too-many", f"the Hall has its {most} direct rooms of owners of names")
        most = limits.OWNERS_DIRECT_ROOMS_PER_OWNER
        for owner, who in ((one, "you have"), (other, f"{other.name} has")):
            if len(self._of.get(owner.id, ())) >= most:
                raise Refused(
                    "too-many", f"{who} direct rooms with {most} people, and there can be no more"
                )
        fresh = OwnersRoom(_name(one, other), _pair(one, other))
        self.add(fresh)
        return fresh

    def forget(self, key: str) -> None:
        """Nothing was said there."""
        gone = self._by_key.pop(key)
        for owner in gone.pair:
            del self._of[owner][key]
            if not self._of[owner]:
                del self._of[owner]

    def other(self, room: OwnersRoom, owner: OwnerId | None) -> str:
        """What the other of the two is called."""
        key = next(each[0] for each in room.pair if each != owner)
        found = self._owners.find(key)
        return found.name if found is not None else key

    def add(self, room: OwnersRoom) -> None:
        key = room.key
        self._by_key[key] = room
        for owner in room.pair:
            self._of.setdefault(owner, {})[key] = room


def _pair(one: Owner, other: Owner) -> tuple[OwnerId, OwnerId]:
    first, second = sorted((one.id, other.id))
    return first, second


def _name(one: Owner, other: Owner) -> str:
    first, second = sorted((one, other), key=lambda owner: owner.id)
    written = "\n".join(f"{key} {since}" for key, since in _pair(one, other))
    mark = hashlib.sha256(written.encode()).hexdigest()[:_MARK_CHARS]
    return f"@{first.name},{second.name},{mark}"
