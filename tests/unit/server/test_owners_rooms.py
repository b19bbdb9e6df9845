"""Direct rooms of two who own their names, on the pure Hall: they last, and stay these two's."""

import re

import pytest

from pychat.protocol import commands, events, names, replies
from pychat.protocol.errors import Refused
from pychat.server import administering, limits
from pychat.server.owners import Owner
from tests.support.comers import Comers, told, welcome
from tests.support.hall_shell import FakePeer
from tests.support.town import code, heads, texts


@pytest.fixture
def ada(hall: Comers) -> FakePeer:
    return hall.come("Ada", by=1)


@pytest.fixture
def kim(hall: Comers) -> FakePeer:
    return hall.come("kim", by=2)


def entered(hall: Comers, peer: FakePeer, room: str, **fields: object) -> replies.Joined:
    joined = hall.ask(peer, commands.Join, room=room, **fields)
    assert isinstance(joined, replies.Joined), joined
    return joined


def shown(joined: replies.Joined) -> list[str]:
    return [message.text for message in joined.messages or []]


def rooms_in_memory(hall: Comers) -> list[str]:
    return list(hall.shell.hall.directs._by_key)


def with_words_on_their_way(hall: Comers, ada: FakePeer, kim: FakePeer) -> str:
    """A room that kim has left, and into which ada says what is not yet on the disk."""
    room = entered(hall, ada, "@kim").room
    hall.said(ada, room, "one")
    hall.leave(kim, room)
    hall.say(ada, room, "two")
    return room


def forget_owner(hall: Comers, name: str) -> None:
    """As somebody does who moves `people.db` away."""
    del hall.shell.facts["owner", name]


# -- what it is called ----------------------------------------------------------------------------


