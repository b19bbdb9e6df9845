"""Which rows a room's messages make."""

from datetime import UTC, timedelta, timezone

import pytest

from pychat.tui.log.days import Calendar, day_name
from pychat.tui.log.rows import (
    DayRow,
    Gathering,
    MessageRow,
    NoteRow,
    Row,
    Told,
    TopRow,
    UnreadRow,
    Unsent,
    note_after,
    unsent_rows,
)
from tests.unit.tui.conftest import NOON, Make

MINUTE = 60_000


def told(rows: list[Row]) -> list[Told]:
    return [row.told for row in rows if isinstance(row, MessageRow)]


def kinds(rows: list[Row]) -> list[type]:
    return [type(row) for row in rows]


def gather(unread_after: int | None = None, unread: int = 0) -> Gathering:
    return Gathering(Calendar(UTC), unread_after, unread)


def test_the_first_message_has_its_day_above_it(message: Make) -> None:
    assert kinds(gather().add([message(1), message(2)])) == [DayRow, MessageRow, MessageRow]


def test_one_sender_within_five_minutes_is_named_once(message: Make) -> None:
    rows = gather().add(
        [
            message(1, time=NOON),
            message(2, time=NOON + 59_999),
            message(3, time=NOON + 59_999 + 5 * MINUTE - 1),
            message(4, time=NOON + 59_999 + 10 * MINUTE - 1),
        ]
    )

    assert told(rows) == [Told.ALL, Told.NOTHING, Told.TIME, Told.ALL]


def test_another_sender_and_a_reply_are_named(message: Make) -> None:
    rows = gather().add(
        [message(1), message(2, sender="bob"), message(3, sender="bob", reply_to=1)]
    )

    assert told(rows) == [Told.ALL] * 3


def test_a_note_parts_a_group(message: Make) -> None:
    gathering = gather()
    gathering.add([message(1)])
    gathering.note(MessageRow(message(1), Told.ALL), "→ lee", NOON)

    assert told(gathering.add([message(2), message(3)])) == [Told.ALL, Told.NOTHING]


def test_a_day_line_stands_where_the_local_day_changes(message: Make) -> None:
    before, after = NOON + 12 * 60 * MINUTE - 1, NOON + 12 * 60 * MINUTE
    messages = [message(1, time=before), message(2, time=after)]

    in_utc = gather().add(messages)
    east = Gathering(Calendar(timezone(timedelta(hours=1))), None, 0).add(messages)

    assert kinds(in_utc) == [DayRow, MessageRow, DayRow, MessageRow]
    assert kinds(east) == [DayRow, MessageRow, MessageRow]
    assert told(in_utc) == [Told.ALL, Told.ALL]


def test_the_new_line_stands_before_the_first_unread_message_and_parts_a_group(
    message: Make,
) -> None:
    rows = gather(unread_after=1, unread=2).add([message(1), message(2), message(3)])

    assert kinds(rows) == [DayRow, MessageRow, UnreadRow, MessageRow, MessageRow]
    assert told(rows) == [Told.ALL, Told.ALL, Told.NOTHING]


def test_messages_that_are_not_newer_than_the_last_are_left_out(message: Make) -> None:
    gathering = gather()
    gathering.add([message(1), message(5)])

    assert gathering.add([message(5), message(2)]) == []
    assert [row.id for row in gathering.add([message(6)])] == [message_row_id(message, 6)]


def test_the_first_note_of_a_day_stands_below_the_days_line(message: Make) -> None:
    gathering = gather()
    tomorrow = NOON + 24 * 3_600_000
    gathering.add([message(1)])
    last = MessageRow(message(1), Told.ALL)

    rows = gathering.note(last, "→ lee", tomorrow)
    rows += gathering.note(rows[-1], "→ max", tomorrow)
    rows += gathering.add([message(2, time=tomorrow)])

    kinds = [DayRow, NoteRow, NoteRow, MessageRow]
    assert [type(row) for row in rows] == kinds
    assert [row.id for row in rows] == sorted({row.id for row in rows})


def test_a_clock_that_is_behind_brings_no_day_back(message: Make) -> None:
    gathering = gather()
    gathering.add([message(1)])

    rows = gathering.note(MessageRow(message(1), Told.ALL), "→ lee", NOON - 24 * 3_600_000)

    assert [type(row) for row in rows] == [NoteRow]


def message_row_id(message: Make, seq: int) -> int:
    return MessageRow(message(seq), Told.ALL).id


def test_ids_grow_from_the_top_to_what_is_not_sent(message: Make) -> None:
    rows: list[Row] = [TopRow("general", False)]
    rows.append(note_after(rows[-1], "→ lee", NOON))
    rows += gather(unread_after=2, unread=1).add([message(2), message(3)])
    rows.append(note_after(rows[-1], "← lee", NOON))
    rows.append(note_after(rows[-1], "→ max", NOON))
    rows += gather().add([message(4)])
    unsent = [Unsent(text=text, sender="kim", time=NOON, state="queued") for text in "ab"]
    rows += unsent_rows("general", unsent)

    ids = [row.id for row in rows]

    assert ids == sorted(set(ids))


@pytest.mark.parametrize("time", [0, 1, 2**53 - 1])
def test_a_time_outside_the_calendar_is_a_day_like_any_other(message: Make, time: int) -> None:
    for zone in (timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))):
        calendar = Calendar(zone)
        assert Gathering(calendar, None, 0).add([message(1, time=time)])
        assert len(calendar.clock(time)) == 5


def test_days_are_named_by_their_distance_from_today() -> None:
    day = Calendar(UTC).day(NOON)

    assert day_name(day, day) == "Today"
    assert day_name(day - 1, day) == "Yesterday"
    assert day_name(day - 2, day) == "Monday 13 November"
    assert day_name(day - 365, day) == "Tuesday 15 November 2022"


def test_times_are_those_of_the_zone() -> None:
    assert Calendar(UTC).clock(NOON) == "12:00"
    assert Calendar(timezone(timedelta(hours=5, minutes=45))).clock(NOON) == "17:45"
