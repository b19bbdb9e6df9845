"""The table of rights holds in the Hall itself: each rank, each act, each kind of room."""

from collections.abc import Callable
from typing import Any, Literal, get_args

import pytest

from pychat.protocol import commands, events, replies
from pychat.server import rights
from pychat.server.rights import HALL, INVITED, MEMBER, OPERATOR, OUTSIDER, OWNER, Act, Rank
from tests.support.hall_shell import FakePeer
from tests.support.town import Town

Kind = Literal["public", "unlisted", "locked"]
INSIDE = (MEMBER, OPERATOR, OWNER)
RANKS = (OUTSIDER, INVITED, *INSIDE, HALL)


class Den:
    """A room with an owner, somebody to be acted upon, and one whose rights are tried."""

    def __init__(self, kind: Kind, rank: Rank) -> None:
        town = self.town = Town()
        self.olga = town.enter("olga", "den")
        self.mem = town.enter("mem", "den")
        self.said = town.said(self.mem, "den", "hello").seq
        self.extra = town.enter("extra")
        self.me = town.enter("me")
        self.ask(self.olga, commands.Settings, kind=kind)
        if rank == HALL:
            town.verify(self.me)
            town.shell.hall.conduct.granted.add("me")
        elif rank != OUTSIDER:
            self.ask(self.olga, commands.Invite, name="me")
        if rank in INSIDE:
            town.join(self.me, "den")
            self.own = town.said(self.me, "den", "mine").seq
        if rank in (OPERATOR, OWNER):
            role = "owner" if rank == OWNER else "operator"
            self.ask(self.olga, commands.Role, name="me", role=role)
        if rank in INSIDE:
            town.verify(self.me)

    def ask(self, peer: FakePeer, kind: type[commands.Command], /, **fields: object) -> Any:
        return self.town.ask(peer, kind, room="den", **fields)

    def nonce(self) -> str:
        return f"n{self.town.id()}"


def _say(den: Den) -> list[Any]:
    mine = getattr(den, "own", den.said)
    return [
        den.town.said(den.me, "den", "hi"),
        den.ask(den.me, commands.Edit, target=mine, text="x", nonce=den.nonce()),
        den.ask(den.me, commands.React, target=den.said, emojis=["a"], nonce=den.nonce()),
        den.ask(den.me, commands.Typing),
        den.ask(den.me, commands.Delete, target=mine, nonce=den.nonce()),
    ]


def _read(den: Den) -> list[Any]:
    return [
        den.ask(den.me, commands.History),
        den.ask(den.me, commands.Members),
        den.ask(den.me, commands.Read, seq=1),
        den.ask(den.me, commands.Search, text="hello"),
        den.ask(den.me, commands.Leave),
    ]


TRIES: dict[Act, Callable[[Den], list[Any]]] = {
    "join": lambda den: [den.ask(den.me, commands.Join)],
    "read": _read,
    "say": _say,
    "topic": lambda den: [den.ask(den.me, commands.Topic, text="t", nonce=den.nonce())],
    "invite": lambda den: [den.ask(den.me, commands.Invite, name="extra")],
    "delete": lambda den: [den.ask(den.me, commands.Delete, target=den.said, nonce=den.nonce())],
    "kick": lambda den: [den.ask(den.me, commands.Kick, name="mem")],
    "ban": lambda den: [
        den.ask(den.me, commands.Bans),
        den.ask(den.me, commands.Ban, name="mem"),
        *([den.ask(den.me, commands.Unban, name="mem")] if _banned(den) else []),
    ],
    "mute": lambda den: [
        den.ask(den.me, commands.Mute, name="mem"),
        *([den.ask(den.me, commands.Unmute, name="mem")] if _muted(den) else []),
    ],
    "role": lambda den: [den.ask(den.me, commands.Role, name="mem", role="operator")],
    "settings": lambda den: [den.ask(den.me, commands.Settings, slow=5)],
}


def _room(den: Den) -> Any:
    return den.town.shell.hall.rooms["den"]


def _banned(den: Den) -> bool:
    return bool(_room(den).charter.bans.by_name)


def _muted(den: Den) -> bool:
    return bool(_room(den).charter.mutes.by_name)


def expected(act: Act, kind: Kind, rank: Rank) -> str | None:
    """The code of the refusal; None if it is granted."""
    sees = rank >= getattr(rights.RIGHTS["see"], kind)
    enough = rank >= getattr(rights.RIGHTS[act], kind)
    if act == "join":
        if rank in INSIDE:
            return "already-in-room"
        return None if enough else "no-such-room"
    if not sees:
        return "no-such-room"
    needs_presence = act in ("read", "say", "topic", "delete")
    if rank in INSIDE:
        return None if enough else "not-allowed"
    return None if enough and not needs_presence else "not-in-room"