def test_it_is_named_after_both_with_a_mark_of_who_owns_the_names(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    joined = entered(hall, kim, "@ADA")

    assert re.fullmatch("@Ada,kim,[0-9a-f]{12}", joined.room)
    assert [member.name for member in joined.members] == ["Ada", "kim"]
    assert heads(hall, ada) == heads(hall, kim) == {joined.room: 0}
    assert entered(hall, ada, "@kim").room == joined.room
    assert names.is_durable(joined.room)


def test_with_a_guest_it_is_in_memory_as_before(hall: Comers, ada: FakePeer) -> None:
    hall.come("bob")

    assert entered(hall, ada, "@bob").room == "@Ada,bob"
    hall.restart()
    back = hall.come("Ada", by=1)
    assert code(hall.join(back, "@Ada,bob")) == "no-such-room"


def test_what_began_in_memory_stays_there_though_both_own_their_names_by_now(
    hall: Comers,
) -> None:
    ada, bob = hall.come("ada"), hall.come("bob", by=2)
    assert entered(hall, ada, "@bob").room == "@ada,bob"
    hall.shell.break_off(ada)
    back = hall.come("ada", by=1, resume=welcome(ada).resume)
    assert welcome(back).verified

    assert entered(hall, back, "@bob").room == "@ada,bob"
    hall.leave(back, "@bob")
    hall.leave(bob, "@ada")
    assert names.is_durable(entered(hall, back, "@bob").room)


# -- it lasts -------------------------------------------------------------------------------------


def test_both_being_away_and_a_restart_do_not_end_it(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = entered(hall, ada, "@kim").room
    entered(hall, kim, "@ada")
    first = hall.said(ada, "@kim", "one").seq
    for peer in (ada, kim):
        hall.ask(peer, commands.Quit)
    assert rooms_in_memory(hall) == []
    hall.restart()

    back = hall.come("ada", by=1)
    joined = entered(hall, back, "@kim")

    assert (joined.room, shown(joined), joined.count) == (room, ["one"], 1)
    assert hall.said(back, room, "two").seq == first + 1
    assert [each.text for each in hall.ask(back, commands.History, room=room).messages] == [
        "one",
        "two",
    ]


def test_one_writes_to_who_is_away_and_they_are_told_when_they_come(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    hall.ask(kim, commands.Quit)

    room = entered(hall, ada, "@kim").room
    assert isinstance(hall.said(ada, "@kim", "are you there?"), replies.Sent)
    hall.restart()
    kim = hall.come("kim", by=2)

    (news,) = told(kim, events.Direct)
    assert (news.room, news.name, news.after) == (room, "Ada", 0)
    assert heads(hall, kim) == {room: 1}
    joined = entered(hall, kim, news.room, after=news.after)
    assert (joined.recovered, joined.missed) == (True, 1)
    assert kim.told.index(news) > kim.told.index(welcome(kim))


def test_what_was_read_is_not_told_again(hall: Comers, ada: FakePeer, kim: FakePeer) -> None:
    room = entered(hall, ada, "@kim").room
    seq = hall.said(ada, "@kim", "one").seq
    entered(hall, kim, room)
    hall.ask(kim, commands.Read, room=room, seq=seq)

    assert told(hall.come("kim", by=2), events.Direct) == []
    hall.said(ada, "@kim", "two")
    (news,) = told(hall.come("kim", by=2), events.Direct)
    assert news.after == seq


def test_who_answers_has_read(hall: Comers, ada: FakePeer, kim: FakePeer) -> None:
    """A program that tells nobody what it has read must not answer everything again."""
    room = entered(hall, ada, "@kim").room
    hall.said(ada, "@kim", "question")
    entered(hall, kim, room)
    hall.said(kim, room, "answer")
    hall.ask(kim, commands.Quit)

    assert told(hall.come("kim", by=2), events.Direct) == []


def test_who_leaves_it_is_brought_back_by_what_the_other_says(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = entered(hall, ada, "@kim").room
    entered(hall, kim, room)
    first = hall.said(ada, room, "one").seq
    hall.leave(kim, room)
    assert code(hall.said(kim, room, "x")) == code(hall.said(kim, "@ada", "x")) == "not-in-room"
    hall.leave(ada, room)
    assert rooms_in_memory(hall) == []
    assert code(hall.said(kim, room, "x")) == code(hall.said(kim, "@ada", "x")) == "not-in-room"

    assert shown(entered(hall, ada, "@kim")) == ["one"]
    assert heads(hall, kim) == {}
    hall.said(ada, room, "two")

    assert [each.after for each in told(kim, events.Direct)] == [first]
    assert heads(hall, kim) == heads(hall, ada)


def test_what_was_on_its_way_when_the_room_was_left_reaches_the_other(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = with_words_on_their_way(hall, ada, kim)
    hall.shell.send(ada, commands.Leave(id=hall.id(), room=room))
    assert rooms_in_memory(hall)

    hall.shell.settle()

    assert [each.after for each in told(kim, events.Direct)] == [0, 1]
    assert heads(hall, kim) == {room: 2}
    assert heads(hall, ada) == {}
    hall.leave(kim, room)
    assert rooms_in_memory(hall) == []


def test_who_comes_back_into_it_before_their_last_words_are_settled_is_in_the_same(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = with_words_on_their_way(hall, ada, kim)
    for kind in (commands.Leave, commands.Join):
        hall.shell.send(ada, kind(id=hall.id(), room=room))

    hall.shell.settle()

    assert hall.said(ada, room, "three").seq == 3
    assert texts(ada) == ["one", "two", "three"]


def test_one_in_which_nothing_was_said_ends_when_both_have_left_it(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    entered(hall, ada, "@kim")
    for peer, other in ((ada, "@kim"), (kim, "@ada")):
        hall.leave(peer, other)

    directs = hall.shell.hall.directs
    assert not directs.of_owners._by_key
    assert not directs.of_owners._of
    assert rooms_in_memory(hall) == []


def test_they_see_each_other_come_and_go_in_it(hall: Comers, ada: FakePeer, kim: FakePeer) -> None:
    room = entered(hall, ada, "@kim").room
    hall.said(ada, room, "one")
    hall.ask(kim, commands.Quit)
    hall.shell.tick(2)
    hall.come("kim", by=2)
    hall.shell.tick(2)

    presence = told(ada, events.Presence)
    assert [[each.name for each in event.left] for event in presence if event.left] == [["kim"]]
    assert [[each.name for each in event.joined] for event in presence if event.joined] == [["kim"]]
    assert {event.room for event in presence} == {room}
    assert isinstance(hall.said(ada, room, "two"), replies.Sent)


def test_a_session_that_goes_on_after_a_restart_has_the_room(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = entered(hall, ada, "@kim").room
    hall.said(ada, room, "one")
    hall.restart()

    back = hall.come("ada", by=1, resume=welcome(ada).resume)
    other = hall.come("kim", by=2, resume=welcome(kim).resume)

    assert (welcome(back).resumed, welcome(back).rooms) == (True, [room])
    # What brought it to kim was not kept with the session, and is found again.
    assert [each.room for each in told(other, events.Direct)] == [room]
    assert heads(hall, other) == {room: 1}
    assert [each.name for each in entered(hall, back, room, after=1).members] == ["Ada", "kim"]


def test_it_is_searched_by_the_two_and_only_by_them(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = entered(hall, ada, "@kim").room
    hall.said(ada, room, "tea")
    bob = hall.come("bob", "lobby", by=3)

    for peer in (ada, kim):
        for fields in ({}, {"room": room}):
            found = hall.ask(peer, commands.Search, text="tea", **fields)
            assert [message.text for message in found.messages] == ["tea"]
    assert hall.ask(bob, commands.Search, text="tea").messages == []
    assert code(hall.ask(bob, commands.Search, text="tea", room=room)) == "no-such-room"


def test_it_has_no_topic_and_no_settings(hall: Comers, ada: FakePeer, kim: FakePeer) -> None:
    room = entered(hall, ada, "@kim").room

    refused: list[tuple[type[commands.Command], dict[str, object]]] = [
        (commands.Topic, {"text": "tea", "nonce": "t"}),
        (commands.Settings, {"kind": "public"}),
        (commands.Kick, {"name": "kim"}),
        (commands.Invite, {"name": "kim"}),
    ]
    for kind, fields in refused:
        assert code(hall.ask(ada, kind, room=room, **fields)) == "not-allowed", kind


# -- whose it is ----------------------------------------------------------------------------------


def _tries(room: str) -> list[tuple[type[commands.Command], dict[str, object]]]:
    there: dict[str, object] = {"room": room}
    return [
        (commands.Join, there),
        (commands.Join, there | {"after": 0}),
        (commands.Leave, there),
        (commands.Members, there),
        (commands.Send, there | {"text": "x", "nonce": "n"}),
        (commands.Edit, there | {"target": 1, "text": "x", "nonce": "n"}),
        (commands.Delete, there | {"target": 1, "nonce": "n"}),
        (commands.React, there | {"target": 1, "emojis": ["x"], "nonce": "n"}),
        (commands.Topic, there | {"text": "x", "nonce": "n"}),
        (commands.History, there),
        (commands.Search, there | {"text": "secret"}),
        (commands.Read, there | {"seq": 1}),
        (commands.Typing, there),
        (commands.Kick, there | {"name": "ada"}),
        (commands.Ban, there | {"name": "ada"}),
        (commands.Bans, there),
        (commands.Role, there | {"name": "ada", "role": "member"}),
        (commands.Invite, there | {"name": "ada"}),
        (commands.Settings, there | {"kind": "public"}),
    ]


@pytest.mark.parametrize("who", ["guest", "owner", "operator"])
@pytest.mark.parametrize("both", ["are here", "are away", "have it closed"])
def test_for_all_others_there_is_no_such_room(hall: Comers, who: str, both: str) -> None:
    ada, kim = hall.come("ada", by=1), hall.come("kim", by=2)
    room = entered(hall, ada, "@kim").room
    hall.said(ada, room, "secret")
    for peer in (ada, kim):
        if both == "are away":
            hall.ask(peer, commands.Quit)
        elif both == "have it closed":
            hall.leave(peer, room)
    bob = hall.come("bob", "lobby", by=None if who == "guest" else 3)
    if who == "operator":
        hall.shell.hall.conduct.granted.add("bob")
    heard = len(bob.told)

    for kind, fields in _tries(room):
        there = hall.ask(bob, kind, **fields)
        nowhere = hall.ask(bob, kind, **fields | {"room": room[:-1] + "x"})
        assert code(there) == code(nowhere) == "no-such-room", kind
        assert there.text.replace(room, "") == nowhere.text.replace(room[:-1] + "x", "")

    assert [each.name for each in hall.ask(bob, commands.List).rooms] == ["lobby"]
    assert heads(hall, bob) == {"lobby": 0}
    if both != "are away":
        assert hall.ask(bob, commands.Whois, name="ada").rooms == []
    assert hall.ask(bob, commands.Search, text="secret").messages == []
    live = [each for each in bob.told[heard:] if isinstance(each, events.Logged | events.Passing)]
    assert [each for each in live if getattr(each, "room", "") != "lobby"] == []
    assert not [note for note in hall.shell.notes if (note.room or "").startswith("@")]
    assert not [line for line in hall.shell.audited if (line.room or "").startswith("@")]


def test_who_owns_a_name_after_somebody_else_inherits_nothing(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = entered(hall, ada, "@kim").room
    hall.said(ada, room, "secret")
    forget_owner(hall, "kim")
    hall.restart()
    hall.shell.tick(61)
    eve = hall.come("kim", by=3)

    assert welcome(eve).verified
    assert told(eve, events.Direct) == []
    assert code(hall.join(eve, room)) == "no-such-room"
    fresh = entered(hall, eve, "@ada")
    assert (fresh.room != room, fresh.seq) == (True, 0)
    # Nor has the other of the two what they had with somebody else.
    back = hall.come("ada", by=1)
    assert code(hall.join(back, room)) == "no-such-room"
    assert entered(hall, back, "@kim").room == fresh.room


def test_it_follows_no_change_of_name(hall: Comers, ada: FakePeer, kim: FakePeer) -> None:
    room = entered(hall, ada, "@kim").room
    entered(hall, kim, room)
    hall.said(ada, room, "one")
    hall.shell.tick(2)

    assert isinstance(hall.ask(ada, commands.Name, name="zoe"), replies.Ok)

    parted = told(ada, events.Presence)[-1]
    assert (parted.room, [each.name for each in parted.left]) == (room, ["zoe"])
    assert parted.left[0].reason.startswith("kicked by the Hall: ")
    seen = told(kim, events.Presence)[-1]
    assert (seen.room, [each.name for each in seen.left]) == (room, ["Ada"])
    assert heads(hall, ada) == {}
    assert code(hall.said(ada, room, "x")) == "no-such-room"
    assert entered(hall, ada, "@kim").room.startswith("@kim,zoe,")
    # What is said to the name is there when its owner goes by it again.
    hall.said(kim, room, "two")
    hall.ask(ada, commands.Name, name="ada")
    assert [each.room for each in told(ada, events.Direct)] == [room]
    assert shown(entered(hall, ada, room)) == ["one", "two"]
    presence = [each for each in told(kim, events.Presence) if each.room == room]
    assert [each.name for each in presence[-1].joined] == ["ada"]


def test_another_spelling_of_ones_name_changes_nothing(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = entered(hall, ada, "@kim").room

    hall.ask(ada, commands.Name, name="ADA")

    assert heads(hall, ada) == {room: 0}
    assert entered(hall, kim, "@ada").room == room


def test_a_key_that_is_revoked_takes_the_room_from_nobody_else(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = entered(hall, ada, "@kim").room
    hall.said(kim, room, "one")
    second = f"{7:A>42}A"
    hall.ask(ada, commands.AddKey, key=second)
    phone = hall.come("ada", by=7)
    hall.ask(phone, commands.RevokeKey, key=f"{1:A>42}A")

    assert ada.bye is not None
    assert entered(hall, phone, "@kim").room == room


# -- bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["ada", "kim"])
def test_nobody_has_more_of_them_than_the_bound(
    hall: Comers, ada: FakePeer, kim: FakePeer, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OWNERS_DIRECT_ROOMS_PER_OWNER", 2)
    busy = ada if whose == "ada" else kim
    bob, _ = hall.come("bob", by=3), hall.come("cyd", by=4)
    for name in ("bob", "cyd"):
        entered(hall, busy, f"@{name}")

    refused = hall.join(ada, "@kim")

    assert isinstance(refused, replies.Error)
    assert refused.code == "too-many"
    assert "2 people" in refused.text
    assert ("you have" if whose == "ada" else "kim has") in refused.text
    hall.come("guest")
    assert entered(hall, busy, "@guest").room.count(",") == 1
    hall.leave(busy, "@bob")
    hall.leave(bob, f"@{whose}")
    assert names.is_durable(entered(hall, ada, "@kim").room)


def test_the_hall_has_a_bounded_number_of_them(
    hall: Comers, ada: FakePeer, kim: FakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.come("bob", by=3)
    monkeypatch.setattr(limits, "OWNERS_DIRECT_ROOMS", 1)
    room = entered(hall, ada, "@kim").room
    assert code(hall.join(ada, "@bob")) == "too-many"

    hall.leave(kim, room)
    hall.leave(ada, room)

    assert entered(hall, ada, "@bob").room != room


def test_the_bounds_of_rooms_in_memory_are_apart(
    hall: Comers, ada: FakePeer, kim: FakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DIRECT_ROOMS_PER_USER", 1)
    hall.come("one")
    hall.come("two")
    entered(hall, ada, "@kim")

    entered(hall, ada, "@one")

    assert code(hall.join(ada, "@two")) == "too-many"


def test_no_rooms_name_is_one_that_folding_would_cut() -> None:
    longest = "@" + ",".join([*["\u00df" * 32] * 2, "0123456789ab"])

    assert names.fold(longest).endswith("0123456789ab")
    assert len(longest) <= 80


def test_an_owner_is_known_by_name_and_moment() -> None:
    assert Owner(name="Ada", since=7).id == ("ada", 7)


def test_the_console_of_the_halls_keeper_is_told_of_none(
    hall: Comers, ada: FakePeer, kim: FakePeer
) -> None:
    room = entered(hall, ada, "@kim").room
    administering.trust(hall.shell.hall)
    keeper = administering.console("socket")

    for name in (room, "@ada"):
        with pytest.raises(Refused) as refused:
            administering.who(hall.shell.hall, keeper, administering.Who(id=1, room=name))
        assert refused.value.code == "no-such-room"
    told = administering.who(hall.shell.hall, keeper, administering.Who(id=1))
    assert [(each.name, each.rooms) for each in told.people] == [("Ada", []), ("kim", [])]
    assert hall.shell.hall.page_of_rooms(keeper, None, 500) == ([], False)
