"""The terminal program and the Hall as processes: what was typed survives the end of both."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, Serve, Start

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

import pyte

LINES = [f"line {number}" for number in range(5)]


class Terminal:
    """`pychat tui` on a terminal of its own, and what is seen there."""

    def __init__(self, address: str, state: Path) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self._seeing = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pychat", "tui", address, "--name", "kim"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": str(state)},
        )
        os.close(slave)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        # Reading from a terminal that its last program has left fails on Linux.
        try:
            while painted := os.read(self._master, 65_536):
                with self._seeing:
                    self._stream.feed(painted)
        except OSError:
            pass

    @property
    def text(self) -> str:
        with self._seeing:
            return "\n".join(self._screen.display)

    def sees(self, *texts: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not all(text in self.text for text in texts):
            assert time.monotonic() < deadline, f"{texts} did not come:\n{self.text}"
            assert self.process.poll() is None, self.text
            time.sleep(0.02)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def kill(self) -> None:
        """Harmless if told twice."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._reading.join(PATIENCE)
        if self._master >= 0:
            os.close(self._master)
            self._master = -1


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    terminals: list[Terminal] = []

    def open_terminal(address: str) -> Terminal:
        terminals.append(Terminal(address, tmp_path / "state"))
        return terminals[-1]

    yield open_terminal
    for each in terminals:
        each.kill()


def test_what_is_typed_without_a_hall_arrives_once_in_order_after_both_were_killed(
    terminal: Callable[[str], Terminal], serve_process: Serve, start: Start
) -> None:
    hall = serve_process()
    first = terminal(hall.address)
    first.sees("You are kim")
    first.type("/join general\r")
    first.sees("this is the beginning of #general")
    hall.signal(signal.SIGKILL)
    hall.end()
    first.sees("reconnecting")
    for line in LINES:
        first.type(f"{line}\r")
    first.sees(*LINES, "5 queued")
    first.kill()

    again = serve_process("--port", str(hall.port))
    tail = start("tail", again.address, "general", "-n", "50")
    second = terminal(again.address)
    second.sees("You are back in #general.")

    told = [tail.output.next() for _ in LINES]
    assert [line.split("kim", 1)[1].strip(" :>") for line in told] == LINES
    second.type("\x1b1")
    second.sees(*LINES)
    second.type("the last\r")
    assert tail.output.next().endswith("the last")
    assert all(second.text.count(line) == 1 for line in LINES)
