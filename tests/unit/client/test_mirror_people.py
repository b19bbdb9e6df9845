"""Who is there, who types, and what else happens besides messages."""

from pychat.client import Mirror, Note
from pychat.client.room_view import TYPING_SECONDS
from pychat.protocol import commands, events, replies
from tests.support.told import greeted, joined, member, presence, said, tell


def test_presence_that_repeats_what_joined_told_changes_nothing(mirror: Mirror) -> None:
    assert not mirror.apply(presence([member("ann"), member("bob")]), now=0.0)
    assert not mirror.apply(presence(left={"nobody": ""}), now=0.0)
    assert not mirror.apply(presence(changed={"rob": member("bob")}), now=0.0)

    assert mirror.rooms["lobby"].count == 2


def test_coming_and_going_is_noted(mirror: Mirror) -> None:
    came = mirror.apply(presence([member("eve")]), now=0.0)
    went = mirror.apply(presence(left={"bob": "bye"}), now=0.0)

    assert came.notes == {"lobby": [Note(kind="joined", name="eve")]}
    assert went.notes == {"lobby": [Note(kind="left", name="bob", text="bye")]}
    assert came.members == went.members == {"lobby"}
    assert list(mirror.rooms["lobby"].members) == ["ann", "eve"]
    assert mirror.rooms["lobby"].count == 2


def test_a_member_who_is_not_among_those_known_still_counts_when_leaving() -> None:
    mirror = greeted()
    joined(mirror, members=[member("ann")], count=3)

    tell(mirror, presence(left={"zoe": ""}))

    assert mirror.rooms["lobby"].count == 2


def test_away_and_back_are_noted(mirror: Mirror) -> None:
    away = mirror.apply(presence(changed={"bob": member("bob", away=True)}), now=0.0)
    back = mirror.apply(presence(changed={"bob": member("bob")}), now=0.0)

    assert [note.kind for note in away.notes["lobby"] + back.notes["lobby"]] == ["away", "back"]


def test_my_new_name_is_known_whether_the_answer_or_the_news_comes_first(mirror: Mirror) -> None:
    news = presence(changed={"ann": member("anna")})
    asked = commands.Name(id=3, name="anna")
    other = greeted("ann")
    joined(other)

    tell(mirror, news)
    mirror.apply(replies.Ok(id=3), now=0.0, answering=asked)
    other.apply(replies.Ok(id=3), now=0.0, answering=asked)
    tell(other, news)

    assert mirror.name == other.name == "anna"
    assert "ann" not in mirror.rooms["lobby"].members
    assert "anna" in mirror.rooms["lobby"].members


def test_two_may_change_names_with_each_other(mirror: Mirror) -> None:
    mirror.apply(replies.Ok(id=3), now=0.0, answering=commands.Name(id=3, name="bob"))

    tell(mirror, presence(changed={"ann": member("bob"), "bob": member("ann", away=True)}))

    assert mirror.name == "bob"
    assert not mirror.away
    members = mirror.rooms["lobby"].members
    assert (members["bob"].away, members["ann"].away) == (False, True)
    assert mirror.rooms["lobby"].count == 2


def test_a_name_given_up_and_taken_in_one_breath_is_the_newcomers(mirror: Mirror) -> None:
    tell(mirror, presence([member("bob", verified=True)], changed={"bob": member("rob")}))

    members = mirror.rooms["lobby"].members
    assert set(members) == {"ann", "bob", "rob"}
    assert members["bob"].verified
    assert mirror.rooms["lobby"].count == 3


def test_my_own_away_is_known(mirror: Mirror) -> None:
    mirror.apply(replies.Ok(id=3), now=0.0, answering=commands.Away(id=3, away=True))
    assert mirror.away

    tell(mirror, presence(changed={"ann": member("ann", away=False)}))
    tell(mirror, presence(changed={"ann": member("ann", away=True)}))

    assert mirror.away


def test_a_late_word_of_my_leaving_does_not_put_me_out(mirror: Mirror) -> None:
    tell(mirror, presence(left={"ann": ""}))

    assert "ann" in mirror.rooms["lobby"].members


def test_a_left_room_is_gone(mirror: Mirror) -> None:
    leave = commands.Leave(id=3, room="Lobby")

    changes = mirror.apply(replies.Ok(id=3), now=0.0, answering=leave)

    assert changes.rooms
    assert mirror.rooms == {}


def test_a_page_of_members_is_learned() -> None:
    mirror = greeted()
    joined(mirror, members=[member("ann")], count=5)
    page = replies.Members(id=3, room="lobby", members=[member("zoe")], count=2, more=False)

    changes = mirror.apply(page, now=0.0)

    assert changes.members == {"lobby"}
    assert list(mirror.rooms["lobby"].members) == ["ann", "zoe"]
    assert mirror.rooms["lobby"].count == 2


def test_typing_ends_six_seconds_after_the_last_word_of_it(mirror: Mirror) -> None:
    typing = events.Typing(room="lobby", name="bob")
    assert mirror.apply(typing, now=100.0).typing == {"lobby"}
    assert not mirror.apply(typing, now=103.0)

    view = mirror.rooms["lobby"]
    assert view.typists(103.0 + TYPING_SECONDS - 0.1) == ["bob"]
    assert view.typists(103.0 + TYPING_SECONDS) == []


def test_typing_ends_with_the_message_and_follows_a_new_name(mirror: Mirror) -> None:
    tell(mirror, events.Typing(room="lobby", name="bob"))
    tell(mirror, presence(changed={"bob": member("rob")}))
    assert mirror.rooms["lobby"].typists(1.0) == ["rob"]

    changes = mirror.apply(said(6, sender="rob"), now=1.0)

    assert changes.typing == {"lobby"}
    assert mirror.rooms["lobby"].typists(1.0) == []


def test_my_own_typing_is_no_news(mirror: Mirror) -> None:
    assert not mirror.apply(events.Typing(room="lobby", name="ann"), now=0.0)


def test_a_topic_is_shown_and_noted(mirror: Mirror) -> None:
    topic = events.Topic(room="lobby", seq=6, prev=5, time=1, sender="bob", nonce="n", text="Tea")

    changes = mirror.apply(topic, now=0.0)

    assert mirror.rooms["lobby"].topic == "Tea"
    assert changes.notes == {"lobby": [Note(kind="topic", name="bob", text="Tea")]}


def test_a_notice_is_passed_on(mirror: Mirror) -> None:
    assert mirror.apply(events.Notice(text="Tea at five"), now=0.0).notices == ["Tea at five"]
