"""A fault of the server's own is one command's, is told as such, and is no end."""

import logging
from collections.abc import Iterator

import pytest

from pychat.server.backplane.interface import LedgerError
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.hall import Hall
from tests.support.hall import RunningHall
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
