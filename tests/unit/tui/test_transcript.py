"""What a room's rows are made of besides messages, and being led to one of them."""

import pytest

from pychat.tui.log import Rule, Unsent
from pychat.tui.log.heights import Place
from pychat.tui.log.rows import MessageRow, RuleRow, Told, TopRow, UnreadRow
from pychat.tui.log.transcript import MEANT, Transcript
from tests.unit.tui.conftest import NOON, Make
from tests.unit.tui.test_window import chat, seen, transcript


def kinds(log: Transcript) -> list[str]:
    return [type(row).__name__ for row in log.rows.onward(Place(0, 0))]


def test_a_line_across_stands_between_what_was_there_and_what_came_after(message: Make) -> None:
    log = transcript([message(1)])
    log.unsent([Unsent("x", "kim", NOON, "queued")])

    log.rule(Rule(1, "offline"))
    log.append([message(2)])

    assert kinds(log)[-4:] == ["MessageRow", "RuleRow", "MessageRow", "MessageRow"]


@pytest.mark.parametrize("after", [0, 4, 5, 6, 9])
def test_a_line_across_keeps_its_place_when_the_room_is_shown_again(
    message: Make, after: int
) -> None:
    messages = [message(seq) for seq in range(5, 8)]
    log = transcript([])
    log.show(
        "general",
        messages,
        more_before=True,
        unread_after=None,
        anchor=None,
        rules=[Rule(after, "offline")],
    )
    log.prepend([message(seq) for seq in range(1, 5)], more_before=False)

    rows = list(log.rows.onward(Place(0, 0)))
    at = next(index for index, row in enumerate(rows) if isinstance(row, RuleRow))
    above = [row.message.seq for row in rows[:at] if isinstance(row, MessageRow)]
    below = [row.message.seq for row in rows[at:] if isinstance(row, MessageRow)]
    assert above == [seq for seq in range(1, 8) if seq <= after]
    assert below == [seq for seq in range(1, 8) if seq > after]
    assert [row.id for row in rows] == sorted({row.id for row in rows})


def test_what_is_unsent_after_ones_own_message_looks_as_it_will_when_it_is_sent(
    message: Make,
) -> None:
    log = transcript([message(1, sender="kim")])
    waiting = Unsent("x", "kim", NOON + 20_000, "")

    log.unsent([waiting])
    before = [row.told for row in log.rows.onward(Place(0, 0)) if isinstance(row, MessageRow)]
    log.unsent([])
    log.append([message(2, sender="kim")])

    after = [row.told for row in log.rows.onward(Place(0, 0)) if isinstance(row, MessageRow)]
    assert before == after


def test_what_is_unsent_is_not_taken_for_anothers(message: Make) -> None:
    log = transcript([message(1, sender="kim")])
    log.unsent([Unsent("x", "kim", NOON + 20_000, "")])

    log.append([message(2, sender="ada")])

    last = log.rows.last
    assert isinstance(last, MessageRow)
    assert last.told is Told.ALL


def test_a_message_that_is_led_to_is_seen_and_marked() -> None:
    log = transcript(chat(1, 1_000))

    assert log.reveal(300)
    log.settle()

    assert not log.follow
    assert 300 in [seq for seq, _ in seen(log)]
    assert [row.message.seq for row in marked(log)] == [300]


def test_only_the_last_that_was_led_to_is_marked_and_older_ones_do_not_change_that() -> None:
    log = transcript(chat(100, 100))
    log.reveal(150)
    log.reveal(100)
    log.prepend(chat(1, 99), more_before=False)

    assert [row.message.seq for row in marked(log)] == [100]
    assert not log.reveal(5_000)


def marked(log: Transcript) -> list[MessageRow]:
    rows = log.rows.onward(Place(0, 0))
    return [row for row in rows if isinstance(row, MessageRow) and row.state == MEANT]


def new_line(log: Transcript) -> tuple[int, int] | None:
    """Before which message it stands, and how many it tells of."""
    rows = [row for row in log.rows.onward(Place(0, 0)) if isinstance(row, UnreadRow)]
    assert len(rows) <= 1
    assert [row.id for row in log.rows.onward(Place(0, 0))] == sorted(
        {row.id for row in log.rows.onward(Place(0, 0))}
    )
    return (rows[0].seq, rows[0].count) if rows else None


def test_what_comes_while_nobody_looks_is_below_the_line_until_something_else_is_new(
    message: Make,
) -> None:
    log = transcript([message(seq) for seq in range(1, 4)])
    log.unsent([Unsent("x", "kim", NOON, "queued")])
    assert new_line(log) is None

    log.append([message(5), message(6)], read_to=3)
    log.append([message(7)], read_to=3)
    assert new_line(log) == (5, 3)
    assert log.unread_after == 3

    # All is seen now, and what comes meanwhile is too; then nobody looks again.
    log.append([message(8)])
    assert new_line(log) == (5, 3)
    log.append([message(9)], read_to=8)
    assert new_line(log) == (9, 1)
    log.prepend([message(0)], more_before=False)
    assert new_line(log) == (9, 1)


def test_the_line_of_a_room_that_is_opened_goes_on_counting(message: Make) -> None:
    log = transcript([])
    for messages in ([message(seq) for seq in range(1, 4)], []):
        log.show("general", messages, more_before=False, unread_after=2, anchor=None)
        log.append([message(4, time=NOON + 86_400_000)], read_to=2)
        assert new_line(log) == ((3, 2) if messages else (4, 1))


def test_nothing_moves_for_who_reads_above_when_the_line_goes_elsewhere(message: Make) -> None:
    log = transcript([message(seq) for seq in range(1, 4)])
    log.append([message(seq) for seq in range(4, 90)], read_to=3)
    log.scroll(40)
    before = seen(log)

    log.append([message(90)], read_to=89)

    assert seen(log) == before
    assert new_line(log) == (90, 1)


def test_an_empty_room_says_so_until_something_is_said(message: Make) -> None:
    log = transcript([])
    log.show("general", [], more_before=False, unread_after=None, anchor=None)
    top = log.rows.at(Place(0, 0))
    assert isinstance(top, TopRow)
    assert top.empty

    log.append([message(1)])

    top = log.rows.at(Place(0, 0))
    assert isinstance(top, TopRow)
    assert not top.empty
