"""Two people in a room of their own, on the pure Hall."""

import pytest

from pychat.protocol import commands, events, replies
from pychat.server import limits
from tests.support.hall_shell import FakePeer
from tests.support.town import Town, code, heads, texts, welcome


@pytest.fixture
def ada(town: Town) -> FakePeer:
    return town.enter("ada")


@pytest.fixture
def kim(town: Town) -> FakePeer:
    return town.enter("kim")


def news(peer: FakePeer) -> list[events.Direct]:
    return [each for each in peer.told if isinstance(each, events.Direct)]


# -- beginning ------------------------------------------------------------------------------------


def test_it_is_named_after_both_in_the_order_of_their_keys(
    town: Town, kim: FakePeer, ada: FakePeer
) -> None:
    joined = town.join(kim, "@ADA")

    assert isinstance(joined, replies.Joined)
    assert (joined.room, joined.count, joined.seq) == ("@ada,kim", 2, 0)
    assert [member.name for member in joined.members] == ["ada", "kim"]
    assert heads(town, ada) == heads(town, kim) == {"@ada,kim": 0}


def test_both_mean_the_same_room(town: Town, ada: FakePeer, kim: FakePeer) -> None:
    town.join(ada, "@kim")

    joined = town.join(kim, "@ada")

    assert isinstance(joined, replies.Joined)
    assert joined.room == "@ada,kim"
    assert code(town.join(kim, "@ADA,KIM")) == "already-in-room"


def test_nobody_writes_to_nobody_or_to_themselves(town: Town, ada: FakePeer) -> None:
    for name, refusal in [("@kim", "no-such-name"), ("@", "no-such-name"), ("@Ada", "not-allowed")]:
        assert code(town.join(ada, name)) == refusal
    assert code(town.join(ada, "@ada,kim")) == "no-such-room"
    assert heads(town, ada) == {}


def test_no_room_that_all_can_enter_begins_like_a_direct_one(town: Town, ada: FakePeer) -> None:
    assert code(town.join(ada, "#den")) == "bad-room"
    assert code(town.join(ada, "ada,kim")) == "bad-room"


# -- what is said ---------------------------------------------------------------------------------


