"""`pychat chat` on a terminal: whose Hall it goes into, and what is left behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, Serve, run

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import pty


class Chat:
    """`pychat chat` on a terminal of its own."""

    def __init__(self, port: int, home: Path) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pychat", "chat", "--port", str(port)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", "HOME": str(home), "XDG_DATA_HOME": ""},
        )
        os.close(slave)
        self.painted = b""
        self._painting = threading.Event()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        # Reading from a terminal that its last program has left fails on Linux.
        try:
            while painted := os.read(self._master, 65_536):
                self.painted += painted
                self._painting.set()
        except OSError:
            pass
        self._painting.set()

    def wait_for_screen(self) -> None:
        assert self._painting.wait(PATIENCE)
        assert self.process.poll() is None

    def stop(self) -> None:
        """Harmless if told twice."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(PATIENCE)
        self._reading.join(PATIENCE)
        if self._master >= 0:
            os.close(self._master)
            self._master = -1


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Callable[[int], Chat]]:
    chats: list[Chat] = []

    def start(port: int) -> Chat:
        chats.append(Chat(port, tmp_path))
        return chats[-1]

    yield start
    for each in chats:
        each.stop()


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_hall_that_it_opened_ends_with_it(
    chat: Callable[[int], Chat], free_port: int, number: signal.Signals
) -> None:
    ours = chat(free_port)
    ours.wait_for_screen()
    assert run("rooms", f"127.0.0.1:{free_port}").returncode == 0

    ours.process.send_signal(number)

    assert ours.process.wait(PATIENCE) != 0
    assert run("rooms", f"127.0.0.1:{free_port}").returncode == 4


def test_a_hall_that_was_there_is_used_and_left_open(
    chat: Callable[[int], Chat], serve_process: Serve
) -> None:
    hall = serve_process()
    ours = chat(hall.port)
    ours.wait_for_screen()

    ours.process.terminate()

    ours.process.wait(PATIENCE)
    assert run("rooms", hall.address).returncode == 0
    assert hall.process.poll() is None


def test_a_port_that_another_program_has_is_told_as_the_reason(
    chat: Callable[[int], Chat],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        accepting = threading.Thread(target=lambda: stranger.accept()[0].close())
        accepting.start()
        ours = chat(stranger.getsockname()[1])

        assert ours.process.wait(PATIENCE) == 1
        accepting.join()

    ours.stop()
    assert ours.painted.startswith(b"pychat chat: cannot listen on 127.0.0.1")
