"""One address has so many connections, makes so many in a time, and is told what is too many."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

import pytest

from pychat.protocol import codec, replies
from pychat.protocol.framing import FrameReader
from pychat.server import limits, turnstile
from pychat.server.doorway import Doorway
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import PATIENCE, Wire

ELSEWHERE = "192.0.2.7"


class Entrance:
    """A doorway without TLS, to a Hall whose clock stands, that is told of connections from
    anywhere."""

    def __init__(self, hall: RunningHall) -> None:
        self.hall = hall
        self.doorway = Doorway(hall.server, [], None)

    def count(self, address: str, number: int) -> None:
        """So many have come from there and are still here."""
        for _ in range(number):
            assert self.hall.server.addresses.add(address, self.hall.server.now()) is None

    def told(self, address: str) -> replies.Bye:
        """What one who comes from there, and is one too many, is told."""
        ours, theirs = socket.socketpair()
        with ours:
            self.doorway.arrived(theirs, address)
            reader = FrameReader(65_536)
            reader.feed(ours.recv(65_536))
            assert ours.recv(1) == b""
        bye = codec.decode_server(reader.read() or b"")
        assert isinstance(bye, replies.Bye)
        return bye


@pytest.fixture
async def entrance(hall: RunningHall, monkeypatch: pytest.MonkeyPatch) -> Entrance:
    now = hall.server.now()
    monkeypatch.setattr(hall.server, "now", lambda: now)
    return Entrance(hall)


async def test_an_address_with_too_many_is_told_so_and_others_get_in(entrance: Entrance) -> None:
    entrance.count(ELSEWHERE, limits.CONNECTIONS_PER_ADDRESS)

    bye = entrance.told(ELSEWHERE)

    assert (bye.code, bye.reconnect, bye.retry_after) == ("too-many-connections", False, None)
    assert entrance.doorway.refused == {"too many connections": 1}
    ann = await Wire.enter(entrance.hall.port, "ann")
    assert (await ann.granted("ping"))["type"] == "pong"
    assert entrance.hall.server.addresses.total == limits.CONNECTIONS_PER_ADDRESS + 1


async def test_an_address_that_comes_too_often_is_told_when_to_come_back(
    entrance: Entrance,
) -> None:
    for _ in range(limits.CONNECTS_PER_ADDRESS):
        entrance.count(ELSEWHERE, 1)
        entrance.hall.server.addresses.take_away(ELSEWHERE)

    bye = entrance.told(ELSEWHERE)

    assert (bye.code, bye.reconnect) == ("too-many-connections", False)
    wait = 1000 * limits.CONNECTS_TIME / limits.CONNECTS_PER_ADDRESS
    assert bye.retry_after == pytest.approx(wait, abs=1)
    assert entrance.doorway.refused == {"came too often": 1}
    assert (await Wire.enter(entrance.hall.port, "ann")).welcome["name"] == "ann"


async def test_who_hangs_up_before_the_hall_has_looked_counts_no_more(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS_PER_ADDRESS", 1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ours.close()

    entrance.doorway.arrived(theirs, ELSEWHERE)
    async with asyncio.timeout(PATIENCE):
        while entrance.hall.server.addresses.total:  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0)

    entrance.count(ELSEWHERE, 1)


@contextlib.asynccontextmanager
async def _hall_that_takes_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[RunningHall]:
    monkeypatch.setattr(turnstile, "SLICE", 1e-9)
    monkeypatch.setattr(turnstile, "PERIOD", 0.001)
    async with running_hall() as hall:
        yield hall


async def test_those_who_wait_for_their_turn_get_their_answers_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _hall_that_takes_one_at_a_time(monkeypatch) as hall:
        crowd = [await Wire.connect(hall.port) for _ in range(20)]
        asked = []
        for number, wire in enumerate(crowd):
            hello = wire.command("hello", protocol=[1], client="w", name=f"person-{number}")
            asked.append([hello, wire.command("join", room="lobby"), wire.command("ping")])

        for wire, ids in zip(crowd, asked, strict=True):
            answers = [await wire.reply(each) for each in ids]
            assert [each["type"] for each in answers] == ["welcome", "joined", "pong"]


async def test_who_goes_while_they_wait_for_their_turn_does_not_come_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _hall_that_takes_one_at_a_time(monkeypatch) as hall:
        crowd = [await Wire.connect(hall.port) for _ in range(10)]
        for number, wire in enumerate(crowd):
            wire.command("hello", protocol=[1], client="w", name=f"person-{number}")
            await wire.flushed()
            wire.reset()

        last = await Wire.member(hall.port, "last", "lobby")

        assert (await last.granted("ping"))["type"] == "pong"
        async with asyncio.timeout(PATIENCE):
            while len(hall.server.connections) > 1:  # noqa: ASYNC110  # the server tells nobody
                await asyncio.sleep(0)
        assert "last" in hall.server.hall.register.by_key
