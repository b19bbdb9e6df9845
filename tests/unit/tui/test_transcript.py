"""What a room's rows are made of besides messages, and being led to one of them."""

import pytest

from pychat.tui.log import Rule, Unsent
from pychat.tui.log.heights import Place
from pychat.tui.log.rows import MessageRow, RuleRow, Told
from pychat.tui.log.transcript import MEANT, Transcript
from tests.unit.tui.conftest import NOON, Make
from tests.unit.tui.test_heights import chat, seen, transcript


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
