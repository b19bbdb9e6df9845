"""Rows as they are painted."""

import unicodedata
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.strip import Strip

from pychat.client.mentions import Me
from pychat.protocol.replies import Message
from pychat.tui.clock import time_of_day
from pychat.tui.log.days import Calendar
from pychat.tui.log.layout import Layout, heights
from pychat.tui.log.painter import Ink, paint
from pychat.tui.log.palette import (
    DARK_NAMES,
    Palette,
)
from pychat.tui.log.rows import DayRow, MessageRow, NoteRow, Row, Told, TopRow, UnreadRow
from tests.support.hostile import HOSTILE
from tests.unit.tui.conftest import NOON, Make
from tests.unit.tui.test_markup_of_any_text import TEXTS

BASE = Style.parse("#e0e0e0 on #121212")
SELECTED = Style.parse("on #0000ff")
PALETTE = Palette(
    text=BASE,
    dim=BASE + Style.parse("#888888"),
    unread=BASE + Style.parse("bold"),
    state=BASE + Style.parse("italic"),
    link=Style.parse("underline"),
    selected=SELECTED,
    code=BASE + Style.parse("#e0e0e0 on #1e1e1e"),
    frame=BASE + Style.parse("#888888 on #1e1e1e"),
    dark=True,
)
CALENDAR = Calendar(UTC)
INK = Ink(PALETTE, CALENDAR, CALENDAR.day(NOON))
MEDIUM = Layout.of(60, narrow=False)
NARROW = Layout.of(40, narrow=True)


def lines(row: Row, layout: Layout = MEDIUM, quoted: Message | None = None) -> list[str]:
    return [strip.text.rstrip() for strip in paint(row, layout, INK, quoted=quoted)]


def whole(message: Message, state: str = "") -> MessageRow:
    return MessageRow(message, Told.ALL, state)


# What it looks like


def test_a_row_has_time_name_and_text_in_columns(message: Make) -> None:
    assert lines(whole(message(0, "morning all"))) == ["12:00 ada      morning all"]


def test_a_row_of_a_group_has_no_name_and_its_time_if_that_is_another(message: Make) -> None:
    assert lines(MessageRow(message(0), Told.TIME)) == ["12:00          hello"]
    assert lines(MessageRow(message(0), Told.NOTHING)) == ["               hello"]


def test_a_long_text_is_wrapped_under_itself(message: Make) -> None:
    assert lines(whole(message(0, "word " * 12 + "end"))) == [
        "12:00 ada      word word word word word word word word word",
        "               word word word end",
    ]


def test_a_narrow_row_has_its_name_above_it(message: Make) -> None:
    assert lines(whole(message(0, "morning all")), NARROW) == ["12:00 ada", "  morning all"]
    assert lines(MessageRow(message(0), Told.TIME), NARROW) == ["  hello"]


def test_a_long_name_is_cut_to_its_column(message: Make) -> None:
    assert lines(whole(message(0, sender="a_very_long_name"))) == ["12:00 a_very_… hello"]


def test_text_is_no_wider_than_one_reads_well(message: Make) -> None:
    row = whole(message(0, "word " * 60))

    assert max(map(len, lines(row, Layout.of(200, narrow=False)))) == 19 + 99


def test_what_becomes_of_an_unsent_message_stands_at_the_right_edge(message: Make) -> None:
    assert lines(whole(message(0, "on it"), "sending…")) == [
        "12:00 ada      on it" + " " * 32 + "sending…"
    ]
    assert lines(whole(message(0, "on it"), "sending…"), NARROW) == [
        "12:00 ada",
        "  on it" + " " * 25 + "sending…",
    ]


def test_a_state_that_does_not_fit_beside_the_text_stands_below_it(message: Make) -> None:
    assert lines(whole(message(0, "x" * 40), "queued"), MEDIUM) == [
        "12:00 ada      " + "x" * 40,
        " " * 54 + "queued",
    ]


