"""What the mirror keeps is bounded in bytes, over all rooms."""

from sys import getsizeof

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.client import Mirror, mirror, room_view
from pychat.protocol import commands, events, replies
from tests.support.told import greeted, joined, said, seqs, stands, tell

ONE = room_view._EACH_BYTES + getsizeof("x")
"""What a message of one letter counts."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """With room for ten messages of one letter, in the lobby and in tea."""
    monkeypatch.setattr(mirror, "KEPT_BYTES", 10 * ONE)
    small = greeted()
    joined(small)
    joined(small, room="tea")
    return small


@pytest.mark.parametrize(("count", "left"), [(9, 9), (10, 10), (11, 5)])
def test_past_the_bound_the_older_half_goes(small: Mirror, count: int, left: int) -> None:
    small.open_room = "lobby"
    tell(small, *(said(seq, "x") for seq in range(1, count)))

    changes = small.apply(said(count, "x"), now=0.0)

    assert seqs(small) == list(range(count - left + 1, count + 1))
    assert changes.reset == ({"lobby"} if left < count else set())
    view = small.rooms["lobby"]
    assert view.more_before == (left < count)
    assert view.loaded_from == (count - left + 1 if left < count else 0)


def test_it_is_the_room_that_takes_most_that_lets_go(small: Mirror) -> None:
    tell(small, *(said(seq, "x") for seq in range(1, 9)))
    tell(small, said(1, "x", room="tea"), said(2, "x", room="tea"))

    changes = small.apply(said(3, "x", room="tea"), now=0.0)

    assert changes.reset == {"lobby"}
    assert changes.appended.keys() == {"tea"}
    assert seqs(small) == [5, 6, 7, 8]
    assert len(small.rooms["tea"].messages) == 3


def test_one_message_beyond_all_measure_is_not_kept(small: Mirror) -> None:
    tell(small, said(1, "x" * 10 * ONE))
    assert seqs(small) == []
    assert small.rooms["lobby"].loaded_from == 2

    tell(small, said(2, "x"))
    assert seqs(small) == [2]


def test_what_is_changed_into_something_long_counts_too(small: Mirror) -> None:
    tell(small, *(said(seq, "x") for seq in range(1, 5)))
    fields = {"room": "lobby", "sender": "bob", "nonce": "n", "target": 4, "time": 9}
    edited = events.Edited(seq=5, prev=4, text="x" * 7 * ONE, **fields)  # type: ignore[arg-type]

    assert small.apply(edited, now=0.0).reset == {"lobby"}

    assert seqs(small) == [3, 4]


def test_a_page_that_is_too_much_is_cut(small: Mirror) -> None:
    changes = joined(small, *(stands(seq, "x") for seq in range(1, 12)))

    assert changes.reset == {"lobby"}
    assert seqs(small) == [7, 8, 9, 10, 11]


def test_a_room_that_was_left_counts_no_more(small: Mirror) -> None:
    tell(small, *(said(seq, "x", room="tea") for seq in range(1, 10)))
    small.forget("tea")

    assert not small.apply(said(1, "x" * 5 * ONE), now=0.0).reset
    assert len(seqs(small)) == 1


numbers = st.integers(0, 12)
texts = st.text(max_size=300)
steps = st.lists(
    st.tuples(
        st.sampled_from(["said", "said", "edited", "deleted", "reacted", "page", "joined"]),
        numbers,
        texts,
        st.sampled_from(["lobby", "tea"]),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(steps)
def test_whatever_comes_it_is_counted_right_and_bounded(
    done: list[tuple[str, int, str, str]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mirror, "KEPT_BYTES", 3_000)
        small = greeted()
        for room in ("lobby", "tea"):
            joined(small, *(stands(seq, room=room) for seq in (4, 5)), room=room, more=True)
        for step, number, text, room in done:
            do(small, step, number, text, room)
            for view in small.rooms.values():
                messages = sum(map(room_view._weight, view.messages))
                strays = sum(map(room_view._stray_weight, view._strays.values()))
                assert view.bytes == messages + strays
            total = sum(view.bytes for view in small.rooms.values())
            assert small._load.bytes == total
            # Pages are for who asks for them: the next event cuts.
            assert total <= 3_000 or step == "page"


def do(small: Mirror, step: str, number: int, text: str, room: str) -> None:
    view = small.rooms[room]
    seq, prev = view.head + 1, view.head
    fields = {"room": room, "seq": seq, "prev": prev, "sender": "bob", "nonce": "n", "time": 9}
    match step:
        case "said":
            tell(small, said(seq, text, room=room))
        case "edited":
            tell(small, events.Edited(target=number, text=text, **fields))  # type: ignore[arg-type]
        case "deleted":
            tell(small, events.Deleted(target=number, **fields))  # type: ignore[arg-type]
        case "reacted":
            emojis = list(dict.fromkeys(text))
            tell(small, events.Reacted(target=number, emojis=emojis, **fields))  # type: ignore[arg-type]
        case "joined":
            joined(small, stands(seq, text, room=room), room=room, more=True)
        case _:
            before = view.loaded_from
            older = [stands(each, text, room=room) for each in range(max(1, before - 2), before)]
            page = replies.History(
                id=3, room=room, messages=older, more_before=True, more_after=True
            )
            asked = commands.History(id=3, room=room, before=before)
            small.apply(page, now=0.0, answering=asked)
