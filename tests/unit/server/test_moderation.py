"""A room defends itself: kicks, bans, mutes, slow mode, invitations, what newcomers may read."""

from typing import Any

import pytest

from pychat.protocol import commands, events, limits, replies
from pychat.server.backplane.interface import Fact, RegistryError
from tests.support.hall_shell import FakePeer
from tests.support.town import Town, code, texts


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def ada(town: Town) -> FakePeer:
    return town.enter("ada", "den")


def enter(town: Town, name: str, *rooms: str, place: str = "") -> FakePeer:
    """From a place."""
    peer = town.shell.connect()
    peer.place = place
    hello = commands.Hello(id=town.id(), protocol=[1], client="test", name=name)
    town.shell.ask(peer, hello)
    for room in rooms:
        assert isinstance(town.join(peer, room), replies.Joined)
    return peer


def order(town: Town, peer: FakePeer, kind: type[commands.Command], /, **fields: object) -> None:
    assert isinstance(town.ask(peer, kind, room="den", **fields), replies.Ok), fields


def partings(peer: FakePeer) -> list[tuple[str, str]]:
    return [
        (each.name, each.reason)
        for told in peer.told
        if isinstance(told, events.Presence)
        for each in told.left
    ]


def roles(town: Town, peer: FakePeer) -> dict[str, str]:
    found = town.ask(peer, commands.Members, room="den").members
    return {member.name: member.role for member in found}


# Roles


