"""Hall: knows all about all rooms and users. Decides; never waits, reads no clock, does no I/O."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import msgspec

from pychat.protocol import limits as wire
from pychat.protocol import names, replies
from pychat.protocol.errors import Refused
from pychat.protocol.events import LoggedEvent
from pychat.server import limits
from pychat.server.backplane.interface import Fact, Outcome, Receipt, RoomRecord, Session
from pychat.server.direct import DirectRoom, DirectRooms
from pychat.server.effects import (
    Append,
    Broadcast,
    Close,
    Deliver,
    Effects,
    Forget,
    Noted,
    Peer,
    Remember,
    Reply,
)
from pychat.server.register import Register
from pychat.server.room import Room
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
    ) -> None:
        """`rooms` have a log; `sessions` are of users who were here before a restart; `facts` is
        what the Registry knows.

        `unconfirmed` tells of a connection whether what was said on it may not have arrived; of
        one that has ended, as it was then.
        """
        self.config = config
        self.epoch = epoch
        self.clock = clock
        self.unconfirmed = unconfirmed
        self.rooms: dict[str, Room] = {}
        """By key."""
        self._order: list[str] = []
        """The rooms' keys, sorted."""
        self._looks: dict[str, Room] = {}
        """Rooms by what their names look like."""
        self.register = Register(new_token)
        self.directs = DirectRooms(self.register)
        self._unkept: dict[User, None] = {}
        """Users who have read further than what is kept of them says, in order."""
        self._keep_at = clock.monotonic()
        """When their turn is."""
        self._peers: dict[Peer, User] = {}
        """Greeted connections."""
        self._lingering: dict[User, float] = {}
        """When each goes, soonest first; monotonic seconds."""
        self._gathering: dict[Room, None] = {}
        """Rooms with presence to tell."""
        for record in rooms:
            self._open(Room(record.name, record.head, record.topic))
        for session in sessions:
            self._restore(session)

    # -- what the shell tells -----------------------------------------------------------------

    def user_at(self, peer: Peer) -> User | None:
        """Whose connection this is; None before `hello` was granted."""
        return self._peers.get(peer)

    def disconnected(self, peer: Peer) -> Effects:
        """A connection is gone. Its user stays for a while, away, for a `resume` to come."""
        user = self._peers.pop(peer, None)
        if user is None:
            return []
        self._unplug(user)
        self._lingering[user] = self.clock.monotonic() + self.config.linger
        effects: Effects = [] if self.unconfirmed(peer) else self.confirm(user)
        effects.append(Noted("away", user.name))
        if not user.away:
            effects += self._tell_of_change(user, user.name)
        return effects

    def stop_holding(self, peer: Peer) -> None:
        """The log could not be read for this connection's `join`, which has failed."""
        user = self._peers.get(peer)
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
            effects.append(Reply(append.peer, _answer(append, outcome)))
            if not append.room.members:
                effects += self._close_if_unused(append.room)
        return effects

    def tick(self) -> Effects:
        """What has come due: users who lingered too long, presence that was gathered."""
        now = self.clock.monotonic()
        effects: Effects = []
        while self._lingering:
            user, due = next(iter(self._lingering.items()))
            if due > now:
                break
            effects += self.remove(user, "connection lost")
        for room in list(self._gathering):
            effects += self.tell_presence(room)
        if self._unkept and now >= self._keep_at:
            self._keep_at = now + limits.READ_KEPT
            effects += self.keep(limits.READ_KEPT_USERS)
        return effects

    def keep_later(self, user: User) -> None:
        """The user has read on, which is not worth a writing of its own."""
        self._unkept[user] = None

    def keep(self, most: int) -> Effects:
        """What of so many users was to be kept later."""
        users = list(islice(self._unkept, most))
        for user in users:
            del self._unkept[user]
        return [Remember(user.session()) for user in users]

    def put_off(self, seconds: float) -> None:
        """Nobody could come back for so long, since the server stood still."""
        for user in self._lingering:
            self._lingering[user] += seconds

    # -- users --------------------------------------------------------------------------------

    def enter(self, name: str | None, peer: Peer) -> tuple[User, str, Effects]:
        """A newcomer, and their token. Without a name they are called `new`. Raises Refused."""
        user, token, other = self.register.enrol(name, peer, self.clock.wall())
        user.entered = self.clock.wall()
        user.active = self.clock.monotonic()
        self._peers[peer] = user
        return user, token, [*_remember(other), Remember(user.session())]

    def take_over(self, user: User, peer: Peer, spent: str) -> tuple[str, Effects]:
        """The user is on another connection from now on, and has a new token for `spent`."""
        effects: Effects = []
        was_away = user.member().away
        old = user.peer
        if old is not None:
            del self._peers[old]
            self._unplug(user)
            text = "this session was taken over by another connection"
            effects.append(Close(old, replies.bye("replaced", text)))
        self._lingering.pop(user, None)
        token = self.register.renew(user, spent)
        user.peer = peer
        self._peers[peer] = user
        effects += [Remember(user.session()), Noted("back", user.name)]
        if was_away and not user.away:
            effects += self._tell_of_change(user, user.name)
        return token, effects

    def confirm(self, user: User) -> Effects:
        """The user's `welcome` has arrived: the token that it was had for is good no more."""
        if not user.spent_hash:
            return []
        self.register.confirm(user)
        return [Remember(user.session())]

    def rename(self, user: User, name: str) -> Effects:
        """Raises Refused `name-taken`."""
        was, old_key = user.name, user.key
        other = self.register.rename(user, name, self.clock.wall())
        for room in user.memberships:
            room.rename(user, old_key)
        effects: Effects = [*_remember(other), Remember(user.session())]
        effects.append(Noted("renamed", was, text=name))
        return [*effects, *self._tell_of_change(user, was)]

    def set_away(self, user: User, away: bool) -> Effects:
        if user.away == away:
            return []
        user.away = away
        noted = Noted("away" if away else "back", user.name)
        return [Remember(user.session()), noted, *self._tell_of_change(user, user.name)]

    def remove(self, user: User, reason: str) -> Effects:
        """The user leaves the Hall, and every room."""
        effects: Effects = [Forget(user.id), Noted("went", user.name, text=reason)]
        for room in user.memberships:
            effects += self._take_out(user, room, reason)
        if user.peer is not None:
            del self._peers[user.peer]
        self._lingering.pop(user, None)
        self._unkept.pop(user, None)
        self.register.strike(user)
        return effects

    def _restore(self, session: Session) -> None:
        """The user lingers from now on as if the connection had just broken."""
        user = User(session.id, session.name, None, session.token_hash)
        user.spent_hash = session.spent_hash
        user.away = session.away
        user.person = session.person
        user.entered = session.entered or self.clock.wall()
        user.active = self.clock.monotonic()
        self.register.restore(user)
        for name in session.rooms:
            room = self.find_or_open(name)
            room.admit(user)
            if name in session.read:
                user.read[room.key] = min(session.read[name], room.head)
        self._lingering[user] = self.clock.monotonic() + self.config.linger

    def _unplug(self, user: User) -> None:
        assert user.peer is not None
        for room in user.rooms.values():
            room.deafen(user.peer)
        user.peer = None

    # -- rooms --------------------------------------------------------------------------------

    def find(self, name: str) -> Room:
        """Raises Refused `no-such-room`."""
        room = self.rooms.get(names.fold(name))
        if room is None:
            raise Refused("no-such-room", f"there is no room {name[: wire.ROOM_CHARS]!r}")
        return room

    def find_joined(self, user: User, name: str) -> Room:
        """A room that the user is in. Raises Refused `no-such-room`, `not-in-room`."""
        room = user.rooms.get(names.fold(name))
        if room is None:
            if name.startswith("@"):
                return self.directs.find(user, name)
            room = self.find(name)
            raise Refused("not-in-room", f"you are not in the room {room.name!r}; join it first")
        return room

    def find_or_open(self, name: str) -> Room:
        """Raises Refused `bad-room`, `too-many`."""
        name = names.check_room(name)
        room = self.rooms.get(names.fold(name))
        if room is not None:
            return room
        for look in names.looks(name):
            if look in self._looks:
                twin = self._looks[look].name
                raise Refused("bad-room", f"{name!r} looks like the room {twin!r}; join that")
        if len(self.rooms) >= limits.ROOMS:
            raise Refused("too-many", f"the Hall has its {limits.ROOMS} rooms; join one of them")
        return self._open(Room(name))

    def page_of_rooms(self, after: str | None, limit: int) -> tuple[list[replies.RoomInfo], bool]:
        """Rooms by name, and whether there are more. `after` need not be a room's name."""
        start = 0 if after is None else bisect_right(self._order, names.fold(after))
        keys = self._order[start : start + limit]
        return [self.rooms[key].info() for key in keys], start + limit < len(self._order)

    def leave(self, user: User, room: Room) -> Effects:
        if isinstance(room, DirectRoom):
            room.close(user)
            return self.directs.end_if_closed(room)
        return [*self._take_out(user, room, "left"), Remember(user.session())]

    def _take_out(self, user: User, room: Room, reason: str) -> Effects:
        if isinstance(room, DirectRoom):
            ended = self.directs.gone(room, user)
            room.presence.left(user, reason)
            return [*ended, *self.tell_presence(room)]
        room.dismiss(user)
        room.presence.left(user, reason)
        effects = [Noted("left", user.name, room.name, reason), *self.tell_presence(room)]
        self._close_if_unused(room)
        return effects

    def tell_presence(self, room: Room) -> Effects:
        """What is known of comings and goings, if it is time for it; else it is remembered."""
        told = room.presence.take(room.name, self.clock.monotonic())
        if room.presence.waits:
            self._gathering[room] = None
        else:
            self._gathering.pop(room, None)
        return [Broadcast(room, event) for event in told]

    def _tell_of_change(self, user: User, was: str) -> Effects:
        effects: Effects = []
        for room in user.memberships:
            room.presence.changed(user, was)
            effects += self.tell_presence(room)
        return effects

    def _open(self, room: Room) -> Room:
        self.rooms[room.key] = room
        insort(self._order, room.key)
        self._looks.update(dict.fromkeys(names.looks(room.name), room))
        return room

    def _close_if_unused(self, room: Room) -> Effects:
        if isinstance(room, DirectRoom):
            return self.directs.end_if_closed(room)
        if room.members or room.head or room.appending or room.key not in self.rooms:
            return []
        del self.rooms[room.key]
        del self._order[bisect_left(self._order, room.key)]
        for look in names.looks(room.name):
            self._looks.pop(look, None)
        self._gathering.pop(room, None)
        return []


def _remember(user: User | None) -> Effects:
    return [] if user is None else [Remember(user.session())]


def _answer(append: Append, outcome: Outcome) -> replies.AnyReply:
    event = append.event
    if isinstance(outcome, Receipt):
        return replies.Sent(
            id=append.command_id,
            room=event.room,
            seq=outcome.seq,
            time=outcome.time,
            nonce=event.nonce,
        )
    return replies.error(outcome.reason, outcome.text, append.command_id)