def test_an_edited_message_says_so_after_its_text(message: Make) -> None:
    assert lines(whole(message(0, "better", edited=NOON))) == ["12:00 ada      better (edited)"]
    assert lines(whole(message(0, "x" * 45, edited=NOON))) == [
        "12:00 ada      " + "x" * 45,
        "               (edited)",
    ]


def test_a_deleted_message_says_so_and_shows_nothing_else(message: Make) -> None:
    row = whole(message(0, "secret", deleted=True, edited=NOON, reactions={"👍": ["bob"]}))

    assert lines(row) == ["12:00 ada      message deleted"]
    assert paint(row, MEDIUM, INK)[0].crop(15, 30)._segments[0].style.color == PALETTE.dim.color


def test_reactions_have_a_row_of_their_own_with_counts(message: Make) -> None:
    row = whole(message(0, "done", reactions={"👍": ["ann", "bob"], ":ship:": ["cyd"]}))

    assert lines(row) == ["12:00 ada      done", "               👍2 :ship:1"]


def test_a_reply_quotes_the_original_above_its_text(message: Make) -> None:
    original = message(0, "Deploy finished,\nall green. " + "x" * 80)
    row = whole(message(1, "thanks!", sender="bob", reply_to=0))

    assert lines(row, quoted=original) == [
        "12:00 bob      ⤷ ada: Deploy finished, all green. xxxxxxxxx…",
        "               thanks!",
    ]
    assert lines(row, NARROW, quoted=message(0, deleted=True)) == [
        "12:00 bob",
        "  ⤷ ada: message deleted",
        "  thanks!",
    ]


def test_a_reply_to_what_is_not_loaded_takes_as_many_lines(message: Make) -> None:
    row = whole(message(1, "thanks!", reply_to=0))

    assert lines(row) == ["12:00 ada      ⤷ an earlier message", "               thanks!"]


def test_lines_between_messages() -> None:
    layout = Layout.of(40, narrow=False)

    assert lines(DayRow(1, INK.today), layout) == ["──────────────── Today ─────────────────"]
    assert lines(UnreadRow(1, 3), layout) == ["╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 3 new ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌"]
    assert lines(TopRow("dev", True), layout) == ["   ▲ older messages — keep scrolling"]
    assert lines(TopRow("dev", False), layout) == ["     this is the beginning of #dev"]
    assert lines(NoteRow(5, "→ lee, max joined", NOON), layout) == [
        "12:00          → lee, max joined"
    ]
    assert lines(NoteRow(5, "→ lee, max joined", NOON), NARROW) == ["12:00 → lee, max joined"]


# Links


def linked(strip: Strip) -> dict[str, str]:
    return {
        segment.text: segment.style.link
        for segment in strip
        if segment.style is not None and segment.style.link
    }


def test_an_address_is_a_link_on_each_line_that_it_takes(message: Make) -> None:
    url = "https://example.org/" + "a" * 60
    first, second = paint(whole(message(0, f"see {url}")), MEDIUM, INK)[1:3]

    assert list(linked(first).values()) == [url]
    assert list(linked(second).values()) == [url]


# Selection


def offsets(strip: Strip) -> list[tuple[str, tuple[int, int] | None]]:
    return [(s.text, s.style.meta.get("offset") if s.style else None) for s in strip]


def test_the_text_of_each_line_carries_where_it_begins_and_the_row(message: Make) -> None:
    row = whole(message(3, "word " * 12 + "end"))
    starts = [
        offset
        for strip in paint(row, MEDIUM, INK)
        for text, offset in offsets(strip)
        if text.startswith("word")
    ]

    assert starts == [(0, row.id), (45, row.id)]