def test_the_first_in_a_new_room_owns_it_and_appoints_others(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    assert roles(town, bob) == {"ada": "owner", "bob": "member"}

    order(town, ada, commands.Role, name="bob", role="operator")

    assert roles(town, bob) == {"ada": "owner", "bob": "operator"}
    changed = [each for each in bob.told if isinstance(each, events.Presence)][-1].changed
    assert [(each.name, each.member.role) for each in changed] == [("bob", "operator")]


def test_a_room_keeps_its_last_owner(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    down = {"room": "den", "name": "ada", "role": "member"}
    assert code(town.ask(ada, commands.Role, **down)) == "not-allowed"

    order(town, ada, commands.Role, name="bob", role="owner")
    assert code(town.ask(bob, commands.Role, **down)) == "not-allowed", "an equal"
    order(town, ada, commands.Role, name="ada", role="member")

    assert roles(town, bob) == {"ada": "member", "bob": "owner"}


def test_a_guest_owns_a_room_for_one_stay_also_over_a_break(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    town.said(bob, "den", "hello")
    town.shell.break_off(ada)
    assert roles(town, bob)["ada"] == "owner"

    town.shell.tick(61)
    again = town.enter("ada", "den")

    assert roles(town, again) == {"ada": "member", "bob": "member"}


def test_an_owned_name_owns_its_rooms_also_after_leaving_and_a_restart(town: Town) -> None:
    ada = town.enter("ada")
    town.verify(ada)
    town.join(ada, "den")
    town.said(ada, "den", "hello")
    town.ask(ada, commands.Quit)
    town.shell.restart()

    other = town.enter("ada", "den")
    assert roles(town, other)["ada"] == "member", "a name alone is no proof"
    town.verify(other)

    assert roles(town, other)["ada"] == "owner"


def test_a_guests_role_survives_a_restart_and_is_nobody_elses(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    order(town, ada, commands.Role, name="bob", role="operator")
    town.said(bob, "den", "hello")
    town.shell.break_off(bob)
    town.shell.tick(61)

    town.shell.restart()
    someone = town.enter("bob", "den")

    assert roles(town, someone) == {"ada": "owner", "bob": "member"}


def test_a_room_that_ended_and_begins_again_is_another_ones(town: Town, ada: FakePeer) -> None:
    order(town, ada, commands.Settings, kind="locked")
    town.leave(ada, "den")
    assert town.shell.facts["room", "den"].body is None

    bob = town.enter("bob", "den")

    assert roles(town, bob) == {"bob": "owner"}


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
    neighbour = enter(town, "nell", "den", place="192.0.2.1")
    early = enter(town, "earl", place="192.0.2.1")
    bob = enter(town, "bob", "den", place="192.0.2.1")
    town.shell.tick(1)
    order(town, ada, commands.Ban, name="bob")

    town.ask(bob, commands.Name, name="rob")
    assert code(town.join(bob, "den")) == "not-allowed", "the person, by another name"
    assert code(town.join(enter(town, "b\u043eb"), "den")) == "not-allowed", "what looks like it"
    late = enter(town, "late", place="192.0.2.1")
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
    bob = enter(town, "bob", "den", place="192.0.2.1")

    assert isinstance(town.ask(zoe, commands.Ban, name="bob", reason="spam"), replies.Ok)

    assert bob.bye == replies.Bye(
        code="banned", text="you were banned by zoe: spam", reconnect=False
    )
    assert partings(ada) == [("bob", "banned by zoe: spam")]
    for name, place in (("bob", ""), ("other", "192.0.2.1")):
        again = enter(town, name, place=place)
        assert again.bye is not None
        assert (code(again.told[0]), again.bye.code) == ("not-allowed", "banned")
        assert again.bye.text == "you are banned from this Hall for good, by zoe: spam"
    town.shell.restart()
    assert code(enter(town, "bob").told[0]) == "not-allowed"


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


def test_in_a_slow_room_a_member_waits_and_an_operator_does_not(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    order(town, ada, commands.Settings, slow=30)
    assert isinstance(town.said(bob, "den", "one"), replies.Sent)
    town.shell.tick(17.5)

    refused = town.said(bob, "den", "two")

    assert (refused.code, refused.retryable, refused.retry_after) == ("rate-limited", True, 12_500)
    assert refused.text.endswith("you may write again in 13 s")
    town.ask(bob, commands.Name, name="rob")
    town.leave(bob, "den")
    town.join(bob, "den")
    assert code(town.said(bob, "den", "two")) == "rate-limited", "by another name, and back again"
    for _ in range(3):
        assert isinstance(town.said(ada, "den", "x"), replies.Sent)
    town.shell.tick(12.5)
    assert isinstance(town.said(bob, "den", "two"), replies.Sent)


# Settings


def test_settings_are_told_to_members_and_to_those_who_join_and_kept(
    town: Town, ada: FakePeer
) -> None:
    assert town.join(town.enter("bob"), "den").settings is None  # type: ignore[attr-defined]
    town.said(ada, "den", "hello")

    order(town, ada, commands.Settings, kind="unlisted", slow=5)
    order(town, ada, commands.Settings, topic="operator")

    now = replies.RoomSettings(kind="unlisted", slow=5, topic="operator")
    told = [each.settings for each in ada.told if isinstance(each, events.Settings)]
    assert told == [replies.RoomSettings(kind="unlisted", slow=5), now]
    town.shell.restart()
    assert town.join(town.enter("cyd"), "den").settings == now  # type: ignore[attr-defined]


def test_an_invitation_is_for_one_and_for_once(town: Town, ada: FakePeer) -> None:
    bob, cyd = town.enter("bob"), town.enter("cyd")
    order(town, ada, commands.Settings, kind="locked")
    order(town, ada, commands.Invite, name="bob")
    (notice,) = [each.text for each in bob.told if isinstance(each, events.Notice)]
    assert notice == "ada invites you into the room den; join it if you like"
    assert [room.name for room in town.ask(bob, commands.List).rooms] == ["den"]
    assert code(town.join(cyd, "den")) == "no-such-room"
    town.ask(bob, commands.Quit)
    impostor = town.enter("bob")
    assert code(town.join(impostor, "den")) == "no-such-room", "the same name is not the same one"

    order(town, ada, commands.Invite, name="cyd")
    assert b"cyd" in (town.shell.facts["room", "den"].body or b"")
    assert isinstance(town.join(cyd, "den"), replies.Joined)
    assert b"cyd" not in (town.shell.facts["room", "den"].body or b""), "used up on disk, too"
    town.leave(cyd, "den")

    assert code(town.join(cyd, "den")) == "no-such-room"
    assert code(town.ask(ada, commands.Invite, room="den", name="ada")) == "already-in-room"
    assert code(town.ask(ada, commands.Invite, room="den", name="nil")) == "no-such-name"


def test_the_name_of_a_hidden_room_is_not_told_by_what_looks_like_it(
    town: Town, ada: FakePeer
) -> None:
    order(town, ada, commands.Settings, kind="unlisted")
    refused = town.join(town.enter("bob"), "d\u0435n")
    assert isinstance(refused, replies.Error)
    assert refused.code == "bad-room"
    assert "'den'" not in refused.text


def test_newcomers_read_nothing_of_before_where_the_room_says_so(town: Town, ada: FakePeer) -> None:
    early = town.enter("early", "den")
    town.said(ada, "den", "secret")
    order(town, ada, commands.Settings, history=False)
    bob = town.enter("bob")

    def read(peer: FakePeer) -> list[list[str]]:
        pages = [
            town.ask(peer, commands.History, room="den").messages,
            town.ask(peer, commands.Search, text="secret").messages,
        ]
        return [[each.text for each in page] for page in pages]

    joined: Any = town.join(bob, "den")
    assert (joined.messages, joined.more, joined.missed) == ([], False, 0)
    assert read(bob) == [[], []]
    assert read(early)[0] == ["secret"]
    town.said(ada, "den", "new")
    assert read(bob)[0] == ["new"]
    order(town, ada, commands.Role, name="bob", role="operator")
    assert read(bob)[0] == ["secret", "new"]
    town.leave(bob, "den")
    order(town, ada, commands.Settings, history=True)
    cyd = town.enter("cyd", "den")
    assert read(cyd)[0] == ["secret", "new"]


def test_what_was_missed_is_fetched_from_no_further_back_than_one_has_been_there(
    town: Town, ada: FakePeer
) -> None:
    town.said(ada, "den", "secret")
    order(town, ada, commands.Settings, history=False)
    bob = town.enter("bob")
    joined: Any = town.ask(bob, commands.Join, room="den", after=0)
    assert (joined.recovered, joined.messages, joined.events) == (False, [], None)


def test_nobody_reaches_those_above_by_what_looks_like_their_name(
    town: Town, ada: FakePeer
) -> None:
    bob = enter(town, "bob", "den", place="192.0.2.1")
    town.shell.tick(1)
    late = enter(town, "late", "den", place="192.0.2.1")
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


def test_one_invitation_is_one_notice(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob")
    for _ in range(3):
        order(town, ada, commands.Invite, name="bob")
    assert len([each for each in bob.told if isinstance(each, events.Notice)]) == 1


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


def test_what_cannot_be_read_of_a_room_keeps_the_hall_from_opening(
    town: Town, ada: FakePeer
) -> None:
    town.shell.facts["room", "den"] = Fact("room", "den", b'{"bans":7}')
    with pytest.raises(RegistryError, match="what is known of room 'den' cannot be read"):
        town.shell.restart()
