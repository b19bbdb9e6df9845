"""A room, and the Hall, defend themselves: kicks, bans and mutes."""

import pytest

from pychat.protocol import commands, events, limits, replies
from tests.support.hall_shell import FakePeer
from tests.support.town import Town, code, order, roles, texts


def partings(peer: FakePeer) -> list[tuple[str, str]]:
    return [
        (each.name, each.reason)
        for told in peer.told
        if isinstance(told, events.Presence)
        for each in told.left
    ]


# Sending people out


def test_a_kick_is_told_to_the_one_and_to_the_others_and_they_may_come_back(
    town: Town, ada: FakePeer
) -> None:
    bob = town.enter("bob", "den")

    order(town, ada, commands.Kick, name="bob", reason="too\x1bloud")

    reason = "kicked by ada: too\N{SYMBOL FOR ESCAPE}loud"
    assert partings(bob) == partings(ada) == [("bob", reason)]
    assert code(town.said(bob, "den", "hi")) == "not-in-room"
    assert isinstance(town.join(bob, "den"), replies.Joined)


def test_nobody_but_the_hall_says_that_somebody_was_kicked(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")

    town.ask(bob, commands.Quit, reason="kicked by ada: spam")

    assert partings(ada) == [("bob", "quit: kicked by ada: spam")]


def test_a_long_reason_fits(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    order(town, ada, commands.Kick, name="bob", reason="x" * 9_000)
    assert len(partings(bob)[0][1]) == limits.REASON_CHARS


def test_who_is_kicked_while_coming_in_is_not_in(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob")
    town.shell.send(bob, commands.Join(id=900, room="den"))
    town.shell.send(ada, commands.Kick(id=901, room="den", name="bob"))

    town.shell.settle()

    assert code(bob.told[-1]) == "not-in-room"
    town.said(ada, "den", "alone")
    assert "alone" not in texts(bob)


def test_after_a_bans_ok_nothing_of_theirs_appears(town: Town, ada: FakePeer) -> None:
    for act in (commands.Ban, commands.Kick, commands.Mute):
        bob = town.enter("bob", "den")
        town.say(bob, "den", "first")
        town.say(bob, "den", "second")
        number = town.id()
        town.shell.send(ada, act(id=number, room="den", name="bob"))
        town.say(bob, "den", "third")
        asked = len(ada.told)
        assert not [each for each in ada.told if getattr(each, "id", None) == number]

        town.shell.commit(1)
        town.shell.settle()

        told = [each for each in ada.told[asked:] if not isinstance(each, events.Presence)]
        assert [getattr(each, "text", type(each).__name__) for each in told] == [
            "first",
            "second",
            "Ok",
        ]
        town.ask(ada, commands.Unban, room="den", name="bob")
        town.ask(ada, commands.Unmute, room="den", name="bob")
        town.ask(bob, commands.Quit)


def test_what_is_kept_of_a_ban_that_waited_is_as_it_is_by_then(town: Town, ada: FakePeer) -> None:
    """What was decided meanwhile was overwritten."""
    bob = town.enter("bob", "den")
    town.say(bob, "den", "on its way")
    town.shell.send(ada, commands.Mute(id=900, room="den", name="bob"))
    town.shell.send(ada, commands.Settings(id=901, room="den", slow=7))
    town.shell.break_off(ada)

    town.shell.settle()

    body = town.shell.facts["room", "den"].body or b""
    assert b'"slow":7' in body
    assert b'"mutes":[{"name":"bob"' in body


def test_a_ban_lasts_until_its_time_is_over_also_over_a_restart(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    town.said(ada, "den", "hello")
    order(town, ada, commands.Ban, name="BOB", seconds=60, reason="spam")
    assert partings(bob) == [("bob", "banned by ada: spam")]
    refused = town.join(bob, "den")
    assert isinstance(refused, replies.Error)
    assert refused.text == "you are banned from 'den' for another 60 s, by ada: spam"

    town.ask(bob, commands.Quit)
    town.shell.restart()
    bob = town.enter("bob")
    assert code(town.join(bob, "den")) == "not-allowed"
    town.shell.tick(60)

    assert isinstance(town.join(bob, "den"), replies.Joined)


def test_a_ban_means_the_person_the_name_its_likes_and_the_place(town: Town, ada: FakePeer) -> None:
    neighbour = town.enter("nell", "den", place="192.0.2.1")
    early = town.enter("earl", place="192.0.2.1")
    bob = town.enter("bob", "den", place="192.0.2.1")
    town.shell.tick(1)
    order(town, ada, commands.Ban, name="bob")

    town.ask(bob, commands.Name, name="rob")
    assert code(town.join(bob, "den")) == "not-allowed", "the person, by another name"
    assert code(town.join(town.enter("b\u043eb"), "den")) == "not-allowed", "what looks like it"
    late = town.enter("late", place="192.0.2.1")
    assert code(town.join(late, "den")) == "not-allowed", "from there"
    town.verify(late, since=1_002_000)
    assert code(town.join(late, "den")) == "not-allowed", "with a name owned since"
    town.verify(late, since=5)
    assert isinstance(town.join(late, "den"), replies.Joined), "somebody else for long"
    assert isinstance(town.join(early, "den"), replies.Joined), "who was there before"
    assert isinstance(town.said(neighbour, "den", "hi"), replies.Sent)


def test_who_is_banned_has_no_role_and_no_invitation_afterwards(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    town.verify(bob)
    order(town, ada, commands.Role, name="bob", role="operator")
    order(town, ada, commands.Ban, name="bob")
    order(town, ada, commands.Unban, name="bob")
    town.join(bob, "den")
    assert roles(town, ada)["bob"] == "member"


def test_a_ban_is_lifted_by_its_name_and_told_who_may_lift_it(town: Town, ada: FakePeer) -> None:
    order(town, ada, commands.Ban, name="Nobody", seconds=5, reason="r")
    (ban,) = town.ask(ada, commands.Bans, room="den").bans
    assert ban == replies.Sanction(
        name="Nobody", since=1_000_000, until=1_005_000, by="ada", reason="r"
    )

    order(town, ada, commands.Unban, name="NOBODY")

    assert town.ask(ada, commands.Bans, room="den").bans == []
    assert code(town.ask(ada, commands.Unban, room="den", name="nobody")) == "no-such-name"


def test_bans_are_bounded(town: Town, ada: FakePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SANCTIONS", 2)
    order(town, ada, commands.Ban, name="a", seconds=1)
    order(town, ada, commands.Ban, name="b")
    order(town, ada, commands.Ban, name="b", seconds=9)
    assert code(town.ask(ada, commands.Ban, room="den", name="c")) == "too-many"
    town.shell.tick(1)
    order(town, ada, commands.Ban, name="c")


# The Hall


@pytest.fixture
def zoe(town: Town) -> FakePeer:
    zoe = town.enter("zoe")
    town.verify(zoe)
    town.shell.hall.conduct.granted.add("zoe")
    return zoe


def test_a_ban_from_the_hall_ends_the_connection_and_refuses_the_next(
    town: Town, ada: FakePeer, zoe: FakePeer
) -> None:
    bob = town.enter("bob", "den", place="192.0.2.1")

    assert isinstance(town.ask(zoe, commands.Ban, name="bob", reason="spam"), replies.Ok)

    assert bob.bye == replies.Bye(
        code="banned", text="you were banned by zoe: spam", reconnect=False
    )
    assert partings(ada) == [("bob", "banned by zoe: spam")]
    for name, place in (("bob", ""), ("other", "192.0.2.1")):
        again = town.enter(name, place=place)
        assert again.bye is not None
        assert (code(again.told[0]), again.bye.code) == ("not-allowed", "banned")
        assert again.bye.text == "you are banned from this Hall for good, by zoe: spam"
    town.shell.restart()
    assert code(town.enter("bob").told[0]) == "not-allowed"


def test_a_kick_out_of_the_hall(town: Town, ada: FakePeer, zoe: FakePeer) -> None:
    town.ask(zoe, commands.Kick, name="ada")
    assert ada.bye is not None
    assert (ada.bye.code, ada.bye.reconnect) == ("kicked", False)
    assert town.enter("ada").bye is None


def test_a_mute_in_the_hall_holds_in_each_room_also_in_one_of_two(
    town: Town, ada: FakePeer, zoe: FakePeer
) -> None:
    room = town.join(ada, "@zoe").room  # type: ignore[attr-defined]
    town.ask(zoe, commands.Mute, name="ada", seconds=600)
    assert code(town.said(ada, "den", "hi")) == code(town.said(ada, room, "hi")) == "not-allowed"

    town.ask(zoe, commands.Unmute, name="ada")

    assert isinstance(town.said(ada, room, "hi"), replies.Sent)


def test_an_operator_of_the_hall_is_told_so_and_one_without_proof_is_none(
    town: Town, zoe: FakePeer
) -> None:
    assert town.ask(zoe, commands.Whois, name="zoe").role == "operator"
    town.shell.hall.conduct.granted.add("bob")
    bob = town.enter("bob")
    assert town.ask(zoe, commands.Whois, name="bob").role == "member"
    assert code(town.ask(bob, commands.Ban, name="ada")) == "not-allowed"


def test_an_operator_of_the_hall_gives_an_ownerless_room_an_owner(
    town: Town, zoe: FakePeer
) -> None:
    bob = town.enter("bob", "den")
    town.said(bob, "den", "mine")
    town.leave(bob, "den")
    kim = town.enter("kim", "den")

    order(town, zoe, commands.Role, name="kim", role="owner")

    assert roles(town, kim) == {"kim": "owner"}


# Saying less


def test_who_is_muted_reads_on_and_is_told_when_it_ends(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    mine = town.said(bob, "den", "before").seq

    order(town, ada, commands.Mute, name="bob", seconds=300, reason="calm down")

    (notice,) = [each for each in bob.told if isinstance(each, events.Notice)]
    assert notice.text == "You are muted in den for another 5 minutes, by ada: calm down"
    refused = town.said(bob, "den", "hi")
    assert refused.text == "you are muted in 'den' for another 5 minutes, by ada: calm down"
    for kind, more in (
        (commands.Edit, {"target": mine, "text": "x"}),
        (commands.React, {"target": mine, "emojis": ["a"]}),
        (commands.Topic, {"text": "x"}),
    ):
        assert code(town.ask(bob, kind, room="den", nonce="n", **more)) == "not-allowed"
    town.said(ada, "den", "quiet now")
    assert "quiet now" in texts(bob)
    assert isinstance(
        town.ask(bob, commands.Delete, room="den", target=mine, nonce="d"), replies.Sent
    )
    town.shell.tick(300)
    assert isinstance(town.said(bob, "den", "hi"), replies.Sent)


def test_a_mute_follows_to_another_name_and_over_a_restart(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    order(town, ada, commands.Mute, name="bob")
    town.ask(bob, commands.Name, name="rob")
    assert code(town.said(bob, "den", "hi")) == "not-allowed"
    town.said(ada, "den", "hello")

    town.shell.restart()

    assert code(town.said(town.enter("bob", "den"), "den", "hi")) == "not-allowed"


# More of both


def test_nobody_reaches_those_above_by_what_looks_like_their_name(
    town: Town, ada: FakePeer
) -> None:
    bob = town.enter("bob", "den", place="192.0.2.1")
    town.shell.tick(1)
    late = town.enter("late", "den", place="192.0.2.1")
    order(town, ada, commands.Role, name="bob", role="operator")
    order(town, ada, commands.Role, name="late", role="operator")

    order(town, bob, commands.Mute, name="ad\u0430")
    order(town, ada, commands.Mute, name="bob")

    assert isinstance(town.said(ada, "den", "hi"), replies.Sent)
    assert isinstance(town.said(late, "den", "hi"), replies.Sent)
    assert code(town.said(bob, "den", "hi")) == "not-allowed"


def test_who_is_muted_is_not_told_to_type(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    order(town, ada, commands.Mute, name="bob")
    town.typing(bob, "den")
    assert not [each for each in ada.told if isinstance(each, events.Typing)]


def test_an_operator_of_the_hall_who_opens_a_locked_door_leaves_a_line(
    town: Town, ada: FakePeer, zoe: FakePeer
) -> None:
    order(town, ada, commands.Settings, kind="locked")
    assert isinstance(town.join(zoe, "den"), replies.Joined)
    assert [(each.who, each.act) for each in town.shell.audited][-1] == ("zoe", "enter")


def test_each_act_is_a_line_of_the_audit_log(town: Town, ada: FakePeer) -> None:
    town.enter("bob", "den")
    order(town, ada, commands.Mute, name="bob", seconds=5)
    order(town, ada, commands.Unmute, name="bob")
    order(town, ada, commands.Role, name="bob", role="operator")
    order(town, ada, commands.Kick, name="bob", reason="out")
    order(town, ada, commands.Settings, slow=5)
    order(town, ada, commands.Ban, name="bob", reason="stay out")
    order(town, ada, commands.Unban, name="bob")

    lines = [(each.act, each.whom, each.why) for each in town.shell.audited]

    assert lines == [
        ("mute", "bob", "for 5 s"),
        ("unmute", "bob", None),
        ("role", "bob", "operator"),
        ("kick", "bob", "out"),
        ("settings", None, "public, slow 5 s, topic member, history read"),
        ("ban", "bob", "for good: stay out"),
        ("unban", "bob", None),
    ]
    assert {(each.who, each.room) for each in town.shell.audited} == {("ada", "den")}
