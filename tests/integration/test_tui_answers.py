"""What is written to a real terminal beside what is painted, and what a terminal answers."""

import re
from collections.abc import Callable

import pytest

from pychat.tui import background, osc
from tests.support.processes import Serve, Start
from tests.support.terminal import OpenTerminal

WHITE = b"\x1b]11;rgb:ffff/ffff/ffff"
LIGHT_GROUND = b"48;2;224;224;224"
"""The background of Textual's light theme."""
DARK_GROUND = b"48;2;18;18;18"
PLAIN = {"TERM_PROGRAM": "", "TMUX": "", "STY": "", "KITTY_WINDOW_ID": "", "COLORFGBG": ""}
PLAIN["COLORTERM"] = "truecolor"


def whole(answer: str) -> list[str]:
    return [answer]


def in_pieces(answer: str) -> list[str]:
    return [answer[:1], answer[1:7], answer[7:20], answer[20:]]


@pytest.mark.parametrize("cut", [whole, in_pieces])
@pytest.mark.parametrize("end", ["\a", "\x1b\\"])
def test_a_light_terminal_gets_the_light_theme_and_nothing_of_its_answer_is_typed(
    terminal: OpenTerminal, serve_process: Serve, cut: Callable[[str], list[str]], end: str
) -> None:
    person = terminal("tui", serve_process().address, "--name", "kim", **PLAIN)
    person.paints(background.QUESTION.encode())

    for piece in cut(WHITE.decode() + end):
        person.type(piece)
    person.paints(LIGHT_GROUND)

    person.sees("You are kim")
    person.type("said")
    person.sees("│ said ")
    assert "rgb" not in person.text


@pytest.mark.parametrize("answer", ["", "\x1b]11;rgb:ffff", "\x1b]11;what?\a", "\x1b]11;rgb:\a"])
def test_without_an_answer_or_with_a_broken_one_it_is_dark(
    terminal: OpenTerminal, serve_process: Serve, answer: str
) -> None:
    person = terminal("tui", serve_process().address, "--name", "kim", **PLAIN)
    person.sees("You are kim")
    person.type(answer)
    person.type("\x1b[Dsaid")
    person.sees("said ")

    assert DARK_GROUND in person.painted
    assert "rgb" not in person.text


def test_the_environment_tells_where_the_terminal_does_not(
    terminal: OpenTerminal, serve_process: Serve
) -> None:
    environment = PLAIN | {"COLORFGBG": "0;15"}
    person = terminal("tui", serve_process().address, "--name", "kim", **environment)
    person.sees("You are kim")

    assert LIGHT_GROUND in person.painted


def test_the_window_has_a_title_and_its_own_again_in_the_end(
    terminal: OpenTerminal, serve_process: Serve
) -> None:
    person = terminal("tui", serve_process().address, "--name", "kim", **PLAIN)
    person.sees("You are kim")
    person.type("/join tea\r")
    person.paints("\x1b]0;pychat — #tea\a".encode())
    person.type("/quit\r")

    assert person.end() == 0
    titles = re.findall(rb"\x1b\]0;[^\a]*\a|\x1b\[2[23];0t", person.painted)
    assert titles[0] == osc.PUSH_TITLE.encode()
    assert titles[-1] == osc.POP_TITLE.encode()


def test_a_notification_and_the_bell_leave_once_where_the_person_does_not_look(
    terminal: OpenTerminal, serve_process: Serve, start: Start
) -> None:
    hall = serve_process()
    person = terminal("tui", hall.address, "--name", "kim", **PLAIN)
    person.sees("You are kim")
    person.type("/join tea\r")
    person.sees("beginning of #tea")
    # The terminal tells that it has lost the focus.
    person.type("\x1b[O")

    start("send", hall.address, "tea", "@kim the ;4;1 kettle", "--name", "ada").end()
    person.paints(b"\x1b]9;ada in #tea: @kim the ,4,1 kettle\a")

    assert person.painted.count(b"\x1b]9;") == 1
    assert re.search(rb"(?<!\x1b\])\a\x1b\]9;", person.painted)


def test_it_is_wrapped_in_tmux(terminal: OpenTerminal, serve_process: Serve, start: Start) -> None:
    hall = serve_process()
    environment = PLAIN | {"TMUX": "socket,1,0"}
    person = terminal("tui", hall.address, "--name", "kim", **environment)
    person.sees("You are kim")
    person.type("/join tea\r")
    person.sees("beginning of #tea")
    person.type("\x1b[O")

    start("send", hall.address, "tea", "@kim hi", "--name", "ada").end()
    person.paints(b"\x1bPtmux;\x1b\x1b]9;ada in #tea: @kim hi\a\x1b\\")
