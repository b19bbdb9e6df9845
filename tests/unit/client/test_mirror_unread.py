"""What was missed, what is unread, and what names me."""

import pytest

from pychat.client import Mirror
from pychat.client.mentions import OWN_NAMES, Me, has_word
from pychat.protocol import commands, events, replies
from tests.support.fake_hall import welcome
from tests.support.told import greeted, joined, rejoined, said, seqs, stands, tell


def test_what_was_missed_is_appended_and_unread(mirror: Mirror) -> None:
    changes = rejoined(mirror, said(6), said(7, "@ann?", mentions=["ann"]), after=5, seq=7)

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
    last = stands(100, "Ann: tea?", mentions=["ann"])
    joined(mirror, stands(99), last, more=True, missed=95, after=5)

    view = mirror.rooms["lobby"]
    assert (view.unread, view.mentions, view.last_read) == (95, 1, 5)


def test_messages_of_others_are_unread_until_marked(mirror: Mirror) -> None:
    tell(mirror, said(6), said(7, "ann: look", mentions=["ann"]))
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


def test_what_comes_into_the_open_room_while_its_end_is_out_of_sight_is_unread(
    mirror: Mirror,
) -> None:
    mirror.open_room, mirror.watched = "lobby", False

    tell(mirror, said(6), said(7, "@ann", mentions=["ann"]))

    view = mirror.rooms["lobby"]
    assert (view.unread, view.mentions, view.last_read) == (2, 1, 5)

    joined(mirror, stands(99), more=True, missed=90, after=7)
    assert (view.unread, view.last_read) == (92, 5)


def test_my_own_messages_are_never_unread_not_even_from_before_i_changed_my_name(
    mirror: Mirror,
) -> None:
    mirror.outgoing.add("ann-6")
    mirror.apply(replies.Ok(id=3), now=0.0, answering=commands.Name(id=3, name="Anna"))

    tell(mirror, said(6, sender="ann"), said(7, sender="Anna"))

    assert mirror.name == "Anna"
    assert mirror.rooms["lobby"].unread == 0


@pytest.mark.parametrize(
    ("told", "mine", "named"),
    [
        (["bob"], "bob", True),
        (["Bob"], "bob", True),
        (["ann", "Bob"], "bob", True),
        (["STRA\u00dfE"], "strasse", True),
        (["bobby"], "bob", False),
        (None, "bob", False),
    ],
)
def test_a_message_is_for_me_if_the_hall_says_so(
    told: list[str] | None, mine: str, named: bool
) -> None:
    assert Me(("cid",)).now_called(mine).is_mentioned(told) is named


@pytest.mark.parametrize("count", [OWN_NAMES - 1, OWN_NAMES, OWN_NAMES + 1])
def test_as_many_of_my_names_mean_me_as_a_hall_knows(count: int) -> None:
    me = Me()
    for number in range(count):
        me = me.now_called(f"Ann{number}")

    assert me.is_called("ann0") is (count <= OWN_NAMES)
    assert me.is_called(f"ANN{count - 1}")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("SOUP",), True),
        (("sou", "soups"), False),
        (("s.up", "soup."), False),
        (("is soup",), True),
        ((), False),
    ],
)
def test_a_word_of_mine_means_me_where_it_stands_by_itself(
    words: tuple[str, ...], meant: bool
) -> None:
    assert has_word("there is Soup, again", words) is meant


def test_a_word_of_mine_counts_as_my_name(mirror: Mirror) -> None:
    mirror.highlight(("soup",))

    tell(mirror, said(6, "soup is ready"), said(7, "and tea"))
    mirror.apply(welcome(1, "zoe"), now=0.0)
    tell(mirror, said(8, "more soup"))

    assert mirror.rooms["lobby"].mentions == 2


def test_i_am_meant_by_the_names_that_i_had_in_this_session(mirror: Mirror) -> None:
    mirror.apply(replies.Ok(id=3), now=0.0, answering=commands.Name(id=3, name="Anna"))

    tell(mirror, said(6, mentions=["ann"]), said(7, mentions=["anna"]), said(8, mentions=["an"]))

    assert mirror.rooms["lobby"].mentions == 2


def test_who_has_a_session_anew_is_no_more_meant_by_the_names_of_the_last(mirror: Mirror) -> None:
    mirror.apply(welcome(1, "zoe"), now=0.0)

    tell(mirror, said(6, mentions=["ann"]), said(7, mentions=["zoe"]))

    assert mirror.rooms["lobby"].mentions == 1


def test_a_bare_word_is_no_mention(mirror: Mirror) -> None:
    tell(mirror, said(6, "ann is late"))

    assert mirror.rooms["lobby"].mentions == 0


def test_what_another_program_of_mine_has_read_is_read(mirror: Mirror) -> None:
    tell(mirror, *(said(seq, "@ann", mentions=["ann"]) for seq in (6, 7, 8)))
    view = mirror.rooms["lobby"]

    changes = mirror.apply(events.Read(room="Lobby", seq=7), now=0.0)

    assert changes.rooms
    assert (view.unread, view.mentions, view.last_read) == (1, 1, 7)
    assert not mirror.apply(events.Read(room="lobby", seq=6), now=0.0)
    assert not mirror.apply(events.Read(room="nowhere", seq=6), now=0.0)
    tell(mirror, events.Read(room="lobby", seq=2**53 - 1))
    assert (view.unread, view.mentions, view.last_read) == (0, 0, 8)


def test_what_is_not_loaded_stays_unread_until_all_of_it_was_read(mirror: Mirror) -> None:
    joined(mirror, stands(99), stands(100), more=True, missed=95, after=5)
    view = mirror.rooms["lobby"]

    tell(mirror, events.Read(room="lobby", seq=50))
    assert (view.unread, view.last_read) == (95, 50)

    tell(mirror, events.Read(room="lobby", seq=99))
    assert (view.unread, view.last_read) == (1, 99)


def test_what_was_read_elsewhere_during_a_break_is_read(mirror: Mirror) -> None:
    rejoined(mirror, said(6), said(7), after=5, seq=7, read=6)

    view = mirror.rooms["lobby"]
    assert (view.unread, view.last_read) == (1, 6)
