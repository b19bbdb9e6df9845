"""Hall: knows all about all rooms and users. Decides; never waits, reads no clock, does no I/O."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import msgspec

from pychat.protocol import names, replies
from pychat.protocol.errors import Refused
from pychat.protocol.events import LoggedEvent
from pychat.server import corresponding, entering, limits, owning, rights
from pychat.server.access import Access, Gate
from pychat.server.attempts import Attempts
from pychat.server.backplane.interface import Fact, Outcome, RoomRecord, Session
from pychat.server.charter import Conduct, charters
from pychat.server.direct import DirectRoom, DirectRooms
from pychat.server.effects import (
    Append,
    Broadcast,
    Deliver,
    Effects,
    Enact,
    Forget,
    Noted,
    Peer,
    Remember,
    Reply,
)
from pychat.server.markers import Markers
from pychat.server.owners import Owners
from pychat.server.register import Register
from pychat.server.room import Room
from pychat.server.settling import Settling, answer
from pychat.server.user import User


class Clock(msgspec.Struct, frozen=True):
    """The two times that the Hall is handed."""

    wall: Callable[[], int]
    """Milliseconds since the Unix epoch: shown, never reckoned with."""
    monotonic: Callable[[], float]
    """Seconds: for all that comes due."""


class HallConfig(msgspec.Struct, frozen=True, kw_only=True):
    name: str = "pychat"
    """As shown to those who enter."""
    server: str
    """The program and its version."""
    manual: str
    """Markdown."""
    linger: float = limits.LINGER
    """Seconds."""
    access: Access = Access()
    operators: frozenset[str] = frozenset()
    """Names, folded: whoever owns one is an operator of the Hall. Others are granted it."""


class Hall:
    """Maps names to rooms and users, and lets users into rooms and out of them.

    A fresh Hall has no rooms. One comes to be with its first `join`; an empty one without
    history goes with its last member.
    """

    def __init__(
        self,
        config: HallConfig,
        epoch: str,
        rooms: Iterable[RoomRecord],
        sessions: Iterable[Session],
        facts: Iterable[Fact],
        clock: Clock,
        new_token: Callable[[], str],
        unconfirmed: Callable[[Peer], bool],
        place_of: Callable[[Peer], str],
    ) -> None:
        """`rooms` have a log; `sessions` are of users who were here before a restart; `facts` is
        what the Registry knows.

        `unconfirmed` tells of a connection whether what was said on it may not have arrived; of
        one that has ended, as it was then. `place_of` tells where it comes from; see `User.place`.
        """
        self.config = config
        self.epoch = epoch
        self.clock = clock
        self.unconfirmed = unconfirmed
        self.place_of = place_of
        facts = list(facts)
        self.conduct = Conduct(facts)
        self._charters = charters(facts)
        """Of rooms that are not open yet, by key."""
        self.settling = Settling()
        self.rooms: dict[str, Room] = {}
        """By key."""
        self._order: list[str] = []
        """The rooms' keys, sorted."""
        self._looks: dict[str, Room] = {}
        """Rooms by what their names look like."""
        self.owners = Owners(facts)
        self.gate = Gate(facts, new_token)
        self.claims = Attempts(limits.CLAIMS_PER_PLACE, limits.CLAIMS_TIME)
        """Names that have become somebody's lately, by place."""
        self.register = Register(new_token, self.owners)
        self.directs = DirectRooms(self.register, self.owners)
        self.markers = Markers(facts, self.owners, epoch)
        self._unkept: dict[User, None] = {}
        """Guests who have read further than what is kept of them says, in order."""
        self._keep_at = self._mark_at = clock.monotonic()
        """When their turn is, and the owners'."""
        self.peers: dict[Peer, User] = {}
        """Greeted connections."""
        self.tick_soon = False
        """Whether the last tick has left something to be done."""
        self.lingering: dict[User, float] = {}
        """Since when each does, the first to break off first; monotonic seconds."""
        self._gathering: dict[Room, None] = {}
        """Rooms with presence to tell."""
        for record in rooms:
            if record.name.startswith("@"):
                self.directs.found(record)
            else:
                self.open_room(record.name, record.head, record.topic)
        for session in sessions:
            entering.restore(self, session)
        for room in self.rooms.values():
            room.charter.forget_guests(besides=room.members.values())

    # -- what the shell tells -----------------------------------------------------------------

    def user_at(self, peer: Peer) -> User | None:
        """Whose connection this is; None before `hello` was granted."""
        return self.peers.get(peer)

    def disconnected(self, peer: Peer) -> Effects:
        """A connection is gone. Its user stays for a while, away, for a `resume` to come."""
        user = self.peers.pop(peer, None)
        if user is None:
            return []
        was_there = not user.party.away
        self.unplug(user)
        self.lingering[user] = self.clock.monotonic()
        effects: Effects = [] if self.unconfirmed(peer) else self.confirm(user)
        if user.party.away:
            effects.append(Noted("away", user.name))
        if was_there and user.party.away:
            effects += self.tell_of_change(user, user.name)
        return effects

    def stop_holding(self, peer: Peer) -> None:
        """The log could not be read for this connection's `join`, which has failed."""
        user = self.peers.get(peer)
        for room in user.rooms.values() if user else ():
            room.held.pop(peer, None)

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[Append, Outcome]]
    ) -> Effects:
        """The Ledger has made events durable: they are delivered first, then come the answers."""
        effects: Effects = []
        said: dict[Room, list[LoggedEvent]] = {}
        for event in events:
            room = self.rooms.get(names.fold(event.room))
            if room is None:
                effects += self.directs.committed(event)
                corresponding.said(self, event)
                continue
            room.record(event)
            if room in said:
                said[room].append(event)
            else:
                said[room] = [event]
        if said:
            effects.append(Deliver(said))
        for append, outcome in outcomes:
            append.room.appending -= 1
            effects.append(Reply(append.peer, answer(append, outcome)))
            if self.settling.waiting:
                effects += self.settling.settled(append.room)
            if not append.room.members:
                effects += self._close_if_unused(append.room)
        return effects

    def tick(self) -> Effects:
        """What has come due: users who lingered too long, presence that was gathered."""
        now = self.clock.monotonic()
        effects = [*self.let_go(), *self.tell_gathered()]
        self.tick_soon = self._is_overdue()
        if self._unkept and now >= self._keep_at:
            self._keep_at = now + limits.READ_KEPT
            effects += self._keep_sessions(limits.READ_KEPT_USERS)
        if self.markers.waiting and now >= self._mark_at:
            self._mark_at = now + limits.READ_KEPT_OWNERS
            effects += self._keep_markers(limits.READ_KEPT_USERS)
        return effects

    def let_go(self) -> Effects:
        """Of those who lingered too long, a few at a time."""
        effects: Effects = []
        for _ in range(limits.LET_GO_PER_TURN):
            if not self._is_overdue():
                break
            effects += self.remove(next(iter(self.lingering)), "connection lost")
        return effects

    def _is_overdue(self) -> bool:
        """Whether somebody has lingered too long."""
        since = next(iter(self.lingering.values()), None)
        return since is not None and since + self.config.linger <= self.clock.monotonic()

    def tell_gathered(self) -> Effects:
        """Presence whose time has come."""
        return [each for room in list(self._gathering) for each in self.tell_presence(room)]

    def keep_later(self, user: User) -> None:
        """A guest has read on, which is not worth a writing of its own."""
        self._unkept[user] = None

    def keep(self) -> Effects:
        """All that was to be kept later."""
        return [*self._keep_sessions(limits.USERS), *self._keep_markers(limits.OWNED_NAMES)]

    def _keep_sessions(self, most: int) -> Effects:
        users = list(islice(self._unkept, most))
        for user in users:
            del self._unkept[user]
        return [Remember(user.session()) for user in users]

    def _keep_markers(self, most: int) -> Effects:
        facts = self.markers.take(most)
        return [Enact(facts, [], regardless=True)] if facts else []

    def put_off(self, seconds: float) -> None:
        """Nobody could come back for so long, since the server stood still."""
        now = self.clock.monotonic()
        for user, since in self.lingering.items():
            self.lingering[user] = min(now, since + seconds)

    # -- users --------------------------------------------------------------------------------

    def confirm(self, user: User) -> Effects:
        """The user's `welcome` has arrived: the token that it was had for is good no more."""
        if not user.spent_hash:
            return []
        self.register.confirm(user)
        return [Remember(user.session())]

    def rename(self, user: User, name: str) -> Effects:
        """Raises Refused `name-taken`."""
        was, old_key = user.name, user.key
        if len(user.party.users) > 1:
            sessions = len(user.party.users)
            raise Refused(
                "not-allowed", f"you are here {sessions} times as {was!r}; leave all but once first"
            )
        other = self.register.rename(user, name, self.clock.wall())
        for room in user.memberships:
            room.rename(user, old_key)
        effects = owning.renamed(self, user)
        effects += corresponding.parted(self, user, was)
        effects += [*_remember(other), Remember(user.session())]
        effects.append(Noted("renamed", was, text=name))
        effects += self.tell_of_change(user, was)
        return [*effects, *corresponding.arrived(self, user), *corresponding.unread(self, user)]

    def set_away(self, user: User, away: bool) -> Effects:
        if user.away == away:
            return []
        was = user.party.away
        user.away = away
        effects: Effects = [Remember(user.session())]
        if user.party.away != was:
            effects.append(Noted("away" if away else "back", user.name))
            effects += self.tell_of_change(user, user.name)
        return effects

    def remove(self, user: User, reason: str) -> Effects:
        """The user leaves the Hall, and every room."""
        effects: Effects = [Forget(user.id)]
        if user.party.users == [user]:
            effects.append(Noted("went", user.name, text=reason))
        was_there = not user.party.away
        for room in user.memberships:
            effects += self.take_out(user, room, reason)
        if user.peer is not None:
            del self.peers[user.peer]
        self.lingering.pop(user, None)
        self._unkept.pop(user, None)
        rest = self.register.strike(user)
        if rest is not None and was_there and rest.party.away:
            effects += self.tell_of_change(rest, rest.name)
        return effects

    def unplug(self, user: User) -> None:
        assert user.peer is not None
        for room in user.rooms.values():
            room.deafen(user.peer)
        user.peer = None

    # -- rooms --------------------------------------------------------------------------------

    def find_joined(self, user: User, name: str) -> Room:
        """A room that the user is in. Raises Refused `no-such-room`, `not-in-room`."""
        room = user.rooms.get(names.fold(name))
        if room is None:
            if name.startswith("@"):
                return self.directs.find(user, name)
            raise rights.not_in(rights.find(self, user, name))
        return room

    def find_or_open(self, name: str) -> Room:
        """Raises Refused `bad-room`, `too-many`."""
        name = names.check_room(name)
        room = self.rooms.get(names.fold(name))
        if room is not None:
            return room
        for look in names.looks(name):
            if look in self._looks:
                twin = self._looks[look]
                if twin.charter.settings.kind != "public":
                    raise Refused("bad-room", f"{name!r} looks like another room; choose another")
                raise Refused("bad-room", f"{name!r} looks like the room {twin.name!r}; join that")
        if len(self.rooms) >= limits.ROOMS:
            raise Refused("too-many", f"the Hall has its {limits.ROOMS} rooms; join one of them")
        return self.open_room(name)

    def head_of(self, room: Room) -> int:
        """The head by which is decided what a newcomer may read, and what has been read."""
        return room.head

    def is_new(self, room: Room) -> bool:
        """Whether nobody has been in it, or nothing was said and all have gone."""
        return not (room.head or room.members or room.appending)

    def page_of_rooms(
        self, user: User, after: str | None, limit: int
    ) -> tuple[list[replies.RoomInfo], bool]:
        """Rooms that the user sees, by name, and whether there are more. `after` need not be a
        room's name."""
        start = 0 if after is None else bisect_right(self._order, names.fold(after))
        rooms = (self.rooms[key] for key in islice(self._order, start, None))
        seen = (room.info() for room in rooms if rights.may(self, user, room, "see"))
        page = list(islice(seen, limit + 1))
        return page[:limit], len(page) > limit

    def leave(self, user: User, room: Room, reason: str = "left") -> Effects:
        if isinstance(room, DirectRoom):
            room.close(user)
            kept: Effects = [Remember(user.session())] if room.is_durable else []
            return [*kept, *self.directs.end_if_closed(room)]
        return [*self.take_out(user, room, reason), Remember(user.session())]

    def take_out(self, user: User, room: Room, reason: str) -> Effects:
        if isinstance(room, DirectRoom):
            if not room.dismiss(user):
                return self.directs.end_if_closed(room)
            ended = self.directs.gone(room, user)
            room.presence.left(user, reason)
            return [*ended, *self.tell_presence(room)]
        if not room.dismiss(user):
            return []
        room.presence.left(user, reason)
        effects: Effects = [Noted("left", user.name, room.name, reason), *self.tell_presence(room)]
        if room.charter.left_by(user):
            effects.append(self.keep_charter(room))
        return [*effects, *self._close_if_unused(room)]

    def keep_charter(self, room: Room, then: Effects | None = None) -> Enact:
        """Have it kept as it is now; without anything to come `then`, whenever the disk can."""
        fact = room.charter.fact(room.key, self.clock.wall())
        return Enact([fact], then or [], regardless=then is None)

    def tell_presence(self, room: Room) -> Effects:
        """What is known of comings and goings, if it is time for it; else it is remembered."""
        told = room.presence.take(room.name, self.clock.monotonic())
        if room.presence.waits:
            self._gathering[room] = None
        else:
            self._gathering.pop(room, None)
        return [Broadcast(room, event) for event in told]

    def tell_of_change(self, user: User, was: str) -> Effects:
        effects: Effects = []
        for room in user.party.memberships:
            room.presence.changed(user, was, room.member(user))
            effects += self.tell_presence(room)
        return effects

    def open_room(self, name: str, head: int = 0, topic: str = "") -> Room:
        room = Room(name, head, topic, self._charters.pop(names.fold(name), None))
        self.rooms[room.key] = room
        insort(self._order, room.key)
        self._looks.update(dict.fromkeys(names.looks(room.name), room))
        return room

    def _close_if_unused(self, room: Room) -> Effects:
        if isinstance(room, DirectRoom):
            return self.directs.end_if_closed(room)
        if room.members or room.head or room.appending or room.key not in self.rooms:
            return []
        return self._close(room)

    def _close(self, room: Room) -> Effects:
        del self.rooms[room.key]
        del self._order[bisect_left(self._order, room.key)]
        for look in names.looks(room.name):
            self._looks.pop(look, None)
        self._gathering.pop(room, None)
        return [Enact([Fact("room", room.key, None)], [], regardless=True)]


def _remember(user: User | None) -> Effects:
    return [] if user is None else [Remember(user.session())]
