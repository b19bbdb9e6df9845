"""A fault of the server's own is one command's, is told as such, and is no end."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from pychat.protocol import replies
from pychat.server.backplane.directory import MemoryDirectory
from pychat.server.backplane.interface import (
    Backplane,
    Fact,
    LedgerError,
    Page,
    PageQuery,
    RegistryError,
)
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.registry import MemoryRegistry
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.effects import Enact, Reply
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


@pytest.mark.one_node
async def test_what_is_kept_for_somebody_who_reads_lets_none_of_their_commands_overtake_the_reading(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    reads, go_on = asyncio.Event(), asyncio.Event()
    page = MemoryLedger.page

    async def wait(ledger: MemoryLedger, query: PageQuery) -> Page:
        reads.set()
        await go_on.wait()
        return await page(ledger, query)

    with monkeypatch.context() as patch:
        patch.setattr(MemoryLedger, "page", wait)
        asked = [ann.command("history", room="lobby"), ann.command("ping")]
        await reads.wait()
        # As where somebody was sent out of a room, and what they had said was not on disk yet.
        (peer,) = hall.server.connections
        kept = Enact([Fact("room", "den", None)], [Reply(peer, replies.Ok(id=99))])
        hall.server.perform([kept])

        assert (await ann.read())["id"] == 99
        go_on.set()
        assert [(await ann.read())["id"] for _ in asked] == asked


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