def outcome(reply: object) -> str | None:
    return reply.code if isinstance(reply, replies.Error) else None


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("rank", RANKS, ids=lambda rank: rank.name.lower())
def test_each_rank_may_do_what_the_table_says_and_nothing_else(kind: Kind, rank: Rank) -> None:
    for act, attempt in TRIES.items():
        den = Den(kind, rank)
        assert rights.rank(_hall(den), _me(den), _room(den)) == rank

        told = [outcome(reply) for reply in attempt(den)]

        assert told == [expected(act, kind, rank)] * len(told), (act, kind, rank)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_room_is_listed_to_those_who_may_see_it(kind: Kind) -> None:
    for rank in RANKS:
        den = Den(kind, rank)

        rooms = den.town.ask(den.me, commands.List).rooms

        assert bool(rooms) == (rank >= getattr(rights.RIGHTS["see"], kind)), rank


def test_every_act_of_the_table_is_tried() -> None:
    assert {*TRIES, "see"} == set(rights.RIGHTS) == set(get_args(Act))


def test_what_is_not_to_be_seen_is_refused_as_what_is_not_there() -> None:
    den = Den("locked", OUTSIDER)
    attempts = (
        commands.History(id=1, room="{}"),
        commands.Kick(id=1, room="{}", name="mem"),
        commands.Invite(id=1, room="{}", name="extra"),
        commands.Settings(id=1, room="{}", slow=3),
        commands.Leave(id=1, room="{}"),
    )
    for command in attempts:
        told = []
        for room in ("den", "nil"):
            fields = {name: getattr(command, name) for name in command.__struct_fields__}
            del fields["id"]
            told.append(den.town.ask(den.me, type(command), **(fields | {"room": room})))
        assert told[0].code == told[1].code == "no-such-room"
        assert told[0].text.replace("den", "nil") == told[1].text


def test_nobody_acts_against_those_who_have_as_much_to_say() -> None:
    for rank, name in ((OPERATOR, "olga"), (OWNER, "olga"), (OPERATOR, "me")):
        den = Den("public", rank)
        for kind in (commands.Kick, commands.Ban, commands.Mute):
            assert outcome(den.ask(den.me, kind, name=name)) == "not-allowed", (rank, kind)
        assert "olga" in _room(den).members


def test_an_operator_deletes_what_a_member_said_and_not_what_an_owner_said() -> None:
    den = Den("public", OPERATOR)
    owners = den.town.said(den.olga, "den", "by the owner").seq

    assert outcome(den.ask(den.me, commands.Delete, target=owners, nonce="a")) == "not-allowed"
    assert outcome(den.ask(den.me, commands.Delete, target=den.said, nonce="b")) is None

    assert [line.act for line in den.town.shell.audited if line.who == "me"] == ["delete"]
    assert [each.target for each in den.me.told if isinstance(each, events.Deleted)] == [den.said]


def test_a_guest_deletes_nothing_of_others_whatever_the_rank() -> None:
    town = Town()
    ada, bob = town.enter("ada", "den"), town.enter("bob", "den")
    said = town.said(bob, "den", "hello").seq

    told = town.ask(ada, commands.Delete, room="den", target=said, nonce="n")

    assert outcome(told) == "not-allowed"


def test_in_a_room_of_two_neither_has_power_and_for_others_there_is_none() -> None:
    den = Den("public", OWNER)
    room = den.town.join(den.me, "@mem").room  # type: ignore[attr-defined]
    for peer, code in ((den.me, "not-allowed"), (den.extra, "no-such-room")):
        for kind in (commands.Kick, commands.Ban, commands.Mute, commands.Invite):
            assert outcome(den.town.ask(peer, kind, room=room, name="mem")) == code
        appointed = den.town.ask(peer, commands.Role, room=room, name="mem", role="member")
        assert outcome(appointed) == code
        assert outcome(den.town.ask(peer, commands.Settings, room=room, slow=1)) == code
        assert outcome(den.town.ask(peer, commands.Bans, room=room)) == code


def test_the_topic_may_be_the_operators_alone() -> None:
    for rank in INSIDE:
        den = Den("public", rank)
        den.ask(den.olga, commands.Settings, topic="operator")
        told = den.ask(den.me, commands.Topic, text="t", nonce="n")
        assert outcome(told) == (None if rank >= OPERATOR else "not-allowed")


def test_all_of_the_hall_is_for_its_operators() -> None:
    for rank in RANKS:
        den = Den("public", rank)
        for kind in (commands.Kick, commands.Ban, commands.Mute):
            told = outcome(den.town.ask(den.me, kind, name="extra"))
            assert told == (None if rank == HALL else "not-allowed"), rank
            if kind is commands.Kick:
                den.extra = den.town.enter("extra")
        assert outcome(den.town.ask(den.me, commands.Bans)) == (
            None if rank == HALL else "not-allowed"
        )


def _hall(den: Den) -> Any:
    return den.town.shell.hall


def _me(den: Den) -> Any:
    return _hall(den).user_at(den.me)
