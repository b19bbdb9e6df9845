"""A Hall of its own for a benchmark, and the terminal program in it; both are gone afterwards."""

import contextlib
import itertools
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.client.terminal import PATIENCE, Terminal

FOLDERS = {"hall": Path(), "client": Path()}
"""Checkouts of pychat, from which the one and the other is run."""

ROOM = "general"
ME = "me"
_CTRL_Q = b"\x11"
BOARD = "/join ROOM"
"""Painted with the Hall's screen, and with no other."""

_starts = itertools.count(1)


@contextlib.contextmanager
def hall() -> Iterator[int]:
    """`pychat serve --flood off` in a process; gives its port."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="pychat-bench-") as data:
        command = [sys.executable, "-m", "pychat", "serve", "--port", str(port), "--data", data]
        process = subprocess.Popen(
            [*command, "--flood", "off", "--quiet"], stdout=subprocess.DEVNULL, cwd=FOLDERS["hall"]
        )
        try:
            _await_listener(port)
            yield port
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def program(port: int) -> Iterator[Terminal]:
    """`pychat tui`, just started."""
    with tempfile.TemporaryDirectory(prefix="pychat-bench-") as home:
        environment = {"HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
        # Each has a key of its own, so that a name is never free again.
        name = f"{ME}-{next(_starts)}"
        command = [sys.executable, "-m", "pychat", "tui", f"127.0.0.1:{port}", "--name", name]
        with Terminal(command, environment, FOLDERS["client"]) as terminal:
            yield terminal
            # Not by a signal: then its name would be kept for it for a while.
            terminal.write(_CTRL_Q)


@contextlib.contextmanager
def in_room(port: int) -> Iterator[Terminal]:
    """`pychat tui` in the room, at rest."""
    with program(port) as terminal:
        terminal.wait_for(BOARD)
        terminal.rest()
        terminal.write(f"/join {ROOM}\r".encode())
        terminal.wait_for("Ctrl+J new line")
        terminal.rest()
        yield terminal


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_listener(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
