"""A paste through a real terminal: told by the terminal or not, nothing of it is sent by itself."""

from collections.abc import Callable

import pytest

from tests.support.processes import Serve, Start
from tests.support.terminal import OpenTerminal, Terminal

LINES = [f"line {number}" for number in range(2_000)]
"""More than a terminal holds at a time."""


def bracketed(person: Terminal, text: str) -> None:
    person.paste(text)


def plain(person: Terminal, text: str) -> None:
    person.type(text)


@pytest.mark.parametrize("paste", [bracketed, plain])
def test_nothing_of_a_paste_is_sent_before_a_key_is_pressed(
    terminal: OpenTerminal, serve_process: Serve, start: Start, paste: Callable[..., None]
) -> None:
    hall = serve_process()
    tail = start("tail", hall.address, "general")
    person = terminal("tui", hall.address, "--name", "kim")
    person.sees("You are kim")
    person.type("/join general\r")
    person.sees("this is the beginning of #general")

    paste(person, "\r".join(LINES))
    person.sees("2,000 lines")
    # What follows at once is taken for more of it, unless it is no text.
    person.type("\x1b[De")
    person.sees("line 1999")
    person.type("\x03")
    person.sees("cleared")
    paste(person, "one\rtwo\r")
    person.sees("two")
    person.type("\x03")
    person.sees("cleared")
    person.type("said")
    person.sees("said")
    person.type("\r")

    assert tail.output.next().endswith("said")
