"""A room's log in the mirror: what is loaded of it, and how it stands."""

import pytest

from pychat.client import Mirror
from pychat.client.room_view import KEPT_MESSAGES, KEPT_OPEN
from pychat.protocol import codec, commands, events, replies
from tests.support.told import greeted, joined, member, presence, said, seqs, stands, tell


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
