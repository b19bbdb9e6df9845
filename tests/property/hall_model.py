"""Who is in a Hall, in which rooms, and what they may learn: only by what they said and were told.

`HallModel` has a Hall and watches all that is said to it and by it; what can be held against the
model at once is. What must be true at any time is for whoever does something with the Hall.
"""

import hashlib

import msgspec

from pychat.protocol import commands, events, names, replies
from pychat.protocol.codec import ServerMessage
from pychat.server import limits
from pychat.server.owners import Owner
from pychat.server.user import User
from tests.support.belongings import Belongings
from tests.support.hall_shell import FakePeer, HallShell
from tests.support.witness import Witness

LINGER = 60.0


class Someone:
    """One person, by as many sessions as they are here."""


class Person:
    """The model of a user: only what was told, and what follows from it."""

    def __init__(self, peer: FakePeer, someone: Someone) -> None:
        self.peer: FakePeer | None = peer
        self.someone = someone
        self.key = peer.proved.key
        """By which they came, if by any."""
        self.name = ""
        self.token = ""
        self.spent = ""
        """What the session was last taken over with, as long as nothing else was said since and
        no connection has ended of which all has arrived."""
        self.renames = 0
        self.rooms: set[str] = set()
        self.goes_at = float("inf")


class HallModel:
    def __init__(self) -> None:
        super().__init__()
        self.shell = HallShell(linger=LINGER)
        self.shell.before = self._before
        self.shell.after = self._after
        self.shell.logged = self._logged
        self.shell.watch = self._watch
        self.witnesses: dict[FakePeer, Witness] = {}
        self.persons: list[Person] = []
        self.direct: dict[str, tuple[Someone, Someone]] = {}
        """The two of each direct room, by its key."""
        self.were_in: set[tuple[str, Someone]] = set()
        """Who was one of the two of a direct room, now or before."""
        self.asked: tuple[Someone, Someone] | None = None
        """Between whom a direct room is to be after the command that is being carried out."""
        self.lasting: dict[str, frozenset[str]] = {}
        """The two names, by key, of each direct room of owners."""
        self.asked_owners: frozenset[str] | None = None
        """As `asked`, by name."""
        self.read: dict[tuple[str, str], int] = {}
        """Markers that an owner was told of, by name and room."""
        self.used_tokens = ["token-0"]
        self.shown_tokens: dict[FakePeer, str | None] = {}
        """With each connection's last `hello`."""
        self.belongings = Belongings()
        self.calm = False
        """Nobody takes a name while something is in flight, so that it is plain whose it is."""
        self.ids = 0

    # -- what it knows ----------------------------------------------------------------------------

    def _logs(self) -> list[str]:
        """Rooms that have one."""
        return [room for room, log in self.shell.ledger.logs.items() if log]

    def _meant(self, peer: FakePeer, room: str) -> str | None:
        """The key of the direct room of somebody's that they mean, if there is one."""
        person = self._person(peer)
        for key, pair in self.direct.items() if person else ():
            other = pair[0] if pair[1] is person.someone else pair[1]
            called = {key, *(f"@{names.fold(each.name)}" for each in self._sessions(other))}
            if person.someone in pair and names.fold(room) in called:
                return key
        if person is None:
            return None
        for key, two in self.lasting.items():
            mine = names.fold(person.name)
            if mine in two and names.fold(room) in {key, *(f"@{other}" for other in two - {mine})}:
                return key
        return None

    def _two(self, key: str) -> list[Person]:
        """Sessions of the two of a direct room."""
        if key in self.direct:
            return self._sessions(*self.direct[key])
        two = self.lasting.get(key, ())
        return [each for each in self.persons if names.fold(each.name) in two]

    def _kept_with(self, person: Person) -> set[str]:
        """Direct rooms with the session on disk."""
        token = hashlib.sha256(person.token.encode()).hexdigest()
        found = [each for each in self.shell.sessions.values() if each.token_hash == token]
        return {room for each in found for room in each.rooms if room[0] == "@"}

    def _into(self, person: Person, key: str) -> None:
        person.rooms.add(key)
        self.were_in.add((key, person.someone))

    def _forget_unused(self) -> None:
        """Of those of owners, where nothing was said nor is about to be."""
        used = {key for person in self.persons for key in person.rooms}
        used |= {append.room.key for append in self.shell.appends}
        used |= {names.fold(room) for room in self._logs()}
        self.lasting = {key: two for key, two in self.lasting.items() if key in used}

    def _sessions(self, *someones: Someone) -> list[Person]:
        return [each for each in self.persons if each.someone in someones]

    def _user(self, person: Person) -> User:
        token = hashlib.sha256(person.token.encode()).hexdigest()
        return self.shell.hall.register._by_token[token]

    def _owners(self) -> list[Owner]:
        """As they are on disk."""
        facts = [each for each in self.shell.facts.values() if each.bucket == "owner"]
        return [msgspec.json.decode(each.body or b"", type=Owner) for each in facts]

    def _opens(self, peer: FakePeer, person: Person, room: str) -> None:
        key = self._meant(peer, room)
        if key is not None:
            self._into(person, key)
            return
        wanted = names.fold(room[1:])
        others = [each for each in self.persons if names.fold(each.name) == wanted]
        two = frozenset({names.fold(person.name), wanted})
        if len(two) == 2 and two <= {names.fold(each.name) for each in self._owners()}:
            self.asked_owners = two
        elif others and others[0].someone is not person.someone:
            self.asked = (person.someone, others[0].someone)

    def _closes(self, key: str, *persons: Person) -> None:
        """They have left it; it ends with the last."""
        for person in persons:
            person.rooms.discard(key)
        if key in self.direct and not any(
            key in each.rooms for each in self._sessions(*self.direct[key])
        ):
            del self.direct[key]

    def _after(self, peer: FakePeer, command: commands.AnyCommand) -> None:
        """A direct room that has begun is between those of whom one asked for the other."""
        asked, self.asked = self.asked, None
        owners, self.asked_owners = self.asked_owners, None
        rooms = self.shell.hall.directs._by_key.values()
        pairs = [set(pair) for pair in self.direct.values()]
        known = {*self.direct, *self.lasting}
        fresh = [room for room in rooms if room.members and room.key not in known]
        begun = asked is not None or owners is not None
        assert len(fresh) == begun, (command, fresh, asked, owners)
        if owners is not None:
            (room,) = fresh
            assert owners not in self.lasting.values()
            self.lasting[room.key] = owners
            for person in self._two(room.key):
                self._into(person, room.key)
        if asked is not None:
            (room,) = fresh
            here = self._sessions(*asked)
            assert {user.name for user in room.members.values()} == {p.name for p in here}
            assert set(asked) not in pairs
            self.direct[room.key] = asked
            self.were_in |= {(room.key, each) for each in asked}
            for person in here:
                person.rooms.add(room.key)

    def _logged(self, logged: list[events.LoggedEvent]) -> None:
        """What somebody says brings the other back."""
        for event in logged:
            key = names.fold(event.room)
            if isinstance(event, events.Message) and key in self.direct:
                for person in self._sessions(*self.direct[key]):
                    if names.fold(person.name) != names.fold(event.sender):
                        person.rooms.add(key)
            if isinstance(event, events.Message) and key in self.lasting:
                for person in self._two(key):
                    if names.fold(person.name) != names.fold(event.sender):
                        self._into(person, key)

    def _overhears_nothing(self, peer: FakePeer, message: ServerMessage) -> None:
        """Of a direct room only its two learn anything."""
        rooms = [getattr(message, "room", None) or ""]
        if isinstance(message, replies.Found):
            assert all(names.is_durable(each.room) for each in message.messages)
            rooms += [each.room for each in message.messages]
        if isinstance(message, events.Presence) and _sent_out(message):
            return  # who goes by another name
        if isinstance(message, replies.Whois | replies.Welcome):
            rooms += message.rooms
        if isinstance(message, replies.Pong):
            rooms += message.heads
        if isinstance(message, replies.Rooms):
            assert all(each.name[0] != "@" for each in message.rooms)
        for room in rooms:
            if room.startswith("@"):
                person, key = self._person(peer), names.fold(room)
                if isinstance(message, replies.Sent):
                    # It may have ended since.
                    assert person is not None
                    assert (key, person.someone) in self.were_in
                elif not isinstance(message, replies.Welcome):
                    assert person is not None
                    theirs = names.fold(person.name) in self.lasting.get(key, ())
                    pair = self.direct.get(key) or self.asked or ()
                    assert theirs or person.someone in pair, message

    def _open(self) -> list[FakePeer]:
        return [peer for peer in self.shell.peers if not peer.gone]

    def _greeted(self) -> list[FakePeer]:
        return [person.peer for person in self.persons if person.peer is not None]

    def _strangers(self) -> list[FakePeer]:
        greeted = self._greeted()
        return [peer for peer in self._open() if peer not in greeted]

    def _reading(self) -> list[FakePeer]:
        return [peer for peer in self._open() if peer.reading is not None]

    def _person(self, peer: FakePeer) -> Person | None:
        return next((each for each in self.persons if each.peer is peer), None)

    def _send(self, peer: FakePeer, command: commands.AnyCommand) -> None:
        self.ids += 1
        fields = {name: getattr(command, name) for name in command.__struct_fields__}
        self.shell.send(peer, type(command)(**fields | {"id": self.ids}))

    def _before(self, peer: FakePeer, command: commands.AnyCommand) -> None:
        """A command is about to be carried out. What is sure to be granted changes the model."""
        if self.calm and isinstance(command, commands.Hello | commands.Name):
            self.shell.commit(len(self.shell.appends))
            self.shell.seconds += 0.002
        self._forget_unused()
        self.witnesses[peer].asks(command)
        person = self._person(peer)
        if person is None:
            self.shown_tokens[peer] = getattr(command, "resume", None)
            return
        if person.spent:
            self.used_tokens.append(person.spent)
            person.spent = ""
        match command:
            case commands.Join(room=room) if room[0] == "@":
                self._opens(peer, person, room)
            case commands.Leave(room=room) if room[0] == "@":
                if (key := self._meant(peer, room)) is not None:
                    self._closes(key, person)
            case commands.Join(room=room):
                key = names.fold(room)
                others = self.shell.hall.rooms
                if key in others or not any(
                    look_alike(room, each.name) for each in others.values()
                ):
                    person.rooms.add(key)
            case commands.Leave(room=room):
                person.rooms.discard(names.fold(room))
            case commands.Quit():
                self._goes(person)
            case _:
                pass

    def _watch(self, peer: FakePeer, message: ServerMessage) -> None:
        unanswered = self.witnesses[peer].unanswered
        named = [each for each in unanswered if isinstance(each, commands.Name)]
        asked = [each for each in unanswered if each.id == getattr(message, "id", None)]
        self.witnesses[peer].hear(message)
        if isinstance(message, events.Direct) and names.fold(message.room) in self.lasting:
            person = self._person(peer)
            assert person is not None
            self._into(person, names.fold(message.room))
        if isinstance(message, replies.Joined):
            self._marked(peer, message)
        self._overhears_nothing(peer, message)
        if self.calm and asked and isinstance(asked[0], commands.Durable):
            person, room = self._person(peer), self.shell.hall.rooms.get(names.fold(asked[0].room))
            if room is not None and person and person.renames <= limits.EARLIER_NAMES:
                self.belongings.answered(person, self.persons, room.name, asked[0], message)
        if isinstance(message, replies.Welcome):
            self._welcomed(peer, message)
        elif named and isinstance(message, replies.Ok) and message.id == named[0].id:
            person = self._person(peer)
            assert person is not None
            name = names.check_name(named[0].name)
            person.renames += names.fold(name) != names.fold(person.name)
            person.name = name
            for key in [key for key in person.rooms if key in self.lasting]:
                if names.fold(name) not in self.lasting[key]:
                    person.rooms.discard(key)

    def _marked(self, peer: FakePeer, joined: replies.Joined) -> None:
        """An owner's markers never go back, whatever ends meanwhile but what is on no disk."""
        person = self._person(peer)
        if person is not None and self._user(person).verified:
            which = names.fold(person.name), names.fold(joined.room)
            assert self.read.get(which, 0) <= (joined.read or 0) <= joined.seq
            self.read[which] = joined.read or 0

    def _welcomed(self, peer: FakePeer, welcome: replies.Welcome) -> None:
        shown = self.shown_tokens[peer] or None
        usable = [each for each in self.persons if shown == each.token]
        spent = [each for each in self.persons if shown == each.spent]
        known = (usable or spent) if welcome.resumed else usable
        assert welcome.resumed == bool(known)
        person = known[0] if known else Person(peer, self._who_comes(peer, welcome))
        if known:
            assert person.name == welcome.name
            assert {names.fold(room) for room in welcome.rooms} == person.rooms
            forgotten = {person.token, person.spent} - {shown, ""}
            self.used_tokens += sorted(forgotten)
            person.spent = shown
        else:
            self.persons.append(person)
        assert welcome.resume not in self.used_tokens
        person.peer, person.goes_at = peer, float("inf")
        person.name, person.token = welcome.name, welcome.resume

    def _who_comes(self, peer: FakePeer, welcome: replies.Welcome) -> Someone:
        """Somebody new, or the owner of a name who is here by it already."""
        here = [each for each in self.persons if each.name == welcome.name]
        if not here:
            return Someone()
        assert welcome.verified
        assert peer.proved.key == self._user(here[0]).proof
        return here[0].someone

    def _leaves(self, peer: FakePeer) -> None:
        """The connection breaks; its person lingers."""
        person = self._person(peer)
        if person is not None:
            person.peer = None
            person.goes_at = self.shell.seconds + LINGER
            if person.spent and not peer.unconfirmed:
                self.used_tokens.append(person.spent)
                person.spent = ""

    def _goes(self, person: Person) -> None:
        self.persons.remove(person)
        for key in [key for key, pair in self.direct.items() if person.someone in pair]:
            self._closes(key, person)
        self.used_tokens += [each for each in (person.token, person.spent) if each]


def _sent_out(presence: events.Presence) -> bool:
    return any(each.reason.startswith("kicked by the Hall") for each in presence.left)


def look_alike(one: str, other: str) -> bool:
    return not names.looks(one).isdisjoint(names.looks(other))
