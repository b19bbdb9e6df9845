"""Sequences for the terminal: what is in them comes from others, and must stay text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.tui import osc
from pychat.tui.osc import Dialect, dialect_of, notification, wrapper_of
from tests.support.hostile import HOSTILE

DIALECTS: list[Dialect] = ["osc 9", "osc 777", "osc 99"]
ONE_OSC = re.compile(r"\x1b\][^\x00-\x1f\x7f-\x9f]*\x07")


@pytest.mark.parametrize(
    ("environ", "dialect"),
    [
        ({"TERM": "xterm-256color"}, "osc 9"),
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, "osc 99"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, "osc 777"),
        ({"TERM": "foot-extra"}, "osc 777"),
        ({"TERM": "rxvt-unicode-256color"}, "osc 777"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "osc 777"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "osc 9"),
        # Started from kitty's shell, and another terminal.
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode", "KITTY_WINDOW_ID": "1"}, "osc 9"),
        ({"TERM": "foot", "KITTY_WINDOW_ID": "1"}, "osc 777"),
        (
            {"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "TMUX": "x", "KITTY_WINDOW_ID": "1"},
            "osc 99",
        ),
        ({"TERM": "screen", "STY": "x", "WEZTERM_PANE": "0"}, "osc 777"),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "TMUX": "x"}, "osc 9"),
        ({"TERM": "linux"}, "none"),
        ({"TERM": "dumb"}, "none"),
        ({}, "none"),
    ],
)
def test_the_environment_tells_which_notifications_the_terminal_knows(
    environ: dict[str, str], dialect: Dialect
) -> None:
    assert dialect_of(environ) == dialect


def test_a_notification_has_title_and_text() -> None:
    assert notification("ada in #dev", "hi", "osc 9") == "\x1b]9;ada in #dev: hi\a"
    assert notification("ada", "hi", "osc 777") == "\x1b]777;notify;ada;hi\a"
    assert notification("ada", "hi", "osc 99") == (
        "\x1b]99;i=pychat:d=0:p=title;ada\a\x1b]99;i=pychat:d=1:p=body;hi\a"
    )
    assert notification("ada", "hi", "none") == ""


def test_it_is_wrapped_for_what_lies_between() -> None:
    assert wrapper_of({"TMUX": "socket,1,0"}) == "tmux"
    assert wrapper_of({"STY": "1.pts"}) == "screen"
    assert notification("ada", "hi", "osc 9", "tmux") == "\x1bPtmux;\x1b\x1b]9;ada: hi\a\x1b\\"
    assert notification("ada", "hi", "osc 9", "screen") == "\x1bP\x1b]9;ada: hi\a\x1b\\"


@pytest.mark.parametrize("bad", HOSTILE)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_text_ends_its_sequence_or_begins_another(bad: str, dialect: Dialect) -> None:
    found = notification(bad, bad, dialect)

    assert "".join(ONE_OSC.findall(found)) == found
    assert len(ONE_OSC.findall(found)) == (2 if dialect == "osc 99" else 1)
    assert ONE_OSC.fullmatch(osc.title(bad))


@given(st.text())
def test_no_text_at_all_does(text: str) -> None:
    for dialect in DIALECTS:
        found = notification(text, text, dialect)
        assert "".join(ONE_OSC.findall(found)) == found
        # In 777 a semicolon would begin another field, in 9 another command.
        assert found.count(";") == {"osc 9": 1, "osc 777": 3, "osc 99": 4}[dialect]


def test_a_title_is_cut() -> None:
    assert osc.title("x" * 1_000) == f"\x1b]0;{'x' * osc.TITLE_CHARS}\a"