def test_what_is_said_is_news_to_the_other_until_they_join(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")

    town.said(ada, "@kim", "one")
    town.said(ada, "@ada,kim", "two")

    (told,) = news(kim)
    assert (told.room, told.name, told.after) == ("@ada,kim", "ada", 0)
    assert texts(ada) == ["one", "two"]
    assert texts(kim) == []
    joined = town.join(kim, told.room)
    assert isinstance(joined, replies.Joined)
    assert [message.text for message in joined.messages or []] == ["one", "two"]
    town.said(ada, "@kim", "three")
    assert texts(kim) == ["three"]
    assert len(news(kim)) == 1


def test_who_joins_from_the_news_on_gets_what_was_said_as_events(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    town.said(ada, "@kim", "one")

    joined = town.ask(kim, commands.Join, room=news(kim)[0].room, after=news(kim)[0].after)

    assert (joined.recovered, joined.missed, len(joined.events)) == (True, 1, 1)


def test_who_could_not_join_is_told_again(town: Town, ada: FakePeer, kim: FakePeer) -> None:
    town.join(ada, "@kim")
    town.said(ada, "@kim", "one")
    town.shell.send(kim, commands.Join(id=town.id(), room="@ada"))
    town.shell.fail_read(kim)

    town.said(ada, "@kim", "two")

    assert len(news(kim)) == 2


def test_all_that_can_be_done_in_a_room_can_be_done_here(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    town.join(kim, "@ada")
    seq = town.said(ada, "@kim", "one").seq
    assert town.said(kim, "@ada", "two").seq == seq + 1

    for peer, kind, fields in [
        (ada, commands.Edit, {"target": seq, "text": "1", "nonce": "e"}),
        (kim, commands.React, {"target": seq, "emojis": ["x"], "nonce": "r"}),
        (kim, commands.Delete, {"target": seq + 1, "nonce": "d"}),
        (kim, commands.Send, {"reply_to": seq, "text": "3", "nonce": "s"}),
    ]:
        assert isinstance(town.ask(peer, kind, room="@ada,kim", **fields), replies.Sent), kind
    town.typing(ada, "@kim")

    history = town.ask(kim, commands.History, room="@ada")
    assert [message.text for message in history.messages] == ["1", "", "3"]
    assert history.messages[0].reactions == {"x": ["kim"]}
    typing = [each for each in kim.told if isinstance(each, events.Typing)]
    assert [(each.room, each.name) for each in typing] == [("@ada,kim", "ada")]
    members = town.ask(kim, commands.Members, room="@ada")
    assert [each.name for each in members.members] == ["ada", "kim"]


def test_a_direct_room_has_no_topic_and_is_not_searched(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    town.said(ada, "@kim", "tea")

    refused = town.ask(ada, commands.Topic, room="@kim", text="tea", nonce="t")

    assert code(refused) == "not-allowed"
    assert code(town.ask(ada, commands.Search, text="tea", room="@kim")) == "not-allowed"
    assert town.ask(ada, commands.Search, text="tea").messages == []


# -- others ---------------------------------------------------------------------------------------


def test_for_others_there_is_no_such_room(town: Town, ada: FakePeer, kim: FakePeer) -> None:
    town.join(ada, "@kim")
    town.said(ada, "@kim", "secret")
    bob = town.enter("bob", "lobby")
    heard = len(bob.told)
    tries: list[tuple[type[commands.Command], dict[str, object]]] = [
        (commands.Join, {}),
        (commands.Join, {"after": 0}),
        (commands.Leave, {}),
        (commands.Members, {}),
        (commands.Send, {"text": "x", "nonce": "n"}),
        (commands.Edit, {"target": 1, "text": "x", "nonce": "n"}),
        (commands.Delete, {"target": 1, "nonce": "n"}),
        (commands.React, {"target": 1, "emojis": ["x"], "nonce": "n"}),
        (commands.Topic, {"text": "x", "nonce": "n"}),
        (commands.History, {}),
        (commands.Search, {"text": "secret"}),
        (commands.Read, {"seq": 1}),
        (commands.Typing, {}),
    ]

    for kind, fields in tries:
        there = town.ask(bob, kind, room="@ada,kim", **fields)
        nowhere = town.ask(bob, kind, room="@ada,kit", **fields)
        assert code(there) == code(nowhere) == "no-such-room", kind
        assert there.text.replace("kim", "kit") == nowhere.text

    assert [room.name for room in town.ask(bob, commands.List).rooms] == ["lobby"]
    assert heads(town, bob) == {"lobby": 0}
    assert town.ask(bob, commands.Whois, name="ada").rooms == []
    assert town.ask(bob, commands.Search, text="secret").messages == []
    assert not any(isinstance(each, events.Logged | events.Passing) for each in bob.told[heard:]), (
        bob.told
    )


def test_a_third_one_who_takes_a_name_gets_a_room_of_their_own(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    town.said(ada, "@kim", "secret")
    town.ask(kim, commands.Name, name="kimberly")
    other = town.enter("kim")

    joined = town.join(other, "@ada")

    assert isinstance(joined, replies.Joined)
    assert (joined.room, joined.seq) == ("@ada,kim-2", 0)
    assert code(town.join(other, "@ada,kim")) == "no-such-room"
    town.said(ada, "@kimberly", "to the first")
    town.said(ada, "@kim", "to the second")
    assert [each.room for each in news(kim)] == ["@ada,kim"]
    assert texts(other) == ["to the second"]


# -- names and absences ---------------------------------------------------------------------------


def test_the_name_of_the_room_stays_and_its_members_are_called_as_they_are_now(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    town.ask(kim, commands.Name, name="zoe")

    town.said(ada, "@zoe", "hi")

    assert news(kim)[0].room == "@ada,kim"
    joined = town.join(kim, "@ada")
    assert isinstance(joined, replies.Joined)
    assert [member.name for member in joined.members] == ["ada", "zoe"]
    (presence,) = [each for each in ada.told if isinstance(each, events.Presence)]
    assert presence.changed[0].member.name == "zoe"
    assert code(town.join(ada, "@kim")) == "no-such-name"


def test_who_was_away_finds_the_room_when_they_come_back(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.shell.break_off(kim)
    town.join(ada, "@kim")
    town.said(ada, "@kim", "are you there?")

    back = town.enter("kim", resume=welcome(kim).resume)

    assert welcome(back).rooms == ["@ada,kim"]
    joined = town.join(back, "@ada,kim")
    assert isinstance(joined, replies.Joined)
    assert [message.text for message in joined.messages or []] == ["are you there?"]


def test_a_restart_ends_it_and_the_next_one_is_another(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "lobby")
    town.join(ada, "@kim")
    seq = town.said(ada, "@kim", "one").seq
    town.shell.restart()

    back = town.enter("ada", resume=welcome(ada).resume)
    town.enter("kim", resume=welcome(kim).resume)

    assert welcome(back).rooms == ["lobby"]
    assert code(town.join(back, "@ada,kim")) == "no-such-room"
    joined = town.ask(back, commands.Join, room="@kim", after=seq)
    assert (joined.room, joined.seq, joined.recovered) == ("@ada,kim", 0, False)
    assert town.said(back, "@kim", "two").seq > seq


# -- leaving --------------------------------------------------------------------------------------


def test_who_leaves_it_is_brought_back_by_what_the_other_says(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    town.join(kim, "@ada")
    first = town.said(ada, "@kim", "one").seq
    town.leave(kim, "@ada")
    assert heads(town, kim) == {}
    assert code(town.said(kim, "@ada", "x")) == code(town.said(kim, "@ada,kim", "x"))
    assert code(town.said(kim, "@ada", "x")) == "not-in-room"

    town.said(ada, "@kim", "two")

    assert [(each.room, each.after) for each in news(kim)] == [("@ada,kim", first)]
    assert heads(town, kim) == heads(town, ada)
    joined = town.join(kim, "@ada,kim")
    assert isinstance(joined, replies.Joined)
    assert [message.text for message in joined.messages or []] == ["one", "two"]
    members = [member.name for member in joined.members]
    assert members == ["ada", "kim"]


def test_an_edit_brings_nobody_back(town: Town, ada: FakePeer, kim: FakePeer) -> None:
    town.join(ada, "@kim")
    seq = town.said(ada, "@kim", "one").seq
    town.leave(kim, "@ada")
    before = len(news(kim))

    town.ask(ada, commands.Edit, room="@kim", target=seq, text="1", nonce="e")

    assert heads(town, kim) == {}
    assert len(news(kim)) == before


def test_who_leaves_behind_what_they_say_stays_out(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    town.say(ada, "@kim", "bye")
    town.shell.send(ada, commands.Leave(id=town.id(), room="@kim"))

    town.shell.settle()

    assert heads(town, ada) == {}
    assert len(news(kim)) == 1


@pytest.mark.parametrize("goes", ["quit", "lingers too long"])
def test_when_one_has_gone_the_other_may_read_and_say_nothing(
    town: Town, ada: FakePeer, kim: FakePeer, goes: str
) -> None:
    town.join(ada, "@kim")
    sent = commands.Send(id=town.id(), room="@kim", text="one", nonce="n")
    first = town.shell.ask(ada, sent)
    if goes == "quit":
        town.shell.send(kim, commands.Quit(id=town.id()))
    else:
        town.shell.break_off(kim)
        town.shell.tick(60.0)

    refused = town.said(ada, "@ada,kim", "two")

    assert code(refused) == "not-allowed"
    assert "kim has left the Hall" in refused.text
    again = town.ask(ada, commands.Send, room="@ada,kim", text="one", nonce="n")
    assert isinstance(first, replies.Sent)
    assert again.seq == first.seq
    history = town.ask(ada, commands.History, room="@ada,kim")
    assert [message.text for message in history.messages] == ["one"]
    last = [each for each in ada.told if isinstance(each, events.Presence)][-1]
    assert [parting.name for parting in last.left] == ["kim"]


def test_a_later_person_of_that_name_sees_nothing_of_what_was(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    last = town.said(ada, "@kim", "secret").seq
    town.shell.send(kim, commands.Quit(id=town.id()))
    other = town.enter("kim")

    second = town.join(other, "@ada")

    assert isinstance(second, replies.Joined)
    assert (second.room, second.messages) == ("@ada,kim-2", [])
    assert code(town.join(other, "@ada,kim")) == "no-such-room"
    town.leave(ada, "@ada,kim")
    town.leave(other, "@ada")
    town.leave(ada, "@kim")
    third = town.ask(other, commands.Join, room="@ada", after=last)
    assert (third.room, third.recovered, third.messages) == ("@ada,kim", False, [])


def test_it_ends_when_both_have_left_it(town: Town, ada: FakePeer, kim: FakePeer) -> None:
    town.join(ada, "@kim")
    seq = town.said(ada, "@kim", "one").seq
    town.leave(kim, "@ada")
    town.leave(ada, "@kim")

    joined = town.join(ada, "@kim")

    assert isinstance(joined, replies.Joined)
    assert (joined.room, joined.messages) == ("@ada,kim", [])
    assert town.said(ada, "@kim", "two").seq > seq
    assert len(town.shell.hall.directs.all()) == 1


def test_what_was_on_its_way_to_the_log_is_not_in_the_next_room(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    town.join(ada, "@kim")
    town.join(kim, "@ada")
    town.say(ada, "@kim", "secret")
    for peer in (ada, kim):
        town.shell.send(peer, commands.Quit(id=town.id()))
    ada, kim = town.enter("ada"), town.enter("kim")

    joined = town.join(ada, "@kim")

    assert isinstance(joined, replies.Joined)
    assert (joined.messages, joined.seq) == ([], 0)
    town.said(ada, "@kim", "hello")
    joined = town.join(kim, "@ada")
    assert isinstance(joined, replies.Joined)
    assert [message.text for message in joined.messages or []] == ["hello"]
    town.leave(ada, "@kim")
    town.leave(kim, "@ada")
    assert len(town.shell.hall.directs.all()) == 0
    assert town.shell.ledger.logs.keys() == set()


# -- bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["ada", "kim"])
def test_nobody_has_more_direct_rooms_than_the_bound(
    town: Town, ada: FakePeer, kim: FakePeer, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DIRECT_ROOMS_PER_USER", 2)
    busy = ada if whose == "ada" else kim
    for name in ("bob", "cyd"):
        town.enter(name)
        assert isinstance(town.join(busy, f"@{name}"), replies.Joined)

    refused = town.join(ada, "@kim")

    assert isinstance(refused, replies.Error)
    assert refused.code == "too-many"
    assert "2 direct rooms" in refused.text
    assert ("you have" if whose == "ada" else "kim has") in refused.text
    assert isinstance(town.join(busy, "lobby"), replies.Joined)


def test_rooms_and_direct_rooms_are_bounded_apart(
    town: Town, ada: FakePeer, kim: FakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ROOMS_PER_USER", 1)
    town.join(kim, "@ada")

    assert isinstance(town.join(ada, "lobby"), replies.Joined)
    assert code(town.join(ada, "den")) == "too-many"
    assert isinstance(town.join(ada, "@kim"), replies.Joined)


def test_the_hall_has_a_bounded_number_of_direct_rooms(
    town: Town, ada: FakePeer, kim: FakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DIRECT_ROOMS", 1)
    town.enter("bob")
    assert isinstance(town.join(ada, "@kim"), replies.Joined)

    assert code(town.join(ada, "@bob")) == "too-many"
    assert isinstance(town.join(kim, "@ada"), replies.Joined)
    town.leave(kim, "@ada")
    town.leave(ada, "@kim")
    assert isinstance(town.join(ada, "@bob"), replies.Joined)


def test_the_end_of_a_room_does_not_hide_the_next_one_of_the_same_two(
    town: Town, ada: FakePeer, kim: FakePeer
) -> None:
    """What was settled late ended the first room a second time, and took away the second."""
    town.join(ada, "@kim")
    town.say(ada, "@kim", "bye")
    for peer, room in ((ada, "@kim"), (kim, "@ada")):
        town.shell.send(peer, commands.Leave(id=town.id(), room=room))
    town.shell.send(ada, commands.Join(id=town.id(), room="@kim"))

    town.shell.settle()

    joined = town.join(kim, "@ada")
    assert isinstance(joined, replies.Joined)
    assert joined.room == "@ada,kim-2"
    assert code(town.join(ada, "@kim")) == "already-in-room"
