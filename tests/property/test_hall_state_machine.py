"""The whole Hall, with people who do anything in any order, against a model of a few lines."""

import hashlib
from collections.abc import Sequence
from itertools import combinations
from typing import TypeVar

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pychat.protocol import commands, events, names, replies
from pychat.protocol.codec import ServerMessage
from pychat.server import limits
from pychat.server.credentials import Credentials
from pychat.server.owners import Owner
from pychat.server.user import User
from tests.support.belongings import Belongings
from tests.support.hall_shell import FakePeer, HallShell
from tests.support.witness import Witness

T = TypeVar("T")
LINGER = 60.0
NAMES = ["ann", "ANN", "bob", "b\u043eb", "cyd", "new", "new-2", "Ill", "lll", "-bad"]
ROOMS = ["lobby", "Lobby", "den", "d\u0435n", "street"]
DIRECT = ["@ann", "@BOB", "@cyd", "@new", "@user-0", "@user-1", "@user-2"]
DIRECT += ["@user-0,user-1", "@User-0,user-2", "@user-0,user-1-2", "@ann,bob", "@new,new-2"]

a_room = st.sampled_from(ROOMS + DIRECT)
some_emojis = st.lists(st.sampled_from("ab"), max_size=2)
a_name = st.sampled_from(NAMES)
a_nonce = st.sampled_from(["n1", "n2", "n3", "n4"])
a_target = st.integers(0, 6)
a_number = st.integers(0, 99)
a_key = st.sampled_from(["", "", "key-1", "key-2"])
"""That was proved with a `hello`, if any."""
a_fresh_nonce = st.integers(0, 10**6).map(str)


def build(
    kind: type[commands.Command], **fields: st.SearchStrategy[object]
) -> st.SearchStrategy[commands.Command]:
    """A command for a room."""
    return st.builds(kind, id=st.just(0), room=a_room, **fields)


a_saying = st.one_of(
    build(commands.Send, text=st.sampled_from("xyz"), nonce=a_nonce, reply_to=st.none() | a_target),
    build(commands.Send, text=st.just("x"), nonce=a_fresh_nonce),
    build(commands.Edit, target=a_target, text=st.sampled_from(["x", "y", ""]), nonce=a_nonce),
    build(commands.Delete, target=a_target, nonce=a_nonce),
    build(commands.React, target=a_target, emojis=some_emojis, nonce=a_nonce),
    build(commands.Topic, text=st.just("t"), nonce=a_nonce),
    build(commands.Typing),
)
a_word = st.one_of(
    build(commands.Join),
    build(commands.Leave),
    build(commands.Send, text=st.just("x"), nonce=a_fresh_nonce),
    st.one_of(a_saying),
)
a_command = st.one_of(
    build(commands.Join),
    build(commands.Join, after=a_target),
    build(commands.Join, limit=st.integers(0, 3)),
    build(commands.Leave),
    a_saying,
    build(commands.History),
    build(commands.Members),
    build(commands.Read, seq=a_target),
    st.builds(commands.Whois, id=st.just(0), name=a_name),
    st.builds(commands.Search, id=st.just(0), text=st.just("x")),
    st.builds(commands.Name, id=st.just(0), name=a_name),
    st.builds(commands.Away, id=st.just(0), away=st.booleans()),
    st.builds(commands.List, id=st.just(0)),
    st.builds(commands.Ping, id=st.just(0)),
    st.builds(commands.Hello, id=st.just(0), protocol=st.just([1]), client=st.just("again")),
)


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


