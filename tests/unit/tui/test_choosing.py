"""A chosen message, states beside messages, reactions and actions: painted, and in a transcript."""

from datetime import UTC

import pytest
from rich.style import Style

from pychat.client.mentions import Me
from pychat.tui.log.days import Calendar
from pychat.tui.log.layout import ARRIVED, Layout, heights
from pychat.tui.log.painter import CHOSEN_BAR, REACTION, Ink, marked, paint
from pychat.tui.log.rows import MessageRow, Told, Unsent, is_sent, message_id
from pychat.tui.log.transcript import Transcript
from tests.support.hostile import HOSTILE
from tests.unit.tui.conftest import NOON, Make
from tests.unit.tui.test_painter import CALENDAR, INK, MEDIUM, NARROW, PALETTE, lines, whole

CHOSEN = Style.parse("on #333333")


def transcript(make: Make, count: int = 40, window: int = 10) -> Transcript:
    shown = Transcript(Calendar(UTC))
    messages = [make(seq, f"text {seq}") for seq in range(1, count + 1)]
    shown.show("general", messages, more_before=False, unread_after=None, anchor=None)
    shown.resize(Layout.of(60, narrow=False), window)
    shown.settle()
    return shown


def state(shown: Transcript, seq: int) -> str:
    row = shown.rows.get(message_id(seq))
    assert isinstance(row, MessageRow)
    return row.state


# Actions


def test_an_action_tells_who_does_what(message: Make) -> None:
    assert lines(whole(message(0, "/me waves"))) == ["12:00 ada      * ada waves"]
    assert lines(whole(message(0, "/me *really* waves"))) == ["12:00 ada      * ada really waves"]


@pytest.mark.parametrize("text", ["/me", "/me ", "/me   ", "/meow", " /me waves"])
def test_what_only_looks_like_an_action_is_shown_as_it_is(message: Make, text: str) -> None:
    assert lines(whole(message(0, text)))[0].startswith(
        ("12:00 ada      /me", "12:00 ada       /me")
    )


