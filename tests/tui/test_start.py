"""The terminal client as a program of its own, on a terminal of its own."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

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


async def test_a_profile_is_gone_into_and_what_is_wrong_in_the_file_is_told(
    hall: RunningHall, terminal: OpenTerminal
) -> None:
    for key, value in (("look.theme", "nord"), ("keys.preset", "irc")):
        assert await asyncio.to_thread(terminal("config", "set", key, value).end) == 0
    path = terminal("config", "path")
    assert await asyncio.to_thread(path.end) == 0
    file = Path(path.painted.decode().strip())
    profile = f"[profiles.work]\nhost = '{hall.address}'\nname = 'kim'\nrooms = ['dev']\n"
    await asyncio.to_thread(_add, file, f"{profile}theme = 'nrd'\n")

    person = terminal("tui", "work")
    await asyncio.to_thread(person.sees, "this is the beginning of #dev", "F2 · F1 help")
    await asyncio.to_thread(person.type, "\x1b0")
    await asyncio.to_thread(person.sees, "profiles.work.theme", "You are kim in")
    person.process.terminate()

    assert await asyncio.to_thread(person.end) == 128 + signal.SIGTERM
    again = terminal("tui")
    await asyncio.to_thread(again.sees, "Which Hall?", "work", hall.address)


def _add(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text()}\n{text}")


def test_textual_is_not_loaded_before_the_frame_rate_is_set() -> None:
    assert subprocess.run([sys.executable, "-c", TEXTUAL_LOADED], check=False).returncode == 0
