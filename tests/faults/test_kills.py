"""kill -9, of servers under load and of clients with a full outbox."""

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.children import sdk_child
from tests.support.crowd import ROOM, Talker, crowd
from tests.support.invariants import Invariants, read_history
from tests.support.processes import HallProcess, Serve

Measured = Callable[[str], None]

PEOPLE = 20
BACK_WITHIN = 5.0
"""Seconds after the restart, for every client."""


def kill(hall: HallProcess) -> None:
    hall.process.kill()
    hall.process.wait()


async def restarted(serve: Serve, hall: HallProcess) -> HallProcess:
    return await asyncio.to_thread(serve, "--port", str(hall.port), "--flood", "off", "--quiet")


@pytest.mark.parametrize(
    "kills", [3, pytest.param(100, marks=[pytest.mark.faults, pytest.mark.timeout(900)])]
)
async def test_a_server_killed_again_and_again_under_load_keeps_every_promise(
    serve_process: Serve, tmp_path: Path, measured: Measured, kills: int
) -> None:
    rng = random.Random(kills)
    hall = await asyncio.to_thread(serve_process, "--flood", "off", "--quiet")
    returns: list[float] = []
    longest_restart = 0.0
    async with crowd(hall.address, PEOPLE) as people:
        people.start_talking(pause=0.05)
        for _ in range(kills):
            await asyncio.sleep(rng.uniform(0.05, 0.5))
            killed = time.monotonic()
            await asyncio.to_thread(kill, hall)
            hall = await restarted(serve_process, hall)
            up = time.monotonic()
            longest_restart = max(longest_restart, up - killed)
            back = await people.all_back_since(killed, 4 * BACK_WITHIN)
            returns += [moment - up for moment in back]
        await people.stop_talking()
        await people.hear_to_the_end()

        people.oracle.stored_in(tmp_path / "data" / "hall.db")
        people.oracle.shown(ROOM, await read_history(hall.port, ROOM))
        people.oracle.hold()
        assert not any(each.leaps for each in people.talkers)
    stored = len(people.oracle.logs[ROOM])
    measured(
        f"{kills} kills, {stored} messages of {PEOPLE} clients, {len(people.oracle.promises)} "
        f"acknowledged; back after {sum(returns) / len(returns):.2f} s in the mean, "
        f"{max(returns):.2f} s at most; a restart took up to {longest_restart:.1f} s"
    )
    assert max(returns) < BACK_WITHIN


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_a_server_killed_while_its_clients_come_back_keeps_every_promise(
    serve_process: Serve, tmp_path: Path, measured: Measured
) -> None:
    """It dies between any two steps of theirs: half have dialled, some are greeted, some joined."""
    rng = random.Random(4)
    kills = 40
    hall = await asyncio.to_thread(serve_process, "--flood", "off", "--quiet")
    async with crowd(hall.address, PEOPLE) as people:
        people.start_talking(pause=0.05)
        killed = time.monotonic()
        for _ in range(kills):
            # A first try comes half a second after the break.
            await asyncio.sleep(rng.uniform(0, 1.2))
            killed = time.monotonic()
            await asyncio.to_thread(kill, hall)
            hall = await restarted(serve_process, hall)
        up = time.monotonic()
        # However often they failed meanwhile.
        back = await people.all_back_since(killed, 4 * BACK_WITHIN)
        await people.stop_talking()
        await people.hear_to_the_end()

        people.oracle.stored_in(tmp_path / "data" / "hall.db")
        people.oracle.shown(ROOM, await read_history(hall.port, ROOM))
        people.oracle.hold()
        assert all(each.client.mirror.name == each.name for each in people.talkers)
    leaps = sum(each.leaps for each in people.talkers)
    measured(
        f"{kills} kills at any moment, {len(people.oracle.promises)} acknowledged; all back "
        f"{max(back) - up:.1f} s after the last restart; {leaps} times somebody had missed more "
        "than a delta holds"
    )
    assert max(back) - up < BACK_WITHIN


@pytest.mark.parametrize(
    "kills", [3, pytest.param(30, marks=[pytest.mark.faults, pytest.mark.timeout(300)])]
)
async def test_a_client_killed_with_a_full_outbox_loses_and_doubles_nothing(
    serve_process: Serve, tmp_path: Path, measured: Measured, kills: int
) -> None:
    rng = random.Random(kills)
    oracle = Invariants()
    hall = await asyncio.to_thread(serve_process, "--flood", "off", "--quiet")
    listener = await Talker.enter(hall.address, "listener", oracle)
    listening = asyncio.create_task(listener.listen())
    arguments = (hall.address, "ann", str(tmp_path / "outbox.jsonl"))

    posted: list[list[str]] = []
    for _ in range(kills):
        async with sdk_child(*arguments) as child:
            await child.told("in")
            child.tell("say 200")
            posted += [await child.told("posted") for _ in range(rng.randrange(1, 150))]
            posted += await child.kill()
    async with sdk_child(*arguments) as child:
        await child.told("in")
        child.tell("finish")
        await child.end()

    for nonce, text in posted:
        oracle.meant("ann", ROOM, nonce, text)
        # What is queued on disk is promised to arrive.
        oracle.acknowledged("ann", ROOM, nonce)
    await listener.heard((await listener.client.ping()).heads[ROOM])
    oracle.stored_in(tmp_path / "data" / "hall.db")
    # The kill may have come after one was queued and before that was told.
    untold = {each.nonce for each in oracle.logs[ROOM]} - {nonce for nonce, _ in posted}
    assert len(untold) <= kills
    faults = [each for each in oracle.violations() if not each.startswith("invented")]
    assert faults == []
    measured(f"{kills} kills of a client with up to 150 unsent: {len(posted)} said, once each")
    listening.cancel()
    await listener.client.close()