def test_every_line_that_the_mouse_can_be_on_belongs_to_its_row(message: Make) -> None:
    rows: list[Row] = [
        whole(message(1, "a\n\nb", reply_to=0, edited=NOON, reactions={"👍": ["a"]}), "queued"),
        NoteRow(5, "→ lee", NOON),
        DayRow(1, INK.today),
        UnreadRow(1, 1),
        TopRow("dev", True),
    ]
    for row in rows:
        for layout in (MEDIUM, NARROW):
            for strip in paint(row, layout, INK):
                assert row.id in {offset[1] for _, offset in offsets(strip) if offset}


def test_only_the_selected_part_of_a_text_looks_selected(message: Make) -> None:
    [strip] = paint(whole(message(0, "one two three")), MEDIUM, INK, selected=(4, 7))

    assert [s.text for s in strip if s.style and s.style.bgcolor == SELECTED.bgcolor] == ["two"]


# Safety and measure


ANY_TEXT = st.sampled_from(HOSTILE) | st.text(max_size=60) | TEXTS


@st.composite
def any_rows(draw: st.DrawFn) -> Row:
    message = Message(
        room=draw(ANY_TEXT),
        seq=draw(st.integers(0, 2**53 - 1)),
        time=draw(st.integers(0, 2**53 - 1)),
        sender=draw(ANY_TEXT),
        text=draw(ANY_TEXT),
        reply_to=draw(st.none() | st.just(1)),
        edited=draw(st.none() | st.just(NOON)),
        deleted=draw(st.booleans()),
        reactions=draw(st.dictionaries(ANY_TEXT, st.just(["bob"]), max_size=3)),
    )
    return draw(
        st.sampled_from(
            [
                MessageRow(
                    message,
                    draw(st.sampled_from(Told)),
                    draw(st.just("") | ANY_TEXT),
                    draw(st.booleans()),
                ),
                NoteRow(1, message.text, message.time),
                TopRow(message.room, draw(st.booleans())),
                DayRow(1, draw(st.integers(1, 3_000_000))),
                UnreadRow(1, draw(st.integers(0, 10**6))),
            ]
        )
    )


LAYOUTS = st.builds(
    lambda width, narrow, margin: Layout.of(width, narrow=narrow, margin=margin),
    st.integers(1, 150),
    st.booleans(),
    st.integers(0, 1),
)


@given(any_rows(), LAYOUTS)
@settings(deadline=None)
def test_any_row_is_painted_on_as_many_lines_as_measured_and_just_as_wide_as_the_log(
    row: Row, layout: Layout
) -> None:
    quoted = row.message if isinstance(row, MessageRow) else None
    strips = paint(row, layout, INK, quoted=quoted)

    assert [len(strips)] == heights([row], layout)
    for strip in strips:
        assert sum(segment.cell_length for segment in strip) == layout.width + layout.margin


@given(any_rows(), LAYOUTS)
@settings(deadline=None)
def test_no_text_of_any_row_reaches_the_terminal_with_a_control_character(
    row: Row, layout: Layout
) -> None:
    quoted = row.message if isinstance(row, MessageRow) else None
    for strip in paint(row, layout, INK, quoted=quoted):
        for segment in strip:
            link = (segment.style.link if segment.style else None) or ""
            for char in segment.text + link:
                assert unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Zl", "Zp")
                assert char not in "\u200b\u200e\u200f\u061c\ufeff"
                assert not "\u202a" <= char <= "\u202e"
                assert not "\u2066" <= char <= "\u2069"


def test_a_message_that_names_me_is_marked_and_one_that_names_others_is_not(message: Make) -> None:
    ink = INK._replace(me=Me(("kim",)))
    named = msgspec.structs.replace(message(0, "look"), mentions=["max", "Kim"])
    other = msgspec.structs.replace(message(0, "look"), mentions=["max"])

    def first(row: Row, layout: Layout = MEDIUM) -> str:
        return paint(row, layout, ink)[0].text.rstrip()

    assert first(MessageRow(named, Told.ALL)) == "12:00@ada      look"
    assert first(MessageRow(named, Told.TIME)) == "12:00@         look"
    assert first(MessageRow(named, Told.NOTHING)) == "     @         look"
    assert first(MessageRow(named, Told.ALL), NARROW) == "12:00@ada"
    assert first(MessageRow(named, Told.TIME), NARROW) == "@ look"
    assert first(MessageRow(other, Told.ALL)) == "12:00 ada      look"
    assert first(MessageRow(other, Told.NOTHING), NARROW) == "  look"