def test_an_action_with_blocks_is_shown_without_them(message: Make) -> None:
    shown = lines(whole(message(0, "/me says\n- one")))

    assert shown == ["12:00 ada      * ada says", "               - one"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("layout", [MEDIUM, NARROW])
def test_a_hostile_action_is_as_high_as_it_is_measured(
    message: Make, text: str, layout: Layout
) -> None:
    row = whole(message(0, f"/me {text}", sender=text))

    assert heights([row], layout) == [len(paint(row, layout, INK))]
    assert {strip.cell_length for strip in paint(row, layout, INK)} == {layout.width}


# Reactions


def test_reactions_of_ones_own_are_marked_not_by_colour_alone(message: Make) -> None:
    row = whole(message(0, reactions={"👍": ["bob", "Kim"], "🎉": ["bob"]}))
    ink = Ink(PALETTE, CALENDAR, CALENDAR.day(NOON), Me(("kim",)))
    strip = paint(row, MEDIUM, ink)[-1]
    underlined = [text for text, style, _ in strip if style and style.underline]

    assert underlined == ["👍2"]
    assert [style.meta[REACTION] for _, style, _ in strip if style and REACTION in style.meta] == [
        "👍",
        "🎉",
    ]


def test_reactions_that_have_no_room_are_counted(message: Make) -> None:
    row = whole(message(0, reactions={f"word{number}": ["bob"] for number in range(20)}))
    last = lines(row)[-1]

    assert last.strip().startswith("word01 word11")
    assert last.endswith(f"+{20 - last.count('word')}")
    assert len(last) <= MEDIUM.width


@pytest.mark.parametrize("emoji", HOSTILE)
def test_a_hostile_reaction_keeps_to_its_line(message: Make, emoji: str) -> None:
    row = whole(message(0, reactions={emoji: ["bob"], "👍": ["bob"]}))
    painted = paint(row, MEDIUM, INK)

    assert {strip.cell_length for strip in painted} == {MEDIUM.width}
    assert "\x1b" not in painted[-1].text


# States


def test_the_sign_of_arrival_takes_no_line_of_its_own(message: Make) -> None:
    full = "x" * MEDIUM.text

    assert lines(whole(message(0, "on it"), ARRIVED)) == ["12:00 ada      on it" + " " * 39 + "✓"]
    assert lines(whole(message(0, full), ARRIVED)) == [f"12:00 ada      {full}"]
    assert heights([whole(message(0, full), ARRIVED)], MEDIUM) == [1]


def test_states_stand_beside_their_messages_and_go_again(message: Make) -> None:
    shown = transcript(message)
    shown.states({3: "edit queued", 99: "nowhere"})
    assert state(shown, 3) == "edit queued"

    shown.states({4: ARRIVED})

    assert state(shown, 3) == ""
    assert state(shown, 4) == ARRIVED


def test_a_state_of_the_first_message_outlives_older_ones(message: Make) -> None:
    shown = transcript(message)
    shown.states({1: ARRIVED})
    shown.prepend([message(0, "older")], more_before=False)

    assert state(shown, 1) == ARRIVED


# The chosen message


@pytest.mark.parametrize(("layout", "column"), [(MEDIUM, MEDIUM.indent - 1), (NARROW, 0)])
def test_a_chosen_message_has_a_bar_and_another_background(
    message: Make, layout: Layout, column: int
) -> None:
    strips = paint(whole(message(0, "one\ntwo")), layout, INK)
    shown = [marked(strip, layout, PALETTE.text, CHOSEN) for strip in strips]

    assert [strip.text[column] for strip in shown][-2:] == [CHOSEN_BAR, CHOSEN_BAR]
    assert all(style.bgcolor == CHOSEN.bgcolor for strip in shown for _, style, _ in strip if style)
    assert [strip.cell_length for strip in shown] == [strip.cell_length for strip in strips]


def test_what_is_chosen_stays_in_sight_while_others_come(message: Make) -> None:
    shown = transcript(message)
    shown.chosen = 38
    for seq in range(41, 80):
        shown.append([message(seq, f"text {seq}")])
        shown.settle()

    row, above = next(shown.seen(shown.y))
    assert isinstance(row, MessageRow)
    assert (row.message.seq, above) == (38, 0)
    assert not shown.follow


def test_who_has_scrolled_away_from_what_is_chosen_still_follows_the_end(message: Make) -> None:
    shown = transcript(message)
    shown.chosen = 5
    shown.append([message(41)])
    shown.settle()

    assert shown.follow


def test_a_deleted_message_is_not_chosen_any_more(message: Make) -> None:
    shown = transcript(message)
    shown.chosen = 38
    shown.replace(message(38, "edited"))
    assert shown.chosen == 38

    shown.replace(message(38, "", deleted=True))

    assert shown.chosen is None


def test_another_room_has_nothing_chosen_and_the_same_one_anew_has(message: Make) -> None:
    shown = transcript(message)
    shown.chosen = 38
    messages = [message(seq) for seq in range(30, 40)]
    shown.show("general", messages, more_before=True, unread_after=None, anchor=None)
    assert shown.chosen == 38

    shown.show("dev", messages, more_before=True, unread_after=None, anchor=None)

    assert shown.chosen is None


def test_bringing_a_message_scrolls_no_further_than_it_needs(message: Make) -> None:
    shown = transcript(message)
    shown.bring(40)
    assert shown.follow
    shown.bring(20)
    row, above = next(shown.seen(shown.y))
    assert isinstance(row, MessageRow)
    assert (row.message.seq, above) == (20, 0)
    at = shown.y
    shown.bring(25)

    assert shown.y == at


def test_what_is_not_sent_has_no_number(message: Make) -> None:
    shown = transcript(message)
    shown.unsent([Unsent("waits", "kim", NOON, "queued")])
    last = shown.rows.last

    assert isinstance(last, MessageRow)
    assert not is_sent(last.message.seq)
    assert last.told is Told.ALL
