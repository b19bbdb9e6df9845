"""No command is without a rule: each that there is, for whoever may give it, in each kind of room.

What the ranks may do in a room is tried in test_rights; here are those whom something shuts out,
all commands by their types, and that a refusal changes nothing and tells nobody anything.
"""

from typing import Any, get_args

import pytest

from pychat.protocol import commands, replies
from pychat.server import rights
from pychat.server.rights import OUTSIDER, Act
from tests.support.hall_shell import FakePeer
from tests.support.town import Town

Command = type[commands.Command]

ROOM: dict[Command, tuple[Act, dict[str, Any]]] = {
    commands.Join: ("join", {}),
    commands.Leave: ("read", {}),
    commands.Members: ("read", {}),
    commands.History: ("read", {}),
    commands.Search: ("read", {"text": "hello"}),
    commands.Read: ("read", {"seq": 1}),
    commands.Send: ("say", {"text": "x", "nonce": "n"}),
    commands.Edit: ("say", {"target": 1, "text": "x", "nonce": "n"}),
    commands.React: ("say", {"target": 1, "emojis": ["a"], "nonce": "n"}),
    commands.Typing: ("say", {}),
    commands.Topic: ("topic", {"text": "x", "nonce": "n"}),
    commands.Delete: ("delete", {"target": 1, "nonce": "n"}),
    commands.Invite: ("invite", {"name": "extra"}),
    commands.Kick: ("kick", {"name": "mem"}),
    commands.Bans: ("ban", {}),
    commands.Ban: ("ban", {"name": "mem"}),
    commands.Unban: ("ban", {"name": "mem"}),
    commands.Mute: ("mute", {"name": "mem"}),
    commands.Unmute: ("mute", {"name": "mem"}),
    commands.Role: ("role", {"name": "mem", "role": "operator"}),
    commands.Settings: ("settings", {"slow": 5}),
}
"""Commands of a room, with the act that each of them is and its other fields."""

HALLS = (
    commands.Kick,
    commands.Ban,
    commands.Unban,
    commands.Mute,
    commands.Unmute,
    commands.Bans,
)
"""Those that are of the whole Hall where no room is given."""

OTHERS: dict[Command, dict[str, Any]] = {
    commands.Name: {"name": "ann"},
    commands.Manual: {},
    commands.List: {},
    commands.Whois: {"name": "ann"},
    commands.Keys: {},
    commands.AddKey: {"key": "A" * 43},
    commands.RevokeKey: {"key": "A" * 43},
    commands.Passphrase: {"text": "correct horse"},
    commands.Away: {"away": True},
    commands.Ping: {},
    commands.Quit: {},
}
"""Of no room."""

GREETING = {commands.Hello, commands.Challenge}

KINDS = ("public", "unlisted", "locked")
SHUT_OUT = ("banned", "banned guest", "kicked", "unproved operator of the hall")


class Den:
    """A room with an owner, who said something, and one who is not to get far."""

    def __init__(self, kind: str) -> None:
        self.town = Town()
        self.olga = self.town.enter("olga", "den")
        self.mem = self.town.enter("mem", "den")
        self.town.said(self.olga, "den", "hello")
        self.extra = self.town.enter("extra")
        self.me = self.town.enter("me")
        self.by(self.olga, commands.Settings, kind=kind)

    def by(self, peer: FakePeer, kind: Command, /, room: str = "den", **fields: Any) -> Any:
        return self.town.ask(peer, kind, room=room, **fields)

    def by_all(self, peer: FakePeer, kind: Command, /, **fields: Any) -> Any:
        """Of the whole Hall."""
        return self.town.ask(peer, kind, **fields)

    def shut_out(self, how: str) -> None:
        if how == "unproved operator of the hall":
            self.town.shell.hall.conduct.granted.add("me")
            return
        if how != "banned guest":
            self.by(self.olga, commands.Invite, name="me")
            self.town.join(self.me, "den")
            self.by(self.olga, commands.Role, name="me", role="operator")
        kind = commands.Kick if how == "kicked" else commands.Ban
        assert isinstance(self.by(self.olga, kind, name="me"), replies.Ok)

    def state(self) -> object:
        """All that a command of the room could change, and what the others have been told."""
        room = self.town.shell.hall.rooms["den"]
        charter = room.charter
        kept = [(fact.key, fact.body) for fact in self.town.shell.facts.values()]
        told = [(len(each.told), each.bye) for each in (self.olga, self.mem, self.extra)]
        return room.head, sorted(room.members), dict(charter.roles), charter.settings, kept, told


