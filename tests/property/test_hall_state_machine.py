"""The whole Hall, with people who do anything in any order, against a model of a few lines."""

from collections.abc import Sequence
from itertools import combinations
from typing import TypeVar

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pychat.protocol import commands, names, replies
from pychat.protocol.codec import ServerMessage
from pychat.server import limits
from tests.support.belongings import Belongings
from tests.support.hall_shell import FakePeer, HallShell
from tests.support.witness import Witness

T = TypeVar("T")
LINGER = 60.0
NAMES = ["ann", "ANN", "bob", "b\u043eb", "cyd", "new", "new-2", "Ill", "lll", "-bad"]
ROOMS = ["lobby", "Lobby", "den", "d\u0435n", "street"]

a_room = st.sampled_from(ROOMS)
some_emojis = st.lists(st.sampled_from("ab"), max_size=2)
a_name = st.sampled_from(NAMES)
a_nonce = st.sampled_from(["n1", "n2", "n3", "n4"])
a_target = st.integers(0, 6)
a_number = st.integers(0, 99)
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
a_command = st.one_of(
    build(commands.Join),
    build(commands.Join, after=a_target),
    build(commands.Join, limit=st.integers(0, 3)),
    build(commands.Leave),
    a_saying,
    build(commands.History),
    build(commands.Members),
    st.builds(commands.Search, id=st.just(0), text=st.just("x")),
    st.builds(commands.Name, id=st.just(0), name=a_name),
    st.builds(commands.Away, id=st.just(0), away=st.booleans()),
    st.builds(commands.List, id=st.just(0)),
    st.builds(commands.Ping, id=st.just(0)),
    st.builds(commands.Hello, id=st.just(0), protocol=st.just([1]), client=st.just("again")),
)


class Person:
    """The model of a user: only what was told, and what follows from it."""

    def __init__(self, peer: FakePeer) -> None:
        self.peer: FakePeer | None = peer
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
        self.shell.watch = self._watch
        self.witnesses: dict[FakePeer, Witness] = {}
        self.persons: list[Person] = []
        self.used_tokens = ["token-0"]
        self.shown_tokens: dict[FakePeer, str | None] = {}
        """With each connection's last `hello`."""
        self.belongings = Belongings()
        self.calm = False
        """Nobody takes a name while something is in flight, so that it is plain whose it is."""
        self.ids = 0

    # -- what people do ---------------------------------------------------------------------------

    @initialize(crowd=st.integers(0, 4), joined=st.booleans(), calm=st.booleans())
    def some_are_here(self, crowd: int, joined: bool, calm: bool) -> None:
        self.calm = calm
        for number in range(crowd):
            self.connect()
            self._send(self._open()[-1], _hello(name=f"user-{number}"))
            if joined:
                self._send(self._open()[-1], commands.Join(id=0, room="lobby"))

    @rule()
    @precondition(lambda self: len(self._open()) < 6)
    def connect(self) -> None:
        peer = self.shell.connect()
        self.witnesses[peer] = Witness(self.shell.ledger)

    @rule(which=a_number, name=st.none() | a_name)
    @precondition(lambda self: self._strangers())
    def hello(self, which: int, name: str | None) -> None:
        self._send(pick(self._strangers(), which), _hello(name=name))

    @rule(which=a_number, who=a_number, newest=st.booleans())
    @precondition(lambda self: self._strangers() and self.persons)
    def resume(self, which: int, who: int, newest: bool) -> None:
        peer, person = pick(self._strangers(), which), pick(self.persons, who)
        old, token = person.peer, person.token
        if person.spent and (old is None or old.unconfirmed) and not newest:
            token = person.spent  # its `welcome` may not have arrived

        self._send(peer, _hello(resume=token))

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
            room = pick(self.shell.hall.page_of_rooms(None, 9)[0] or [None], which)
            inside = [each for each in self.persons if room and names.fold(room.name) in each.rooms]
            peer = pick(inside, which).peer if inside else None
            if peer is not None and room is not None:
                self._send(peer, msgspec.structs.replace(command, room=room.name))

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
            assert away >= {each.name for each in self.persons if not each.peer} & expected

    @invariant()
    def a_room_is_there_if_it_has_members_or_history(self) -> None:
        hall = self.shell.hall
        with_members = {key for each in self.persons for key in each.rooms}
        with_history = {names.fold(room) for room, log in self.shell.ledger.logs.items() if log}
        awaited = {append.room.key for append in self.shell.appends}
        assert set(hall.rooms) == with_members | with_history | awaited
        page, more = hall.page_of_rooms(None, 500)
        assert not more
        assert [names.fold(each.name) for each in page] == sorted(hall.rooms)

    @invariant()
    def only_who_has_joined_hears_a_room(self) -> None:
        for room in self.shell.hall.rooms.values():
            hearing = {peer for peer in self._open() if room.name in self.witnesses[peer].heads}
            assert set(room.audience) == hearing
            assert set(room.held) <= set(self._open()) - hearing

    @invariant()
    def nobody_has_the_name_of_another_or_one_that_looks_the_same(self) -> None:
        users = [each.name for each in self.persons]
        assert {user.name for user in self.shell.hall.register.by_key.values()} == set(users)
        assert len({names.fold(each) for each in users}) == len(users)
        assert not any(look_alike(one, other) for one, other in combinations(users, 2))

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
                shown = self.shell.hall.rooms[names.fold(room)].members.values()
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
        traces += [register._bearers._had, register._bearers._last]
        traces += [self.shell.sessions, hall._peers, hall._lingering, hall._gathering]
        assert not any(traces), traces
        assert set(hall.rooms) == {
            names.fold(room) for room, log in self.shell.ledger.logs.items() if log
        }
        assert set(hall._order) == {room.key for room in hall._looks.values()} == set(hall.rooms)
        for room in hall.rooms.values():
            traces = [room.members, room._order, room.audience, room.held, room.appending]
            assert not any(traces), traces

    # -- the model --------------------------------------------------------------------------------

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
        self.witnesses[peer].asks(command)
        person = self._person(peer)
        if person is None:
            self.shown_tokens[peer] = getattr(command, "resume", None)
            return
        if person.spent:
            self.used_tokens.append(person.spent)
            person.spent = ""
        match command:
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

    def _welcomed(self, peer: FakePeer, welcome: replies.Welcome) -> None:
        known = [each for each in self.persons if each.name == welcome.name]
        assert welcome.resumed == bool(known)
        person = known[0] if known else Person(peer)
        if known:
            assert {names.fold(room) for room in welcome.rooms} == person.rooms
            shown = self.shown_tokens[peer]
            assert shown in (person.token, person.spent)
            forgotten = {person.token, person.spent} - {shown, ""}
            self.used_tokens += sorted(forgotten)
            person.spent = shown
        else:
            self.persons.append(person)
        assert welcome.resume not in self.used_tokens
        person.peer, person.goes_at = peer, float("inf")
        person.name, person.token = welcome.name, welcome.resume

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
        self.used_tokens += [each for each in (person.token, person.spent) if each]


def pick(choices: Sequence[T], which: int) -> T:
    return choices[which % len(choices)]


def look_alike(one: str, other: str) -> bool:
    return not names.looks(one).isdisjoint(names.looks(other))


def _hello(name: str | None = None, resume: str | None = None) -> commands.Hello:
    return commands.Hello(id=0, protocol=[1], client="test", name=name, resume=resume)


TestHall = HallMachine.TestCase
TestHall.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
