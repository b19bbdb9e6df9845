"""What was found, on one line, with what was searched for marked."""

from datetime import UTC
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.tui.hits import excerpt, found_line, marks
from pychat.tui.screens.search import said_at
from tests.support.hostile import HOSTILE
from tests.unit.tui.conftest import NOON, Make


def marked(text: str, query: str) -> list[str]:
    return [text[begin:end] for begin, end in marks(text, query)]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("an apple a day", "apple", ["apple"]),
        ("an Apple a day", "aPPle", ["Apple"]),
        ("Äpfel und Apfel", "apfel", ["Äpfel", "Apfel"]),
        ("pineapple, apple", "apple", ["apple"]),
        ("pineapple", "apple", ["apple"]),
        ("red apple, green pear", "pear red", ["red", "pear"]),
        ("apples", "app apples", ["apples"]),
        ("明日は晴れ", "晴", ["晴"]),
        ("Straße", "strasse", ["Straße"]),
        ("nothing of that", "apple", []),
        ("anything", "", []),
        ("a.b", "...", []),
    ],
)
def test_words_are_marked_where_the_hall_finds_them(
    text: str, query: str, found: list[str]
) -> None:
    assert marked(text, query) == found


def test_a_text_that_is_cut_shows_its_first_mark_from_the_beginning_of_a_word() -> None:
    content = excerpt(f"{'word ' * 50}needle in the hay", "needle", 30)

    assert content.plain == "…word word needle in the hay"
    [span] = content.spans
    assert content.plain[span.start : span.end] == "needle"


def test_lines_become_one() -> None:
    assert excerpt("one\n\ttwo\r\nthree", "two", 30).plain == "one two three"


def test_what_was_found_is_shown_without_its_marks_and_a_spoiler_stays_covered() -> None:
    code = "\n".join(["```", *map(str, range(20)), "needle", "```"])

    assert excerpt("**a** needle `in` it", "needle", 40).plain == "a needle `in` it"
    assert excerpt("a ||needle|| in it", "needle", 40).plain == "a ▒▒▒▒▒▒ in it"
    assert excerpt(code, "needle", 20).plain.endswith("needle")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_on_its_line(message: Make, text: str) -> None:
    found = message(1, text, sender=text[:32] or "x", room=text[:64] or "x")

    line = found_line(found, "12:00", "x a", 60, room=True)

    assert line.cell_length <= 60
    assert not {char for char in line.plain if ord(char) < 32 or ord(char) in range(127, 160)}
    assert "\u202e" not in line.plain


@given(st.text(max_size=60), st.text(max_size=10))
def test_marks_are_inside_of_the_text_and_apart(text: str, query: str) -> None:
    spans = marks(text, query)

    assert all(0 <= begin < end <= len(text) for begin, end in spans)
    assert all(a[1] < b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("before", "said"),
    [(0, "12:00"), (24 * 3_600_000, "11-14 12:00"), (400 * 24 * 3_600_000, "2022-10-11")],
)
def test_the_time_is_told_as_exactly_as_it_matters(before: int, said: str) -> None:
    assert said_at(NOON - before, NOON, UTC) == said
    plain = said_at(NOON - before, NOON, UTC, "12h")
    assert plain == said.replace("12:00", "12:00pm").ljust(13)


@pytest.mark.parametrize("time", [0, -(10**15), 2**53 - 1])
def test_a_time_that_no_calendar_has_is_harmless(time: int) -> None:
    assert len(said_at(time, NOON, UTC)) <= 11
