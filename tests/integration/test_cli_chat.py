"""`pychat chat` on a terminal: whose Hall it goes into, and what is left behind."""

import signal
import socket
import threading

import pytest

from tests.support.processes import Serve, run
from tests.support.terminal import OpenTerminal


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_hall_that_it_opened_ends_with_it(
    terminal: OpenTerminal, free_port: int, number: signal.Signals
) -> None:
    chat = terminal("chat", "--port", str(free_port))
    chat.sees("What should people call you?")
    assert run("rooms", f"127.0.0.1:{free_port}").returncode == 0

    chat.process.send_signal(number)

    assert chat.end() != 0
    assert run("rooms", f"127.0.0.1:{free_port}").returncode == 4


def test_a_hall_that_was_there_is_used_and_left_open(
    terminal: OpenTerminal, serve_process: Serve
) -> None:
    hall = serve_process()
    chat = terminal("chat", "--port", str(hall.port))
    chat.sees("What should people call you?")

    chat.process.terminate()

    chat.end()
    assert run("rooms", hall.address).returncode == 0
    assert hall.process.poll() is None


def test_a_port_that_another_program_has_is_told_as_the_reason(terminal: OpenTerminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        accepting = threading.Thread(target=lambda: stranger.accept()[0].close())
        accepting.start()
        chat = terminal("chat", "--port", str(stranger.getsockname()[1]))

        assert chat.end() == 1
        accepting.join()

    assert chat.painted.startswith(b"pychat chat: cannot listen on 127.0.0.1")
