"""Room: a name and its users. What is said in it reaches its members and nobody else."""

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING

from pychat.protocol import names
from pychat.protocol.events import LoggedEvent, Topic
from pychat.protocol.mentions import named
from pychat.protocol.replies import Member, RoomInfo
from pychat.server.charter import Charter
from pychat.server.presence import PresenceGatherer
from pychat.server.user import User

if TYPE_CHECKING:
    from pychat.server.effects import Peer


class Room:
    """The members of a room, and of them those who hear it: the audience."""

    __slots__ = (
        "_order",
        "appending",
        "audience",
        "charter",
        "head",
        "held",
        "key",
        "members",
        "name",
        "presence",
        "spoke",
        "topic",
    )

    is_direct = False
    is_durable: bool = True
    """Whether what is said in it is on disk."""

    def __init__(
        self, name: str, head: int = 0, topic: str = "", charter: Charter | None = None
    ) -> None:
        self.name = name
        self.key = names.fold(name)
        self.head = head
        """The `seq` of the last event that was delivered; 0 before the first."""
        self.topic = topic
        self.appending = 0
        """Events that are with the Ledger and not settled."""
        self.members: dict[str, User] = {}
        """One session of each person who is in the room, by key."""
        self._order: list[str] = []
        """The members' keys, sorted."""
        self.audience: dict[Peer, None] = {}
        """Connections that have joined: they get the room's events."""
        self.held: dict[Peer, list[LoggedEvent]] = {}
        """Connections whose `joined` is being made: their events wait until it is sent."""
        self.presence = PresenceGatherer()
        self.charter = charter or Charter()
        self.spoke: dict[str, float] = {}
        """While the room is slow: when members last said something, by identity, the latest at the
        end; monotonic seconds."""

    def admit(self, user: User, head: int) -> bool:
        """Whether the person is new in the room, which has that head."""
        user.rooms[self.key] = self
        other = self.members.get(user.key)
        since = head if other is None else other.since.get(self.key, 0)
        if since:
            user.since[self.key] = since
        if other is not None:
            return False
        self.members[user.key] = user
        insort(self._order, user.key)
        return True

    def dismiss(self, user: User) -> bool:
        """Whether the person is out of the room with that."""
        del user.rooms[self.key]
        user.typed_at.pop(self.key, None)
        user.read.pop(self.key, None)
        user.since.pop(self.key, None)
        if user.peer is not None:
            self.deafen(user.peer)
        other = user.party.within(self)
        if other is not None:
            self.members[user.key] = other
            return False
        del self.members[user.key]
        del self._order[bisect_left(self._order, user.key)]
        return True

    def seat(self, members: dict[str, User]) -> None:
        """Those by key, in place of all."""
        self.members, self._order = members, sorted(members)

    def rename(self, user: User, old_key: str) -> None:
        """The member known by `old_key` goes by their name of now."""
        del self.members[old_key]
        del self._order[bisect_left(self._order, old_key)]
        self.members[user.key] = user
        insort(self._order, user.key)

    def deafen(self, peer: "Peer") -> None:
        """The connection hears nothing more, though its user may stay a member."""
        self.audience.pop(peer, None)
        self.held.pop(peer, None)

    def hears(self, peer: "Peer") -> bool:
        return peer in self.audience or peer in self.held

    def record(self, event: LoggedEvent) -> None:
        """The event is durable, and about to be broadcast."""
        self.head = event.seq
        if isinstance(event, Topic):
            self.topic = event.text
        for waiting in self.held.values():
            waiting.append(event)

    def named_in(self, text: str, sender: User) -> list[str] | None:
        """The members whom a text of the sender's names; None rather than nobody."""
        keys = named(text, self.members)
        if not keys:
            return None
        users = [self.members[key] for key in keys]
        return [user.name for user in users if user.party is not sender.party] or None

    def page_of_members(self, after: str | None, limit: int) -> tuple[list[Member], bool]:
        """Members by name, and whether there are more. `after` need not be a member's name."""
        self.presence.looked()
        start = 0 if after is None else bisect_right(self._order, names.fold(after))
        keys = self._order[start : start + limit]
        members = [self.member(self.members[key]) for key in keys]
        return members, start + limit < len(self._order)

    def member(self, user: User) -> Member:
        """As others see one of the members."""
        return user.member(self.charter.role_of(user))

    def info(self) -> RoomInfo:
        return RoomInfo(name=self.name, members=len(self.members), topic=self.topic, seq=self.head)
