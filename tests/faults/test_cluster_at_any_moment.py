"""A Hall of three nodes and three engines in which anything happens at any moment.

Nobody waits until what died is back, so that most of it may be gone at one time: then nothing can
be said, and what was acknowledged is there all the same.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.test_cluster_kills import Measured, Trial, crowd_at, look_for_faults
from tests.support.engines import Engine
from tests.support.node_processes import HOST, Machines, NodeProcess, machines

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

SECONDS = 120.0
PEOPLE = 16


class Anything:
    """Owns a task for each thing that has happened and is not over."""

    def __init__(self, hall: Machines, rng: random.Random) -> None:
        self.hall = hall
        self.happened = 0
        self._rng = rng
        self._under_way: dict[object, asyncio.Task[None]] = {}

    async def happens(self, seconds: float) -> None:
        """For so long, and until all of it is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            victim, happen = self._chosen()
            task = self._under_way.get(victim)
            if task is None or task.done():
                self._under_way[victim] = asyncio.create_task(happen())
                self.happened += 1
            await asyncio.sleep(self._rng.uniform(0, 3))
        await asyncio.gather(*self._under_way.values())
        await self.hall.engines.gathered()

    def _chosen(self) -> tuple[object, Callable[[], Awaitable[None]]]:
        node = self._rng.choice(self.hall.nodes.all)
        engine = self._rng.choice(self.hall.engines.all)
        return self._rng.choice(
            [
                (node, lambda: self._node_dies(node)),
                (engine, lambda: self._engine_dies(engine)),
                (engine, lambda: self._engine_stands_still(engine)),
                ("wires", self._wires_stall),
            ]
        )

    async def _node_dies(self, node: NodeProcess) -> None:
        await asyncio.to_thread(node.kill)
        await asyncio.sleep(self._rng.uniform(0, 2))
        for _ in range(20):
            # Where most engines are gone for long it ends with a sentence.
            with contextlib.suppress(AssertionError):
                await asyncio.to_thread(node.start)
                return
        raise AssertionError(f"the node {node.name} does not come back")

    async def _engine_dies(self, engine: Engine) -> None:
        await asyncio.to_thread(engine.kill)
        await asyncio.sleep(self._rng.uniform(0, 4))
        engine.start()
        await asyncio.to_thread(engine.wait)

    async def _engine_stands_still(self, engine: Engine) -> None:
        engine.pause()
        await asyncio.sleep(self._rng.uniform(0.5, 12))
        engine.resume()

    async def _wires_stall(self) -> None:
        for wire in self.hall.wires:
            wire.stall()
        await asyncio.sleep(self._rng.uniform(0.5, 25))
        for wire in self.hall.wires:
            wire.resume()


async def test_whatever_dies_at_any_moment_nothing_is_lost_or_doubled(
    tmp_path: Path, measured: Measured
) -> None:
    async with machines(tmp_path, "hall") as hall:
        people = await crowd_at(HOST, PEOPLE)
        trial = Trial(people)
        anything = Anything(hall, random.Random(7))
        try:
            people.start_talking(0.05)
            await anything.happens(SECONDS)
            await trial.befalls("nothing more", lambda: None)
            await people.stop_talking()
            await people.hear_to_the_end()
        finally:
            await people.leave()
        await look_for_faults(hall.nodes, people.oracle)
    measured(
        f"{anything.happened} things in {SECONDS:g} s, {len(people.oracle.promises)} acknowledged; "
        f"all back {trial.waits['nothing more'][0]:.1f} s after the last was over"
    )
