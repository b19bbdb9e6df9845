"""The terminal client as a program of its own, on a terminal of its own."""

import asyncio
import os
import pty
import signal
import subprocess
import sys
from typing import Self

from tests.support.hall import RunningHall

PROGRAM = """
import sys
from pychat.client import Address
from pychat.tui.start import run
sys.exit(run(Address("127.0.0.1", {port}), "kim"))
"""

TEXTUAL_LOADED = "import sys, pychat.tui.start; sys.exit('textual' in sys.modules)"

BACK = b"\x1b[?1049l"
"""Leaves the alternate screen."""


class OnATerminal:
    def __init__(self, port: int) -> None:
        self._ours, theirs = pty.openpty()
        self.painted = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(port=port)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"TERM": "xterm-256color", "LINES": "24", "COLUMNS": "80"},
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def read_until(self, text: bytes) -> None:
        while text not in self.painted and self._read():
            pass
        assert text in self.painted

    def read_to_the_end(self) -> int:
        """The exit code."""
        while self._read():
            pass
        return self.process.wait(timeout=10)

    def _read(self) -> bool:
        try:
            chunk = os.read(self._ours, 65_536)
        except OSError:
            # The program has gone, and its end of the terminal with it.
            return False
        self.painted += chunk
        return bool(chunk)


def test_a_hall_that_is_not_there_is_told_in_one_line_after_the_screen_is_back() -> None:
    with OnATerminal(port=1) as terminal:
        assert terminal.read_to_the_end() == 1

        after = terminal.painted.rpartition(BACK)[2].decode()
        assert "Nobody is listening at 127.0.0.1:1." in after
        assert b"Traceback" not in terminal.painted


async def test_a_signal_ends_it_with_the_terminal_as_it_was(hall: RunningHall) -> None:
    with OnATerminal(hall.port) as terminal:
        await asyncio.to_thread(terminal.read_until, b"Looking for rooms")
        await asyncio.to_thread(terminal.read_until, b"There is no room yet")
        terminal.process.terminate()

        assert await asyncio.to_thread(terminal.read_to_the_end) == 128 + signal.SIGTERM
        assert BACK in terminal.painted


def test_textual_is_not_loaded_before_the_frame_rate_is_set() -> None:
    assert subprocess.run([sys.executable, "-c", TEXTUAL_LOADED], check=False).returncode == 0
