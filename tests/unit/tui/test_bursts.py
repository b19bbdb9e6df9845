"""What a terminal without bracketed paste sends: a paste is told from typing."""

from collections.abc import Iterable

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from pychat.tui.bursts import GOES_ON_SECONDS, Bursts, teach_bursts


def arrived(*readings: str) -> list[str]:
    teach_bursts()
    parser = XTermParser()

    def read() -> Iterable[str]:
        for reading in readings:
            for event in parser.feed(reading):
                if isinstance(event, events.Key):
                    yield event.key
                elif isinstance(event, events.Paste):
                    yield f"paste {event.text}"

    return list(read())


@pytest.mark.parametrize(
    "pasted", ["one\rtwo", "one\rtwo\r", "one\r\rtwo", "one\n\ttwo", "\rone", "a\rb", "é\r☕"]
)
def test_enter_in_the_middle_of_a_reading_is_a_paste(pasted: str) -> None:
    assert arrived(pasted) == [f"paste {pasted}"]


def test_typing_is_keys() -> None:
    assert arrived("ab") == ["a", "b"]
    assert arrived("a", "\r", "b") == ["a", "enter", "b"]
    assert arrived("a\r") == ["a", "enter"]
    assert arrived("\r\r") == ["enter", "enter"]


def test_keys_that_are_more_than_letters_are_keys() -> None:
    assert arrived("a\r\x1b[A") == ["a", "enter", "up"]
    assert arrived("a\r\x7fb") == ["a", "enter", "backspace", "b"]


def test_a_bracketed_paste_is_left_alone_wherever_it_is_torn() -> None:
    sent = "\x1b[200~one\rtwo\rthree\x1b[201~"
    for at in range(1, len(sent)):
        assert arrived(sent[:at], sent[at:]) == ["paste one\rtwo\rthree"], at


def test_after_a_bracketed_paste_it_is_told_again() -> None:
    assert arrived("\x1b[200~one\x1b[201~", "two\rthree") == ["paste one", "paste two\rthree"]


def test_the_end_of_a_large_paste_sends_nothing() -> None:
    assert arrived("one\rtwo", "three\r") == ["paste one\rtwo", "paste three\r"]


def test_a_key_that_is_no_text_ends_a_paste() -> None:
    assert arrived("one\rtwo", "\x1b[D", "x\r") == ["paste one\rtwo", "left", "x", "enter"]


@pytest.mark.parametrize(("seconds", "is_paste"), [(0.05, False), (0.1, True), (60.0, True)])
def test_a_paste_after_escape_was_pressed_is_one(seconds: float, is_paste: bool) -> None:
    now = [0.0]
    bursts = Bursts(lambda: now[0])
    assert not bursts.is_paste("\x1b")
    now[0] = seconds

    assert bursts.is_paste("one\rtwo") is is_paste


@pytest.mark.parametrize(
    ("seconds", "goes_on"),
    [(GOES_ON_SECONDS - 0.01, True), (GOES_ON_SECONDS, False), (GOES_ON_SECONDS + 0.01, False)],
)
def test_what_is_typed_after_a_paste_is_typing(seconds: float, goes_on: bool) -> None:
    now = [0.0]
    bursts = Bursts(lambda: now[0])
    assert bursts.is_paste("one\rtwo")
    now[0] = seconds

    assert bursts.is_paste("x\r") is goes_on
