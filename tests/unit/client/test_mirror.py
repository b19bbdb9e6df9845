import pytest

from pychat.client import Mirror, Note
from pychat.client.mentions import mentions
from pychat.client.room_view import KEPT_MESSAGES, KEPT_OPEN, TYPING_SECONDS
from pychat.protocol import codec, commands, events, replies
from tests.support.told import (
    greeted,
    joined,
    member,
    presence,
    rejoined,
    said,
    stands,
)


@pytest.fixture
def mirror() -> Mirror:
    """Of ann, alone in the lobby with bob, where five things have been said."""
    mirror = greeted("ann")
    joined(mirror, *(stands(seq) for seq in range(1, 6)))
    return mirror


def seqs(mirror: Mirror) -> list[int]:
    return [message.seq for message in mirror.rooms["lobby"].messages]


def tell(mirror: Mirror, *messages: events.Event, now: float = 0.0) -> None:
    for message in messages:
        mirror.apply(message, now=now)


# -- messages ---------------------------------------------------------------------------------


def test_a_joined_room_is_told_as_reset_with_its_newest_page() -> None:
    mirror = greeted()

    changes = joined(mirror, stands(3), stands(4), more=True)

    assert changes.reset == {"lobby"}
    assert changes.rooms
    assert seqs(mirror) == [3, 4]
    assert mirror.rooms["lobby"].more_before
    assert mirror.rooms["lobby"].loaded_from == 3


def test_a_live_message_is_appended_and_told(mirror: Mirror) -> None:
    changes = mirror.apply(said(6, "new"), now=0.0)

    (message,) = changes.appended["lobby"]
    assert (message.seq, message.text) == (6, "new")
    assert mirror.rooms["lobby"].message(6) is message


def test_an_edit_a_reaction_and_a_deletion_show_in_the_message(mirror: Mirror) -> None:
    fields = {"room": "lobby", "sender": "bob", "nonce": "n", "target": 2, "time": 9}
    edited = events.Edited(seq=6, prev=5, text="better", **fields)  # type: ignore[arg-type]
    reacted = events.Reacted(seq=7, prev=6, emojis=["👍"], **fields)  # type: ignore[arg-type]
    deleted = events.Deleted(seq=8, prev=7, **fields)  # type: ignore[arg-type]
    message = mirror.rooms["lobby"].message(2)
    assert message is not None

    assert mirror.apply(edited, now=0.0).replaced == {"lobby": [message]}
    assert (message.text, message.edited) == ("better", 9)
    tell(mirror, reacted)
    assert message.reactions == {"👍": ["bob"]}
    tell(mirror, deleted)
    assert message.deleted
    assert not mirror.rooms["lobby"].gap


def test_an_edit_of_a_message_that_is_not_loaded_changes_nothing_but_the_head() -> None:
    mirror = greeted()
    joined(mirror, stands(5), more=True)
    edited = events.Edited(
        room="lobby", seq=6, prev=5, time=1, sender="bob", nonce="n", target=2, text="x"
    )

    changes = mirror.apply(edited, now=0.0)

    assert not changes
    assert mirror.rooms["lobby"].head == 6


def test_an_older_page_read_before_an_edit_that_came_first_shows_the_edit() -> None:
    mirror = greeted()
    joined(mirror, stands(5), more=True)
    edited = events.Edited(
        room="lobby", seq=6, prev=5, time=1, sender="bob", nonce="n", target=2, text="better"
    )
    page = replies.History(
        id=3, room="lobby", messages=[stands(2, "worse")], more_before=False, more_after=True
    )

    tell(mirror, edited)
    changes = mirror.apply(page, now=0.0, answering=commands.History(id=3, room="lobby", before=5))

    assert [message.text for message in changes.prepended["lobby"]] == ["better"]
    assert not mirror.rooms["lobby"].more_before


def test_a_page_that_leaves_a_gap_is_not_worked_in() -> None:
    mirror = greeted()
    joined(mirror, stands(50), more=True)
    page = replies.History(
        id=3, room="lobby", messages=[stands(2)], more_before=True, more_after=True
    )

    changes = mirror.apply(page, now=0.0, answering=commands.History(id=3, room="lobby", around=2))

    assert not changes
    assert seqs(mirror) == [50]


def test_an_event_that_comes_twice_counts_once(mirror: Mirror) -> None:
    tell(mirror, said(6))

    changes = mirror.apply(said(6), now=0.0)

    assert not changes
    assert seqs(mirror) == [1, 2, 3, 4, 5, 6]


def test_a_missing_event_is_told_as_a_gap_once_and_a_new_page_heals_it(mirror: Mirror) -> None:
    changes = mirror.apply(said(9, prev=8), now=0.0)
    assert changes.gaps == {"lobby"}
    assert mirror.rooms["lobby"].gap
    assert not mirror.apply(said(10, prev=9), now=0.0).gaps

    joined(mirror, stands(8), stands(9), stands(10), more=True)

    assert not mirror.rooms["lobby"].gap


def test_an_unknown_event_counts_its_seq(mirror: Mirror) -> None:
    tell(mirror, events.Unknown(type="poll", room="lobby", seq=6, prev=5))  # type: ignore[arg-type]
    tell(mirror, said(7))

    assert not mirror.rooms["lobby"].gap
    assert mirror.rooms["lobby"].head == 7


