"""What the kernel holds of what was written, until the other machine has it."""

import asyncio
import socket
import sys
from collections.abc import Iterator

import pytest

from pychat.server.unacknowledged import unacknowledged
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what it holds")


class OverSocket(asyncio.Transport):
    def __init__(self, sock: socket.socket) -> None:
        super().__init__({"socket": sock})


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's end, and one that has room for little."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        with server:
            yield server, client


def test_before_anything_is_written_nothing_is_held(ends) -> None:
    assert unacknowledged(OverSocket(ends[0])) == 0


def test_what_the_other_end_has_no_room_for_is_held_until_it_has(ends) -> None:
    server, client = ends
    server.sendall(bytes(50_000))
    held = unacknowledged(OverSocket(server))

    left = 50_000
    while left:
        left -= len(client.recv(left))

    assert 0 < held <= 50_000
    # The last acknowledgement may be delayed for a moment, an answer brings it.
    client.sendall(b"x")
    server.recv(1)
    assert unacknowledged(OverSocket(server)) == 0


def test_a_closed_socket_and_one_that_is_none_hold_nothing(ends) -> None:
    ends[0].close()

    assert unacknowledged(OverSocket(ends[0])) == 0
    assert unacknowledged(FakeTransport()) == 0


def test_where_there_is_no_socket_any_more_nothing_is_held() -> None:
    assert unacknowledged(asyncio.Transport({})) == 0