def refused(reply: object) -> str:
    assert isinstance(reply, replies.Error), reply
    return reply.code


def expected(kind: str, act: Act) -> str:
    """Of somebody who has no right but an outsider's, or not even that."""
    sees = getattr(rights.RIGHTS["see"], kind) <= OUTSIDER
    enters = getattr(rights.RIGHTS["join"], kind) <= OUTSIDER
    if act == "join":
        # Who is banned is told so where they might have come in.
        return "not-allowed" if enters else "no-such-room"
    return "not-in-room" if sees else "no-such-room"


def test_each_command_of_the_protocol_has_its_rule() -> None:
    every = set(get_args(commands.AnyCommand))

    assert {each for each in every if "room" in each.__struct_fields__} == set(ROOM)
    assert every == set(ROOM) | set(OTHERS) | GREETING


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", SHUT_OUT)
def test_who_is_shut_out_gets_nowhere_and_leaves_no_trace(how: str, kind: str) -> None:
    den = Den(kind)
    den.shut_out(how)
    before = den.state()
    may_come_in = "banned" not in how and kind != "locked"

    for command, (act, fields) in ROOM.items():
        if act == "join" and may_come_in:
            continue
        told = refused(den.by(den.me, command, **fields))

        assert told == expected(kind, act), command
        assert den.state() == before, command


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_muted_says_nothing_by_any_command_and_reads_on(kind: str) -> None:
    den = Den(kind)
    den.by(den.olga, commands.Invite, name="me")
    den.town.join(den.me, "den")
    mine = den.town.said(den.me, "den", "mine").seq
    den.by(den.olga, commands.Mute, name="me")
    before = den.state()

    for command, (act, fields) in ROOM.items():
        if act in ("say", "topic") and command is not commands.Typing:
            target = {"target": mine} if "target" in fields else {}
            told = refused(den.by(den.me, command, **(fields | target)))

            assert told == "not-allowed", command
    # Nobody is told of it, and who is muted need not be.
    assert isinstance(den.by(den.me, commands.Typing), replies.Ok)
    assert den.state() == before

    for command, (act, fields) in ROOM.items():
        if act == "read" and command is not commands.Leave:
            assert not isinstance(den.by(den.me, command, **fields), replies.Error), command


@pytest.mark.parametrize("who", ["extra", "boss"])
def test_a_room_of_two_is_not_there_for_others_whatever_they_ask(who: str) -> None:
    """Nor for an operator of the Hall."""
    den = Den("public")
    room = den.town.join(den.me, "@mem").room  # type: ignore[attr-defined]
    den.town.said(den.me, room, "between us")
    other = den.extra if who == "extra" else den.town.enter("boss")
    if who == "boss":
        den.town.verify(other)
        den.town.shell.hall.conduct.granted.add("boss")
    told = len(den.me.told), len(den.mem.told)

    for command, (_, fields) in ROOM.items():
        there = den.by(other, command, room, **fields)
        elsewhere = den.by(other, command, "@me,nobody", **fields)

        assert refused(there) == refused(elsewhere) == "no-such-room", command
        assert there.text.replace(room, "@me,nobody") == elsewhere.text
    assert (len(den.me.told), len(den.mem.told)) == told
    assert room not in {each.name for each in den.by_all(other, commands.List).rooms}


@pytest.mark.parametrize("rank", ["outsider", "owner of a room", "unproved", "operator"])
def test_what_is_of_the_whole_hall_is_for_its_operators_alone(rank: str) -> None:
    den = Den("public")
    peer = den.olga if rank == "owner of a room" else den.me
    if rank in ("unproved", "operator"):
        den.town.shell.hall.conduct.granted.add("me")
    if rank == "operator":
        den.town.verify(peer)

    for command in HALLS:
        told = den.by_all(peer, command, **({} if command is commands.Bans else {"name": "zoe"}))

        if rank != "operator":
            assert refused(told) == "not-allowed", command
        else:
            assert getattr(told, "code", "") != "not-allowed", command


@pytest.mark.parametrize("command", [*ROOM, *OTHERS], ids=lambda command: command.__name__)
def test_who_has_not_been_greeted_is_greeted_first(command: Command) -> None:
    den = Den("public")
    before = den.state()
    stranger = den.town.shell.connect()
    fields = OTHERS[command] if command in OTHERS else {"room": "den", **ROOM[command][1]}

    assert refused(den.by_all(stranger, command, **fields)) == "hello-first"
    assert stranger.bye is not None
    assert (stranger.bye.code, stranger.bye.reconnect) == ("hello-first", False)
    assert den.state() == before