class HallMachine(RuleBasedStateMachine):
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

    # -- what people do ---------------------------------------------------------------------------

    @initialize(
        crowd=st.integers(0, 4),
        joined=st.booleans(),
        calm=st.sampled_from([False, False, True]),
        keys=st.sampled_from([4, 2, 0]),
    )
    def some_are_here(self, crowd: int, joined: bool, calm: bool, keys: int) -> None:
        """So many of them come with a key."""
        self.calm = calm
        for number in range(crowd):
            self.connect()
            if not calm and number < keys:
                self._open()[-1].proved = Credentials(key=f"key-{number % 3}")
            self._send(self._open()[-1], _hello(name=f"user-{number}"))
            if joined:
                self._send(self._open()[-1], commands.Join(id=0, room="lobby"))

    @rule()
    @precondition(lambda self: len(self._open()) < 6)
    def connect(self) -> None:
        peer = self.shell.connect()
        self.witnesses[peer] = Witness(
            self.shell.ledger, lambda room: self._meant(peer, room) or room
        )

    @rule(which=a_number, name=st.none() | a_name, key=a_key)
    @precondition(lambda self: self._strangers())
    def hello(self, which: int, name: str | None, key: str) -> None:
        peer = pick(self._strangers(), which)
        sessions = [each for each in self.persons if each.name == (name or "")]
        if not self.calm and len(sessions) < limits.SESSIONS_PER_PERSON:
            peer.proved = Credentials(key=key)
        self._send(peer, _hello(name=name))

    @rule(who=a_number)
    @precondition(lambda self: self._owners() and len(self._open()) < 6)
    def an_owner_comes_once_more(self, who: int) -> None:
        owner = pick(self._owners(), who)
        here = [each for each in self.persons if names.fold(each.name) == names.fold(owner.name)]
        if len(here) >= limits.SESSIONS_PER_PERSON:
            return
        self.connect()
        peer = self._open()[-1]
        peer.proved = Credentials(key=owner.keys[0].key)

        self._send(peer, _hello(name=owner.name))

        person = self._person(peer)
        assert person is not None
        assert names.fold(person.name) == names.fold(owner.name)

    @rule(which=a_number, who=a_number, newest=st.booleans(), key=a_key)
    @precondition(lambda self: self._strangers() and self.persons)
    def resume(self, which: int, who: int, newest: bool, key: str) -> None:
        peer, person = pick(self._strangers(), which), pick(self.persons, who)
        old, token = person.peer, person.token
        if person.spent and (old is None or old.unconfirmed) and not newest:
            token = person.spent  # its `welcome` may not have arrived

        if not self.calm:
            peer.proved = Credentials(key=key)
        self._send(peer, _hello(resume=token, name=person.name))

        assert person.peer is peer
        assert (old is None) or (old.bye is not None and old.bye.code == "replaced")

    @rule(which=a_number, token=a_number)
    @precondition(lambda self: self._strangers())
    def resume_with_a_token_that_is_no_more(self, which: int, token: int) -> None:
        before = len(self.persons)
        spent = [
            each.spent
            for each in self.persons
            if each.spent and each.peer is not None and not each.peer.unconfirmed
        ]
        used = pick(self.used_tokens + spent, token)

        self._send(pick(self._strangers(), which), _hello(resume=used))

        assert len(self.persons) == before + 1

    @rule(sent=st.lists(st.tuples(a_number, a_command), min_size=3, max_size=12))
    @precondition(lambda self: self._greeted())
    def some_commands(self, sent: list[tuple[int, commands.AnyCommand]]) -> None:
        for which, command in sent:
            self._send(pick(self._greeted(), which), command)

    @rule(sent=st.lists(st.tuples(a_number, a_saying), min_size=3, max_size=12))
    @precondition(lambda self: self.persons)
    def people_talk(self, sent: list[tuple[int, commands.AnyCommand]]) -> None:
        for which, command in sent:
            there = [room.name for _, room in sorted(self.shell.hall.rooms.items())]
            room = pick([*there, *self.direct, *self.lasting] or [""], which)
            inside = [each for each in self.persons if names.fold(room) in each.rooms]
            peer = pick(inside, which).peer if inside else None
            if peer is not None:
                self._send(peer, msgspec.structs.replace(command, room=room))

    @rule(
        one=a_number,
        other=a_number,
        sent=st.lists(st.tuples(a_number, a_word), min_size=3, max_size=12),
        settled=st.booleans(),
        owned=st.booleans(),
    )
    @precondition(lambda self: len(self._greeted()) > 1)
    def two_people_talk(
        self,
        one: int,
        other: int,
        sent: list[tuple[int, commands.AnyCommand]],
        settled: bool,
        owned: bool,
    ) -> None:
        """And now and then a third one tries to."""
        people = list(self.persons)
        owners = [each for each in people if self._user(each).verified]
        known = owners if owned and len(owners) > 1 else people
        pair = [pick(known, one), pick(known, other)]
        for which, command in sent:
            speaker, hearer = pair if which % 2 else pair[::-1]
            room = f"@{hearer.name}"
            if which % 10 == 0:
                speaker = pick(people, which // 10)
                room = pick([*self.direct, *self.lasting] or [room], which)
            if speaker.peer is not None:
                self._send(speaker.peer, msgspec.structs.replace(command, room=room))
                if settled:
                    self.shell.settle()

    @rule(which=a_number)
    @precondition(lambda self: self._greeted())
    def quit(self, which: int) -> None:
        self._send(pick(self._greeted(), which), commands.Quit(id=0))

    @rule(which=a_number)
    @precondition(lambda self: self._open())
    def break_off(self, which: int) -> None:
        peer = pick(self._open(), which)
        self._leaves(peer)
        self.shell.break_off(peer)

    # -- what the world does ----------------------------------------------------------------------

    @rule(which=a_number)
    @precondition(lambda self: self._open())
    def the_wire_swallows_or_delivers(self, which: int) -> None:
        peer = pick(self._open(), which)
        peer.unconfirmed = not peer.unconfirmed

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 4.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        now = self.shell.seconds + seconds
        for person in [each for each in self.persons if each.goes_at <= now]:
            self._goes(person)
        self.shell.tick(seconds)

    @rule()
    @precondition(lambda self: len(self.shell.peers) > 8)
    def the_server_restarts(self) -> None:
        for person in self.persons:
            person.peer = None
            person.goes_at = self.shell.seconds + LINGER
            person.rooms = {room for room in person.rooms if room[0] != "@"}
            person.rooms |= {room for room in self._kept_with(person) if room in self._logs()}
        self.direct.clear()
        self.shell.restart()

    @rule(count=st.integers(1, 5))
    @precondition(lambda self: self.shell.appends)
    def the_disk_has_written(self, count: int) -> None:
        self.shell.commit(count)

    @rule(count=st.integers(1, 5))
    @precondition(lambda self: self.shell.appends)
    def the_disk_is_full(self, count: int) -> None:
        self.shell.fail_commit(count)

    @rule()
    @precondition(lambda self: self._reading() or self.shell.appends)
    def the_disks_have_done_all(self) -> None:
        self.shell.settle()

    @rule(which=a_number)
    @precondition(lambda self: self._reading())
    def the_disk_has_read(self, which: int) -> None:
        self.shell.read(pick(self._reading(), which))

    @rule(which=a_number)
    @precondition(lambda self: self._reading())
    def the_disk_cannot_be_read(self, which: int) -> None:
        self.shell.fail_read(pick(self._reading(), which))

    # -- what must be true at any time ------------------------------------------------------------

    @invariant()
    def members_are_those_of_the_model(self) -> None:
        hall = self.shell.hall
        for key, room in hall.rooms.items():
            expected = {each.name for each in self.persons if key in each.rooms}
            assert {user.name for user in room.members.values()} == expected
            told, _ = room.page_of_members(None, 1000)
            assert [each.name for each in told] == sorted(expected, key=names.fold)
            away = {each.name for each in told if each.away}
            connected = {each.name for each in self.persons if each.peer}
            assert away >= expected - connected

    @invariant()
    def a_direct_room_has_its_two_and_is_there_for_who_has_it_open(self) -> None:
        rooms = self.shell.hall.directs._by_key
        awaited = {append.room.key for append in self.shell.appends if append.room.is_direct}
        awake = {key for key in self.lasting if any(key in each.rooms for each in self.persons)}
        expected = set(self.direct) | awake | (awaited & set(rooms))
        assert set(rooms) == expected, (set(rooms) ^ expected, awaited)
        for key in (*self.direct, *awake):
            here = self._two(key)
            assert any(key in each.rooms for each in here)
            assert {user.name for user in rooms[key].members.values()} == {p.name for p in here}
            for person in here:
                user = self._user(person)
                places = key in user.rooms, key in person.rooms, key not in user.closed
                assert len(set(places)) == 1, (key, person.name, *places)
        for person in self.persons:
            mine = {key for key in person.rooms if key[0] == "@"}
            assert all(person in self._two(key) for key in mine)

    @invariant()
    def a_direct_room_of_owners_is_there_if_it_is_open_or_has_a_log(self) -> None:
        self._forget_unused()
        found = self.shell.hall.directs.of_owners._by_key
        assert set(found) == set(self.lasting)
        for key, room in found.items():
            log = self.shell.ledger.logs.get(room.name, ())
            assert room.head == max((each.seq for each in log), default=0)
            assert {owner for owner, _ in room.pair} == self.lasting[key]

    @invariant()
    def a_room_is_there_if_it_has_members_or_history(self) -> None:
        hall = self.shell.hall
        with_members = {key for each in self.persons for key in each.rooms if key[0] != "@"}
        with_history = {names.fold(room) for room in self._logs() if room[0] != "@"}
        awaited = {append.room.key for append in self.shell.appends if not append.room.is_direct}
        assert set(hall.rooms) == with_members | with_history | awaited
        for user in hall.register.by_key.values():
            page, more = hall.page_of_rooms(user, None, 500)
            assert not more
            assert [names.fold(each.name) for each in page] == sorted(hall.rooms)

    @invariant()
    def only_who_has_joined_hears_a_room(self) -> None:
        directs = self.shell.hall.directs._by_key
        for room in (*self.shell.hall.rooms.values(), *directs.values()):
            hearing = {peer for peer in self._open() if room.name in self.witnesses[peer].heads}
            assert set(room.audience) == hearing
            assert set(room.held) <= set(self._open()) - hearing

    @invariant()
    def nobody_has_the_name_of_another_or_one_that_looks_the_same(self) -> None:
        users = {each.someone: each.name for each in self.persons}
        assert {each.name for each in self.persons} == set(users.values())
        register = self.shell.hall.register
        assert sorted(user.name for user in register.by_key.values()) == sorted(users.values())
        pairs = combinations(users.values(), 2)
        assert not any(look_alike(one, other) for one, other in pairs)

    @invariant()
    def an_owned_name_and_what_looks_like_it_is_its_owners_alone(self) -> None:
        owners = self._owners()
        assert not any(look_alike(one.name, other.name) for one, other in combinations(owners, 2))
        for person in self.persons:
            user = self._user(person)
            alike = [each for each in owners if look_alike(each.name, person.name)]
            assert user.verified == bool(alike)
            for owner in alike:
                assert names.fold(owner.name) == names.fold(person.name)
                assert user.proof in {each.key for each in owner.keys}

    @invariant()
    def who_waits_for_nothing_has_all_answers(self) -> None:
        owed = {(append.peer, append.command_id) for append in self.shell.appends}
        for peer in self._open():
            reading = {peer.reading.command_id} if peer.reading else set()
            for command in self.witnesses[peer].unanswered:
                assert (peer, command.id) in owed or command.id in reading

    def teardown(self) -> None:
        self.shell.settle()
        self.shell.tick(2 * limits.PRESENCE_GAP)
        self.shell.tick(2 * limits.PRESENCE_GAP)
        for peer in self._open():
            witness = self.witnesses[peer]
            assert not witness.unanswered
            for room, head in witness.heads.items():
                log = self.shell.ledger.logs.get(room, [])
                assert head == (log[-1].seq if log else 0)
                hall, key = self.shell.hall, names.fold(room)
                shown = (hall.rooms.get(key) or hall.directs._by_key[key]).members.values()
                assert witness.members[room] == {user.name for user in shown}
        self._nobody_leaves_a_trace()

    def _nobody_leaves_a_trace(self) -> None:
        for peer in self._greeted():
            self._send(peer, commands.Quit(id=0))
        self.shell.tick(LINGER)
        self.shell.tick(2 * limits.PRESENCE_GAP)
        hall = self.shell.hall
        register = hall.register
        traces: list[object] = [register.by_key, register._by_look, register._by_token]
        traces += [register.sessions]
        traces += [register._bearers._had, register._bearers._last]
        traces += [self.shell.sessions, hall.peers, hall.lingering, hall._gathering]
        traces += [hall._unkept, hall.directs._by_key, hall.directs._by_pair]
        assert not any(traces), traces
        found = {*hall.rooms, *hall.directs.of_owners._by_key}
        assert found == {names.fold(room) for room in self._logs()}
        assert set(hall._order) == {room.key for room in hall._looks.values()} == set(hall.rooms)
        for room in hall.rooms.values():
            traces = [room.members, room._order, room.audience, room.held, room.appending]
            assert not any(traces), traces

    # -- the model --------------------------------------------------------------------------------

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


def pick(choices: Sequence[T], which: int) -> T:
    return choices[which % len(choices)]


def _sent_out(presence: events.Presence) -> bool:
    return any(each.reason.startswith("kicked by the Hall") for each in presence.left)


def look_alike(one: str, other: str) -> bool:
    return not names.looks(one).isdisjoint(names.looks(other))


def _hello(name: str | None = None, resume: str | None = None) -> commands.Hello:
    return commands.Hello(id=0, protocol=[1], client="test", name=name, resume=resume)


TestHall = HallMachine.TestCase
TestHall.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
