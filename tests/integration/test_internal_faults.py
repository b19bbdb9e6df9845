"""A fault of the server's own is one command's, is told as such, and is no end."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from pychat.server.backplane.directory import MemoryDirectory
from pychat.server.backplane.interface import Backplane, Fact, LedgerError, RegistryError
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.registry import MemoryRegistry
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.hall import Hall
from pychat.server.lifecycle import hall_config
from pychat.server.server import SYSTEM_CLOCK, Server
from tests.support.hall import RecordingReport, RunningHall
from tests.support.wire import Wire


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """These faults are meant to be."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.one_node
@pytest.mark.parametrize(
    ("fault", "code"),
    [(RuntimeError("a bug"), "internal"), (LedgerError("no disk"), "unavailable")],
)
async def test_a_reading_that_fails_is_answered(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch, fault: Exception, code: str
) -> None:
    ann = await Wire.enter(hall.port, "ann")

    async def fail(*_: object) -> None:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(MemoryLedger, "page", fail)
        assert await ann.refused("join", room="lobby") == code
        assert await ann.refused("history", room="lobby") == code

    assert (await ann.granted("join", room="lobby"))["count"] == 1
    assert (await ann.say("lobby", "still here"))["type"] == "sent"


async def test_a_command_that_fails_is_answered(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await Wire.enter(hall.port, "ann")

    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(Hall, "page_of_rooms", fail)
        assert await ann.refused("list") == "internal"

    assert (await ann.granted("list"))["rooms"] == []


async def test_a_hall_that_does_not_open_lets_go_of_its_log(tmp_path: Path) -> None:
    clock = SYSTEM_CLOCK.wall
    registry = MemoryRegistry()
    registry.open()
    registry.put([Fact("room", "den", b'{"bans":7}')], lambda durable: None)
    for _ in range(2):
        backplane = Backplane(
            SqliteLedger(tmp_path / "hall.db", clock), MemoryDirectory(clock), registry
        )
        with pytest.raises(RegistryError, match="what is known of room 'den' cannot be read"):
            await Server(hall_config("Test"), backplane, RecordingReport()).start()