@pytest.mark.parametrize("kept", [KEPT_MESSAGES, KEPT_OPEN])
def test_a_room_keeps_a_bounded_number_of_messages(mirror: Mirror, kept: int) -> None:
    if kept == KEPT_OPEN:
        mirror.open_room = "lobby"
    tell(mirror, *(said(seq) for seq in range(6, kept + 1)))
    assert len(seqs(mirror)) == kept

    changes = mirror.apply(said(kept + 1), now=0.0)

    assert changes.reset == {"lobby"}
    assert not changes.appended
    view = mirror.rooms["lobby"]
    assert len(view.messages) == kept // 2
    assert view.more_before
    assert view.loaded_from == view.messages[0].seq


def test_a_long_room_that_is_no_longer_looked_at_lets_go_of_most(mirror: Mirror) -> None:
    mirror.open_room = "lobby"
    tell(mirror, *(said(seq) for seq in range(6, 2 * KEPT_MESSAGES)))
    mirror.open_room = None

    assert mirror.apply(said(2 * KEPT_MESSAGES), now=0.0).reset == {"lobby"}

    assert len(seqs(mirror)) == KEPT_MESSAGES // 2


def test_messages_of_one_sender_share_its_name(mirror: Mirror) -> None:
    first, second = (codec.decode_server(codec.encode(said(seq, sender="eve"))) for seq in (6, 7))
    tell(mirror, first, second)

    one, other = mirror.rooms["lobby"].messages[-2:]
    assert one.sender is other.sender
    assert one.room is other.room


def test_events_of_rooms_that_i_am_not_in_are_ignored(mirror: Mirror) -> None:
    assert not mirror.apply(said(1, room="elsewhere"), now=0.0)
    assert not mirror.apply(presence([member("eve")], room="elsewhere"), now=0.0)


def test_a_page_out_of_order_is_put_in_order() -> None:
    mirror = greeted()

    joined(mirror, stands(3), stands(1), stands(3), stands(2))

    assert seqs(mirror) == [1, 2, 3]


# -- catching up ------------------------------------------------------------------------------


def test_what_was_missed_is_appended_and_unread(mirror: Mirror) -> None:
    changes = rejoined(mirror, said(6), said(7, "@ann?"), after=5, seq=7)

    assert [message.seq for message in changes.appended["lobby"]] == [6, 7]
    assert seqs(mirror) == [1, 2, 3, 4, 5, 6, 7]
    view = mirror.rooms["lobby"]
    assert (view.unread, view.mentions) == (2, 1)
    assert not view.gap


def test_a_delta_that_ends_before_the_head_is_a_gap(mirror: Mirror) -> None:
    changes = rejoined(mirror, said(6), after=5, seq=8)

    assert changes.gaps == {"lobby"}
    assert mirror.rooms["lobby"].head == 8


def test_a_program_that_remembers_its_place_gets_only_what_followed() -> None:
    mirror = greeted()

    rejoined(mirror, said(41, prev=40), said(42), after=40, seq=42)

    view = mirror.rooms["lobby"]
    assert seqs(mirror) == [41, 42]
    assert (view.last_read, view.unread, view.more_before, view.gap) == (40, 2, True, False)


def test_a_long_absence_counts_as_unread_what_the_page_has_no_room_for(mirror: Mirror) -> None:
    joined(mirror, stands(99), stands(100, "Ann!"), more=True, missed=95, after=5)

    view = mirror.rooms["lobby"]
    assert (view.unread, view.mentions, view.last_read) == (95, 1, 5)


# -- unread -----------------------------------------------------------------------------------


def test_messages_of_others_are_unread_until_marked(mirror: Mirror) -> None:
    tell(mirror, said(6), said(7, "ann: look"))
    view = mirror.rooms["lobby"]
    assert (view.unread, view.mentions, view.last_read) == (2, 1, 5)

    changes = mirror.mark_read("LOBBY")

    assert changes.rooms
    assert (view.unread, view.mentions, view.last_read) == (0, 0, 7)
    assert not mirror.mark_read("lobby")


def test_nothing_is_unread_in_the_open_room(mirror: Mirror) -> None:
    mirror.open_room = "lobby"

    tell(mirror, said(6))

    assert mirror.rooms["lobby"].unread == 0
    assert mirror.rooms["lobby"].last_read == 6


def test_my_own_messages_are_never_unread_not_even_from_before_i_changed_my_name(
    mirror: Mirror,
) -> None:
    mirror.outgoing.add("ann-6")
    mirror.apply(replies.Ok(id=3), now=0.0, answering=commands.Name(id=3, name="Anna"))

    tell(mirror, said(6, sender="ann"), said(7, sender="Anna"))

    assert mirror.name == "Anna"
    assert mirror.rooms["lobby"].unread == 0


@pytest.mark.parametrize(
    ("text", "name", "named"),
    [
        ("bob", "bob", True),
        ("@Bob: hi", "bob", True),
        ("ask BOB.", "bob", True),
        ("bob's", "bob", True),
        ("_bob_", "bob", True),
        ("bobby", "bob", False),
        ("kebob", "bob", False),
        ("bob-2 said", "bob", False),
        ("x.bob", "bob", False),
        ("bobby and bob", "bob", True),
        ("Straße", "STRASSE", True),
        ("ｂｏｂ!", "bob", True),
        ("कि", "क", False),
        ("", "bob", False),
        ("anything", "", False),
        ("a+b", "a.b", False),
    ],
)
def test_a_mention_is_the_name_as_a_whole_word(text: str, name: str, named: bool) -> None:
    assert mentions(text, name) is named


# -- who is there -----------------------------------------------------------------------------


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


# -- typing, topic, notices -------------------------------------------------------------------


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
