"""One address has so many connections and no more, and is told so."""

import json
from collections.abc import Iterator

import pytest

from pychat.server import limits
from pychat.server.connection import Connection
from tests.support.hall import RunningHall
from tests.support.transport import FakeTransport
from tests.support.wire import Wire


class Crowd:
    """Connections from where the test says."""

    def __init__(self, hall: RunningHall) -> None:
        self._hall = hall
        self._open: list[Connection] = []

    def connect(self, address: str) -> FakeTransport:
        transport = FakeTransport(address=address)
        self._open.append(self._hall.server.new_connection())
        self._open[-1].connection_made(transport)
        return transport

    def leave(self) -> None:
        self._open.pop().connection_lost(None)

    def all_leave(self) -> None:
        while self._open:
            self.leave()


@pytest.fixture
def crowd(hall: RunningHall) -> Iterator[Crowd]:
    crowd = Crowd(hall)
    yield crowd
    crowd.all_leave()


async def test_an_address_with_too_many_is_told_so_and_others_get_in(
    hall: RunningHall, crowd: Crowd
) -> None:
    for _ in range(limits.CONNECTIONS_PER_ADDRESS):
        assert crowd.connect("192.0.2.7").written == []

    (told,) = crowd.connect("192.0.2.7").written

    bye = json.loads(told[4:])
    assert (bye["type"], bye["code"], bye["reconnect"]) == ("bye", "too-many-connections", False)
    assert crowd.connect("192.0.2.8").written == []
    assert (await (await Wire.enter(hall.port, "ann")).granted("ping"))["type"] == "pong"


async def test_who_leaves_makes_room(hall: RunningHall, crowd: Crowd) -> None:
    for _ in range(limits.CONNECTIONS_PER_ADDRESS):
        crowd.connect("192.0.2.7")

    crowd.leave()

    assert crowd.connect("192.0.2.7").written == []
