"""The program on a terminal of its own: keys go in, and what is painted can be read.

There are no pseudo-terminals on Windows: whoever imports this is skipped there.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

import pyte

COLUMNS, ROWS = 80, 24


class Terminal:
    """`pychat` with arguments, in the foreground."""

    def __init__(
        self, home: Path, *arguments: str, at: tuple[str, ...] = (), **environment: str
    ) -> None:
        """All that it keeps, it keeps in `home`. `at` stands before the interpreter: another
        network namespace, perhaps."""
        self._home = home
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._painting = threading.Condition()
        self.painted = b""
        """All that has come so far."""
        self.process = subprocess.Popen(
            [*at, sys.executable, "-m", "pychat", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "HOME": str(home)}
            | {
                "XDG_STATE_HOME": "",
                "XDG_DATA_HOME": "",
                "XDG_CONFIG_HOME": "",
                "PYCHAT_CONFIG": "",
            }
            | environment,
        )
        os.close(slave)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def command(self, *arguments: str) -> list[str]:
        """What is run on it."""
        return [sys.executable, "-m", "pychat", *arguments]

    def _read(self) -> None:
        # Reading from a terminal that its last program has left fails on Linux.
        try:
            while painted := os.read(self._master, 65_536):
                with self._painting:
                    self.painted += painted
                    self._stream.feed(painted)
                    self._painting.notify_all()
        except OSError:
            pass

    @property
    def text(self) -> str:
        """What is seen now."""
        with self._painting:
            return "\n".join(self._screen.display)

    def sees(self, *texts: str) -> None:
        """Wait until all of them are on the screen."""
        self.until(lambda: all(text in self.text for text in texts), f"{texts} did not come")

    def paints(self, sequence: bytes) -> None:
        """Wait until it has come, seen or not."""
        self.until(lambda: sequence in self.painted, f"{sequence!r} did not come")

    def until(self, predicate: Callable[[], object], fault: str = "it did not come") -> None:
        """Wait until what is painted is so."""
        deadline = time.monotonic() + PATIENCE
        while not predicate():
            assert time.monotonic() < deadline, f"{fault}:\n{self.text}"
            assert self.process.poll() is None, self.text
            with self._painting:
                self._painting.wait(0.1)

    def keeps(self, pattern: str, text: str) -> None:
        """Wait until the text is on the disk, in a file of that name."""
        deadline = time.monotonic() + PATIENCE
        while not any(text in file.read_text() for file in self._home.rglob(pattern)):
            assert time.monotonic() < deadline, f"{text!r} is in no {pattern}"
            time.sleep(0.02)

    def type(self, text: str) -> None:
        # A terminal takes 4 KiB at a time, and no more before they are read.
        keys = memoryview(text.encode())
        while keys:
            keys = keys[os.write(self._master, keys[:1_024]) :]

    def paste(self, text: str) -> None:
        self.type(f"\x1b[200~{text}\x1b[201~")

    def end(self) -> int:
        """Wait for it and for all that it has painted; its exit code."""
        code = self.process.wait(PATIENCE)
        self._reading.join(PATIENCE)
        return code

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.end()

    def close(self) -> None:
        """In the way in which it takes with it what it has begun."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.end()
        os.close(self._master)


OpenTerminal = Callable[..., Terminal]
"""By the fixture `terminal`: with arguments for `pychat`."""
