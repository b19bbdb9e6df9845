"""The whole Hall, with people who do anything in any order, against a model of it."""

from itertools import combinations

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pychat.protocol import commands, names
from pychat.server import limits
from pychat.server.credentials import Credentials
from tests.property.hall_commands import a_command, a_key, a_name, a_number, a_saying, a_word, pick
from tests.property.hall_model import LINGER, HallModel, look_alike
from tests.support.witness import Witness


class HallMachine(HallModel, RuleBasedStateMachine):
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


def _hello(name: str | None = None, resume: str | None = None) -> commands.Hello:
    return commands.Hello(id=0, protocol=[1], client="test", name=name, resume=resume)


TestHall = HallMachine.TestCase
TestHall.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
