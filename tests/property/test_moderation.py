"""Whatever four people do to each other in a room: rights hold, and what is kept is what holds."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.protocol import commands, events, names, replies
from pychat.protocol.codec import ServerMessage
from pychat.protocol.events import LoggedEvent
from pychat.server import rights
from pychat.server.charter import Charter
from pychat.server.room import Room
from pychat.server.user import User
from tests.support.hall_shell import FakePeer
from tests.support.town import Town

PEOPLE = [f"p{number}" for number in range(4)]
ACTS = (commands.Kick, commands.Ban, commands.Mute, commands.Unban, commands.Unmute)

someone = st.sampled_from(PEOPLE)
an_officer = st.sampled_from(["p0", "p1", "p0", "p1", "p2"])
a_step = st.one_of(
    st.tuples(st.sampled_from(ACTS), an_officer, someone, st.none()),
    st.tuples(
        st.just(commands.Role),
        an_officer,
        someone,
        st.sampled_from(["owner", "operator", "member"]),
    ),
    st.tuples(st.just(commands.Invite), someone, someone, st.none()),
    st.tuples(
        st.just(commands.Settings), an_officer, st.none(), st.sampled_from(["public", "locked"])
    ),
    st.tuples(st.sampled_from([commands.Join, commands.Leave]), someone, st.none(), st.none()),
    st.tuples(st.just(commands.Send), someone, st.none(), st.none()),
    st.tuples(st.just("commit"), st.none(), st.none(), st.none()),
)


class Den:
    def __init__(self) -> None:
        self.town = Town()
        self.shell = self.town.shell
        self.peers = {name: self.town.enter(name, "den") for name in PEOPLE}
        self.town.said(self.peers["p0"], "den", "begun")
        self.town.ask(self.peers["p0"], commands.Role, room="den", name="p1", role="operator")
        self.acts: dict[int, tuple[type, str]] = {}
        """By the command's id, of those that are not answered yet."""
        self.barred: dict[str, set[type]] = {name: set() for name in PEOPLE}
        """By what they were barred, where that was answered with `ok`."""
        self.shell.watch = self._watch
        self.shell.logged = self._logged

    @property
    def room(self) -> Room:
        return self.shell.hall.rooms["den"]

    def user(self, name: str) -> User:
        user = self.shell.hall.user_at(self.peers[name])
        assert user is not None
        return user

    def rank(self, name: str) -> rights.Rank:
        return rights.rank(self.shell.hall, self.user(name), self.room)

    def step(self, kind: Any, who: str, whom: str | None, what: str | None) -> None:
        if kind == "commit":
            self.shell.commit(1)
            return
        number = self.town.id()
        fields: dict[str, Any] = {"room": "den"}
        if whom is not None:
            fields["name"] = whom
        if kind is commands.Role:
            fields["role"] = what
        elif kind is commands.Settings:
            fields["kind"] = what
        elif kind is commands.Send:
            fields |= {"text": "hi", "nonce": str(number)}
        before = {name: self.rank(name) for name in PEOPLE}
        owners = list(self.room.charter.roles.values()).count("owner")
        if kind in ACTS:
            self.acts[number] = (kind, whom or "")
        errors = self._errors(self.peers[who])
        self.shell.send(self.peers[who], kind(id=number, **fields))
        if self.peers[who].reading is not None:
            self.shell.read(self.peers[who])
        if self._errors(self.peers[who]) > errors:
            self.acts.pop(number, None)
            return
        self._check_right(kind, who, whom, before)
        if kind is commands.Role and owners:
            assert "owner" in self.room.charter.roles.values()

    def _check_right(
        self, kind: Any, who: str, whom: str | None, before: dict[str, rights.Rank]
    ) -> None:
        if kind in ACTS:
            assert before[who] >= rights.OPERATOR
        if kind in (commands.Kick, commands.Ban, commands.Mute) and whom is not None:
            assert before[who] > before[whom]
        if kind in (commands.Role, commands.Settings):
            assert before[who] == rights.OWNER

    @staticmethod
    def _errors(peer: FakePeer) -> int:
        return sum(isinstance(each, replies.Error) for each in peer.told)

    def _watch(self, peer: FakePeer, message: ServerMessage) -> None:
        if isinstance(message, replies.Ok) and message.id in self.acts:
            kind, whom = self.acts.pop(message.id)
            if kind in (commands.Ban, commands.Mute):
                self.barred[whom].add(kind)
            elif kind is commands.Unban:
                self.barred[whom].discard(commands.Ban)
            elif kind is commands.Unmute:
                self.barred[whom].discard(commands.Mute)

    def _logged(self, batch: list[LoggedEvent]) -> None:
        for event in batch:
            assert isinstance(event, events.Message)
            assert not self.barred[event.sender], (event.sender, self.barred)

    def check(self) -> None:
        """What holds between any two steps."""
        charter, now = self.room.charter, self.shell.hall.clock.wall()
        inside = {user.identity for user in self.room.members.values()}
        assert charter.roles.keys() <= inside
        assert not {ban.identity for ban in charter.bans.standing(now)} & inside
        kept = Charter(self.shell.facts["room", "den"])
        if not self.shell.hall.settling.waiting:
            assert kept.fact("den", now) == charter.fact("den", now)
        for name, peer in self.peers.items():
            assert (names.fold(name) in self.room.members) == (peer in self.room.audience)


@settings(max_examples=100, deadline=None)
@given(st.lists(a_step, min_size=25, max_size=60))
def test_rights_hold_whatever_happens(steps: list[tuple[Any, Any, Any, Any]]) -> None:
    den = Den()
    for step in steps:
        den.step(*step)
        den.check()
    den.shell.settle()
    den.check()
    assert not den.shell.hall.settling.waiting
