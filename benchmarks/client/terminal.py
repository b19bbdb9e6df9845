"""A command on a pseudo-terminal of 120x40, as a person at a terminal sees it, and what it costs.

CPU is that of all threads of the process, by the kernel's clock for it.
"""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

COLUMNS, LINES = 120, 40
PATIENCE = 60.0
"""Seconds after which what does not come is a fault."""
_TAIL = 4_096
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Terminal:
    """Draining: whoever waits for something reads what comes meanwhile."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._seen = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(environment)
            # Those who use it have it compiled.
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            os.chdir(folder)
            os.execvp(command[0], command)  # noqa: S606
        self.resize(COLUMNS, LINES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """When it has ended; if need be it is made to."""
        while self.read(5.0):
            pass
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def read(self, seconds: float) -> bytes:
        """What comes within so long; nothing also when it has ended."""
        if not select.select([self._fd], [], [], max(0.0, seconds))[0]:
            return b""
        try:
            self._seen = b""
            return os.read(self._fd, 65_536)
        except OSError:
            return b""  # the other end is closed: Linux says so with EIO

    def write(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def wait_for(self, text: str, seconds: float = PATIENCE) -> None:
        """Return when it has been painted, since what was last waited for or read."""
        wanted, end = text.encode(), time.monotonic() + seconds
        while (at := self._seen.find(wanted)) < 0:
            seen = self._seen[-_TAIL:]
            came = self.read(end - time.monotonic())
            if not came:
                raise TimeoutError(f"{text!r} was not painted within {seconds:g} s")
            self._seen = seen + came
        self._seen = self._seen[at + len(wanted) :]

    def rest(self, seconds: float = 0.25) -> None:
        """Return when nothing has been painted for so long."""
        while self.read(seconds):
            pass

    def drain(self, seconds: float) -> None:
        """Read for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def cpu(self) -> float:
        """Milliseconds since it began."""
        # The number that clock_getcpuclockid gives for a process.
        return time.clock_gettime((~self.pid << 3) | 2) * 1_000

    def waited(self) -> float:
        """Milliseconds for which its main thread had something to do and no processor."""
        return waited(self.pid)

    def resident(self) -> int:
        """Bytes of memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE


def waited(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e6