@pytest.mark.parametrize("most", [30, 50])
def test_text_is_as_wide_as_is_wanted(message: Make, most: int) -> None:
    row = MessageRow(message(0, "word " * 60), Told.NOTHING)
    layout = Layout.of(120, narrow=False, most=most)

    assert max(len(line) for line in lines(row, layout)) <= layout.indent + most


def test_a_name_has_one_colour_however_it_is_written() -> None:
    assert PALETTE.name("Ada") == PALETTE.name("ADA") == PALETTE.name("ada")
    assert len({PALETTE.name(f"name{number}").color for number in range(100)}) == len(DARK_NAMES)


def test_of_a_long_state_what_one_can_do_stays(message: Make) -> None:
    row = whole(message(1, "hello"), "✗ not sent: you are not in the room any more · Alt+R retry")

    [_, state] = lines(row, Layout.of(50, narrow=False))

    assert state.strip().startswith("✗ not sent: you")
    assert state.endswith("… · Alt+R retry")


def test_a_clock_of_twelve_hours_has_a_wider_column(message: Make) -> None:
    morning = message(0, "early", time=NOON - 3 * 3_600_000)
    layout = Layout.of(80, narrow=False, hours="12h")

    assert lines(whole(morning), layout) == [" 9:00am ada          early"]
    assert lines(whole(message(0)), layout) == ["12:00pm ada          hello"]
    assert lines(NoteRow(1, "ada joined", NOON), layout) == ["12:00pm              ada joined"]
    assert lines(MessageRow(morning, Told.NOTHING), layout) == [" " * 21 + "early"]
    narrow = Layout.of(40, narrow=True, hours="12h")
    assert lines(whole(morning), narrow) == [" 9:00am ada", "  early"]


@pytest.mark.parametrize(
    ("hour", "plain", "exact"),
    [(0, "12:05am", "00:05"), (11, "11:05am", "11:05"), (12, "12:05pm", "12:05")],
)
def test_midnight_and_noon_are_twelve(hour: int, plain: str, exact: str) -> None:
    moment = datetime(2026, 11, 22, hour, 5, tzinfo=UTC)

    assert time_of_day(moment, "12h") == plain
    assert time_of_day(moment, "24h") == exact


def test_without_markdown_a_text_is_shown_as_it_was_typed_and_addresses_are_links(
    message: Make,
) -> None:
    raw = Layout.of(80, narrow=False, markdown=False)
    text = "**so** ||secret|| https://chat.lan/a_b_,\n[x](https://chat.lan)\n```\ncode\n```"
    shown = paint(whole(message(0, text)), raw, INK)

    assert "\n".join(line.text[raw.indent :].rstrip() for line in shown) == text
    links = {segment.style.link for line in shown for segment in line if segment.style}
    assert links == {None, "https://chat.lan/a_b", "https://chat.lan"}
    assert lines(whole(message(0, "/me *waves*")), raw)[0].endswith("* ada *waves*")


@given(TEXTS)
def test_a_raw_text_is_as_high_as_it_is_measured(text: str) -> None:
    row = whole(Message(room="general", seq=1, time=NOON, sender="ada", text=text))
    for raw in (
        Layout.of(80, narrow=False, markdown=False),
        Layout.of(30, narrow=True, markdown=False, hours="12h"),
    ):
        assert heights([row], raw) == [len(paint(row, raw, INK))]
