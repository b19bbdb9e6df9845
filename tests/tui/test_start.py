"""The terminal client as a program of its own, on a terminal of its own."""

import asyncio
import signal
import subprocess
import sys

from tests.support.hall import RunningHall
from tests.support.terminal import OpenTerminal

TEXTUAL_LOADED = "import sys, pychat.tui.start; sys.exit('textual' in sys.modules)"

BACK = b"\x1b[?1049l"
"""Leaves the alternate screen."""


def test_a_hall_that_is_not_there_is_told_in_one_line_after_the_screen_is_back(
    terminal: OpenTerminal,
) -> None:
    person = terminal("tui", "127.0.0.1:1", "--name", "kim")

    assert person.end() == 1
    after = person.painted.rpartition(BACK)[2].decode()
    assert "Nobody is listening at 127.0.0.1:1." in after
    assert b"Traceback" not in person.painted


async def test_a_signal_ends_it_with_the_terminal_as_it_was(
    hall: RunningHall, terminal: OpenTerminal
) -> None:
    person = terminal("tui", hall.address, "--name", "kim")
    await asyncio.to_thread(person.sees, "There is no room yet")
    person.process.terminate()

    assert await asyncio.to_thread(person.end) == 128 + signal.SIGTERM
    assert BACK in person.painted


def test_textual_is_not_loaded_before_the_frame_rate_is_set() -> None:
    assert subprocess.run([sys.executable, "-c", TEXTUAL_LOADED], check=False).returncode == 0
