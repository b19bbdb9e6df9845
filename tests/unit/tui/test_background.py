"""The terminal's answer about its background: never seen as keys, whatever comes of it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from pychat.tui.background import (
    BROKEN_SECONDS,
    KEY_SECONDS,
    Answers,
    BackgroundTold,
    colour_of,
    may_ask,
    teach_answers,
    told_by,
)

ANSWER = "\x1b]11;rgb:ffff/fefe/fdfd"
ENDS = ["\a", "\x1b\\", "\x9c"]
WHITE = (255, 254, 253)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answers(clock: Clock) -> Answers:
    return Answers(clock)


@pytest.mark.parametrize("end", ENDS)
def test_an_answer_is_taken_out_of_what_is_typed(answers: Answers, end: str) -> None:
    assert answers.take(f"a{ANSWER}{end}b") == ("ab", [WHITE])


@pytest.mark.parametrize("end", ENDS)
def test_an_answer_in_two_pieces_leaves_nothing_wherever_it_is_cut(end: str) -> None:
    whole = ANSWER + end
    for cut in range(1, len(whole)):
        answers = Answers(Clock())
        first, none = answers.take(whole[:cut])
        second, colours = answers.take(f"{whole[cut:]}b")
        assert none == []
        assert colours == [WHITE]
        # Where it is cut behind its ESC, that is made the beginning of something that is ignored.
        assert first + second == ("\x1b[?2026;0$yb" if cut == 1 else "b")


@pytest.mark.parametrize("end", ENDS)
def test_an_answer_that_comes_character_by_character_leaves_nothing(end: str) -> None:
    answers = Answers(Clock())

    found = [answers.take(char) for char in f"{ANSWER}{end}b"]

    assert "".join(left for left, _ in found) == "\x1b[?2026;0$yb"
    assert list(itertools.chain(*(colours for _, colours in found))) == [WHITE]


@pytest.mark.parametrize("key", ["\x1b]", "\x1b]1", "\x1b]11"])
def test_what_may_be_a_key_is_passed_on_after_a_moment(
    answers: Answers, clock: Clock, key: str
) -> None:
    assert answers.take(key) == ("", [])
    clock.now = KEY_SECONDS - 0.001
    assert answers.late() == ""
    clock.now = KEY_SECONDS
    assert answers.late() == key
    assert answers.late() == ""


def test_the_key_after_esc_is_passed_on_as_that_key(answers: Answers, clock: Clock) -> None:
    assert answers.take("\x1b") == ("\x1b", [])
    assert answers.take("]") == ("", [])
    clock.now = KEY_SECONDS
    assert answers.late() == "]"

    answers.take("\x1b")
    clock.now = 9.0
    assert answers.take("]") == ("]", [])


def test_an_answer_that_is_never_finished_is_dropped(answers: Answers, clock: Clock) -> None:
    assert answers.take(ANSWER) == ("", [])
    clock.now = BROKEN_SECONDS
    assert answers.late() == ""
    assert answers.take("hello") == ("hello", [])


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        (f"{ANSWER}hello", "hello"),
        (f"{ANSWER}\x1b[A", "\x1b[A"),
        ("\x1b]11;nonsense\ax", "x"),
        ("\x1b]11;nonsense\x1b\\x", "x"),
        ("\x1b]11;rgb:nonsense", "nonsense"),
        (f"\x1b]11;{'f' * 41}x", "fx"),
        ("\x1b]52;c;x\a", "\x1b]52;c;x\a"),
        ("\x1b]11x", "\x1b]11x"),
        ("\x1bOP", "\x1bOP"),
        ("\x1b[200~]11;\x1b[201~", "\x1b[200~]11;\x1b[201~"),
    ],
)
def test_what_goes_on_otherwise_is_kept(answers: Answers, typed: str, left: str) -> None:
    assert answers.take(typed) == (left, [])


def test_an_answer_without_a_colour_is_none(answers: Answers) -> None:
    assert answers.take("\x1b]11;rgb:\a") == ("", [])


@given(st.lists(st.text("\x1b]11;rgb:f/\a\\[Aab", max_size=8), max_size=12))
def test_nothing_that_is_no_answer_is_lost_or_moved(pieces: list[str]) -> None:
    clock = Clock()
    answers = Answers(clock)
    left = ""
    for piece in filter(None, pieces):
        left += answers.take(piece)[0]
    clock.now = KEY_SECONDS
    left += answers.late()

    typed = iter("".join(pieces))
    assert all(char in typed for char in left.replace("[?2026;0$y", ""))


def test_textual_reads_what_is_left_as_keys() -> None:
    teach_answers()
    teach_answers()
    parser = XTermParser()

    told = [*parser.feed("a\x1b"), *parser.feed(f"{ANSWER[1:]}\ab")]

    keys = [event.key for event in told if isinstance(event, events.Key)]
    assert keys == ["a", "b"]
    assert [event.colour for event in told if isinstance(event, BackgroundTold)] == [WHITE]


@pytest.mark.parametrize(
    ("answer", "colour"),
    [
        ("rgb:1e1e/1e1e/1e1e", (30, 30, 30)),
        ("rgb:f/8/0", (255, 136, 0)),
        ("RGBA:FF/FF/FF/80", (255, 255, 255)),
        ("#fdf6e3", (253, 246, 227)),
        ("rgb:fffff/0/0", None),
        ("rgb:ff/ff", None),
        ("", None),
    ],
)
def test_a_colour_is_written_in_several_ways(
    answer: str, colour: tuple[int, int, int] | None
) -> None:
    assert colour_of(answer) == colour


@pytest.mark.parametrize(
    ("value", "light"),
    [
        ("15;0", False),
        ("0;15", True),
        ("0;default;15", True),
        ("0;7", True),
        ("7;8", False),
        ("", None),
        ("0;default", None),
        ("0;16", None),
        ("0;²", None),
    ],
)
def test_the_environment_may_tell_light_from_dark(value: str, light: bool | None) -> None:
    colour = told_by({"COLORFGBG": value})
    assert (colour is None) if light is None else colour == ((255,) * 3 if light else (0,) * 3)


def test_a_console_that_would_show_the_question_is_not_asked() -> None:
    assert may_ask({"TERM": "xterm-256color"})
    assert not may_ask({"TERM": "linux"})
