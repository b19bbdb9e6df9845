"""The window onto a transcript, which must not jump."""

from datetime import UTC
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.protocol.replies import Message
from pychat.tui.log.days import Calendar
from pychat.tui.log.heights import Place
from pychat.tui.log.layout import Layout, heights, name_lines
from pychat.tui.log.rows import (
    Gathering,
    MessageRow,
    NoteRow,
    Row,
    TopRow,
    Unsent,
    unsent_rows,
)
from pychat.tui.log.transcript import NOTES, Transcript
from tests.unit.tui.conftest import NOON, Make


def text(number: int) -> str:
    return ("word " * (number * 7 % 60)).strip() or "x"


def chat(first: int, count: int) -> list[Message]:
    """Of four people, some messages long, one day after about fifty."""
    return [
        Message(
            room="general",
            seq=seq,
            time=NOON + seq * 1_700_000,
            sender="abcd"[seq * seq % 3],
            text=text(seq),
            reply_to=seq - 3 if seq % 11 == 0 else None,
        )
        for seq in range(first, first + count)
    ]


def transcript(messages: list[Message], unread_after: int | None = None) -> Transcript:
    log = Transcript(Calendar(UTC))
    log.resize(Layout.of(80, narrow=False), 24)
    log.show("general", messages, more_before=True, unread_after=unread_after, anchor=None)
    log.settle()
    return log


def seen(log: Transcript) -> list[tuple[int, int]]:
    """The lines in the window, of messages only, by (seq, line of the text)."""
    lines = []
    for row, above in islice(log.seen(log.y), log.window):
        [height] = heights([row], log.layout)
        if isinstance(row, MessageRow):
            name = name_lines(row, log.layout)
            lines += [(row.message.seq, line - name) for line in range(above, height)]
        else:
            lines += [(-1, 0)] * (height - above)
    return lines[: log.window]


def top(log: Transcript) -> tuple[int, int, int]:
    """The first message seen: on which line of the window, its seq, its line there."""
    lines = seen(log)
    at = next(index for index, line in enumerate(lines) if min(line) >= 0)
    return at, *lines[at]


def test_a_window_at_the_end_follows_the_end() -> None:
    log = transcript(chat(1, 100))

    log.append(chat(101, 50))
    log.settle()

    assert log.follow
    assert seen(log)[-1][0] == 150


def test_a_window_that_was_scrolled_up_stays_when_messages_come() -> None:
    log = transcript(chat(1, 200))
    log.scroll(log.end - 50)
    before = seen(log)

    log.append(chat(201, 50))
    log.settle()

    assert not log.follow
    assert seen(log) == before


@pytest.mark.parametrize("narrow", [True, False])
@pytest.mark.parametrize("y", [0, 1, 3, 40])
def test_older_messages_move_nothing_that_is_seen(y: int, narrow: bool) -> None:
    log = transcript(chat(101, 200))
    log.resize(Layout.of(50 if narrow else 80, narrow=narrow), 24)
    log.scroll(y)
    before = top(log)

    log.prepend(chat(1, 100), more_before=False)
    log.settle()

    # Lines above the first message may have gone; what took their place is older.
    assert before[1:] in seen(log)
    assert seen(log).index(before[1:]) == before[0]
    assert not log.more_before


def test_a_message_edited_above_the_window_moves_nothing() -> None:
    log = transcript(chat(1, 300))
    log.scroll(log.end - 100)
    before = seen(log)

    edited = chat(top(log)[1] - 20, 1)[0]
    edited.text = "line\n" * 30
    log.replace(edited)
    log.settle()

    assert seen(log) == before


def test_scrolling_through_unmeasured_rows_moves_one_line_at_a_time() -> None:
    log = transcript(chat(1, 2_000))
    log.resize(Layout.of(61, narrow=False), 24)
    log.settle()
    before = seen(log)
    for _ in range(1_500):
        log.scroll(log.y - 1)
        now = seen(log)
        assert now[1:] == before[:-1]
        before = now


@given(st.lists(st.tuples(st.integers(30, 140), st.integers(3, 50)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=30)
def test_the_message_at_the_top_stays_there_through_any_resizing(
    sizes: list[tuple[int, int]],
) -> None:
    log = transcript(chat(1, 1_000))
    log.scroll(log.end // 2)
    seq = top(log)[1]
    for width, window in sizes:
        log.resize(Layout.of(width, narrow=width < 60), window)
        log.settle()
        assert top(log)[1] == seq


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["append", "prepend", "replace", "resize", "scroll", "unsent"]),
        st.integers(0, 200),
    ),
    max_size=10,
)


