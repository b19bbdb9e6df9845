"""A Hall that lets go of messages while people talk, come and catch up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.server.backplane import retention
from pychat.server.backplane.interface import Retention
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Json, Wire

_KEPT = 40


@pytest.fixture
async def forgetful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningHall]:
    """Keeps 40 messages of a room, and looks often."""
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(retention, "STEP_ROWS", 100)
    keep = Retention(max_messages=_KEPT)
    async with running_hall(SqliteLedger(tmp_path / "hall.db", SYSTEM_CLOCK.wall, keep)) as hall:
        yield hall


async def speak(hall: RunningHall, name: str, count: int) -> None:
    wire = await Wire.member(hall.port, name, "tea")
    for start in range(0, count, 20):
        commands = [
            wire.command("send", room="tea", text=f"{name} {number}", nonce=str(number))
            for number in range(start, start + 20)
        ]
        for command in commands:
            assert (await wire.reply(command))["type"] == "sent"
        wire.unread.clear()
    await wire.ask("quit")
    await wire.close()


def chain(joined: Json, after: int) -> int:
    """The head up to which what was joined with is whole."""
    if joined["recovered"]:
        for event in joined["events"]:
            assert event["prev"] == after
            after = event["seq"]
        assert after == joined["seq"]
    else:
        # What is missing before it is not kept any more.
        seqs = [message["seq"] for message in joined["messages"]]
        assert seqs == list(range(joined["seq"] - len(seqs) + 1, joined["seq"] + 1))
    return int(joined["seq"])


async def come_and_go(hall: RunningHall, name: str, done: asyncio.Event) -> list[bool]:
    """Join again and again from where one left, and make sure that nothing is missing live; until
    it has come to both, something whole and something that is not."""
    wire = await Wire.enter(hall.port, name)
    recovered, head, back = [], 0, 0
    while not done.is_set() or len(set(recovered)) < 2:
        joined = await wire.granted("join", room="tea", after=max(0, head - back), limit=200)
        recovered.append(joined["recovered"])
        head = chain(joined, max(0, head - back))
        for _ in range(5):
            pong = await wire.granted("ping")
            for event in [m for m in wire.unread if m["type"] == "message"]:
                assert event["prev"] == head
                head = event["seq"]
            wire.unread.clear()
            assert pong["heads"]["tea"] == head
        await wire.granted("leave", room="tea")
        wire.unread.clear()
        back = 0 if back else 3 * _KEPT
    await wire.close()
    return recovered


async def test_joins_under_load_are_whole_or_say_that_they_are_not(forgetful) -> None:
    done = asyncio.Event()
    comers = [
        asyncio.create_task(come_and_go(forgetful, f"comer-{number}", done)) for number in range(3)
    ]

    await asyncio.gather(*(speak(forgetful, f"speaker-{number}", 400) for number in range(3)))
    done.set()

    recovered = [whole for joins in await asyncio.gather(*comers) for whole in joins]
    assert {True, False} <= set(recovered)
    late = await Wire.enter(forgetful.port, "late")
    async with asyncio.timeout(50):
        while True:
            joined = await late.granted("join", room="tea", limit=200)
            if len(joined["messages"]) == _KEPT:
                break
            await late.granted("leave", room="tea")
    assert (joined["seq"], joined["more"]) == (1_200, False)
    older = await late.granted("history", room="tea", before=joined["messages"][0]["seq"])
    assert (older["messages"], older["more_before"]) == ([], False)
    await late.close()