@given(CHANGES, st.none() | st.integers(450, 560))
@settings(deadline=None, max_examples=60)
def test_any_changes_leave_the_rows_that_all_messages_make_and_do_not_move_the_top(
    changes: list[tuple[str, int]], unread_after: int | None
) -> None:
    messages, waiting = chat(500, 40), 0
    log = transcript(messages, unread_after)
    for change, number in changes:
        followed, before = log.follow, top(log)
        if change == "append":
            new = chat(messages[-1].seq + 1, number)
            log.append(new)
            messages += new
        elif change == "prepend":
            new = chat(messages[0].seq - number // 4, number // 4)
            log.prepend(new, more_before=True)
            messages[:0] = new
        elif change == "replace":
            at = number % len(messages)
            if messages[at].seq == before[1]:
                continue
            messages[at] = chat(messages[at].seq, 1)[0]
            messages[at].text = text(number)
            log.replace(messages[at])
        elif change == "resize":
            log.resize(Layout.of(20 + number, narrow=number < 40), 5 + number % 30)
        elif change == "scroll":
            log.scroll(log.end * number // 200)
        elif change == "unsent":
            waiting = number % 4
            log.unsent([Unsent("x", "kim", NOON, "queued")] * waiting)
        log.settle()

        if followed and change != "scroll":
            assert log.y == log.end
        elif change not in ("resize", "scroll") and not log.follow:
            assert seen(log)[before[0]] == before[1:]

    unread = 0 if unread_after is None else sum(m.seq > unread_after for m in messages)
    calendar = Calendar(UTC)
    expected: list[Row] = [TopRow("general", True)]
    expected += Gathering(calendar, unread_after, unread).add(messages)
    expected += unsent_rows("general", [Unsent("x", "kim", NOON, "queued")] * waiting)
    rows = list(log.rows.onward(Place(0, 0)))
    assert [(type(row), row.id) for row in rows] == [(type(row), row.id) for row in expected]
    assert [row.told for row in rows if isinstance(row, MessageRow)] == [
        row.told for row in expected if isinstance(row, MessageRow)
    ]
    log.rows.settle(0, 0, 10**9)
    assert log.rows.total == sum(heights(rows, log.layout))


def test_a_room_with_more_than_a_window_unread_opens_at_the_new_line() -> None:
    log = transcript(chat(1, 200), unread_after=100)

    assert not log.follow
    assert top(log)[1] == 101
    assert log.unread == 100


def test_a_room_with_less_unread_opens_at_its_end() -> None:
    assert transcript(chat(1, 200), unread_after=198).follow


def test_a_room_is_come_back_to_where_it_was_left() -> None:
    log = transcript(chat(1, 300))
    log.scroll(log.end - 200)
    before, anchor = seen(log), log.anchor()

    log.show("other", chat(1, 10), more_before=False, unread_after=None, anchor=None)
    log.settle()
    log.show("general", chat(1, 320), more_before=True, unread_after=300, anchor=anchor)
    log.settle()

    assert seen(log) == before


def test_nothing_is_measured_before_there_is_a_window() -> None:
    log = Transcript(Calendar(UTC))
    log.show("general", chat(1, 500), more_before=True, unread_after=200, anchor=None)
    log.append(chat(501, 1))
    log.settle()
    log.resize(Layout.of(80, narrow=False), 24)
    log.settle()

    assert top(log)[1] == 201


def test_notes_stand_where_they_came_and_only_so_many_in_a_row(message: Make) -> None:
    log = transcript([message(1)])
    for number in range(NOTES + 5):
        log.note(f"→ number {number}", NOON)
    log.append([message(2)])
    log.note("← last", NOON)

    rows = list(log.rows.onward(Place(0, 0)))
    notes = [row.text for row in rows if isinstance(row, NoteRow)]
    assert notes == [f"→ number {number}" for number in range(5, NOTES + 5)] + ["← last"]
    assert [row.id for row in rows] == sorted({row.id for row in rows})
    assert isinstance(rows[-2], MessageRow)


def test_a_note_stands_above_what_is_unsent(message: Make) -> None:
    log = transcript([message(1)])
    log.unsent([Unsent("x", "kim", NOON, "queued")])

    log.note("→ lee", NOON)
    log.append([message(2)])

    kinds = [type(row) for row in log.rows.onward(Place(0, 0))]
    assert kinds[-4:] == [MessageRow, NoteRow, MessageRow, MessageRow]


def test_a_note_in_an_empty_room_stays_above_its_first_messages(message: Make) -> None:
    log = transcript([])
    log.note("→ lee", NOON)
    log.prepend([message(5)], more_before=False)
    log.append([message(6)])

    rows = list(log.rows.onward(Place(0, 0)))
    assert [row.id for row in rows] == sorted({row.id for row in rows})
    assert [type(row) for row in rows[:2]] == [TopRow, NoteRow]
    assert log.message(5) == message(5)
    assert log.message(7) is None
