"""A Hall of three nodes and three engines, which are killed in turn while people talk.

Each is a process. Of the engines it is mostly one that leads a stream. Now and then a machine with
both dies, a node is stopped in good order or cut off from its engines, an engine stands still, or
all of them die at once.
"""

import asyncio
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from pychat.client import CommandError
from pychat.protocol.replies import Sent
from tests.support.crowd import Crowd, Talker
from tests.support.engines import Engine
from tests.support.invariants import Invariants, read_history
from tests.support.node_processes import HOST, Machines, Nodes, machines, nodes_of_a_hall

Measured = Callable[[str], None]

KILLS = int(os.environ.get("KILLS", "50"))

ROOMS = ("lobby", "kitchen", "garden", "cellar")
PEOPLE = 12
PAUSE = 0.2
"""Seconds between two things that one says."""

BACK_WITHIN = 10.0
"""Seconds after a kill, for everybody: what they have said since is acknowledged."""

NOTICED_WITHIN = 15.0
"""The same for those at a node that is cut off, which no broken connection tells."""

STILL_WITHIN = 30.0
"""The same where an engine stands still, to which the others keep sending."""

BACK_ONCE_LED = 5.0
"""Seconds after the election of leaders. That takes four to nine, and twice as long where nobody
wins the first time, which is up to the engines."""

PATIENCE = 120.0


class Insisting(Talker):
    """Says again what could not be saved just then."""

    async def send(self, text: str, nonce: str) -> Sent:
        while True:
            try:
                return await super().send(text, nonce)
            except CommandError as refusal:
                if not refusal.retryable:
                    raise
                await asyncio.sleep(0.2)


class Trial:
    """What befalls one Hall, and how long somebody had to wait for it each time."""

    def __init__(self, people: Crowd) -> None:
        self.people = people
        self.waits: defaultdict[str, list[float]] = defaultdict(list)
        self.once_led: list[float] = []

    async def befalls(self, what: str, harm: Callable[[], object]) -> float:
        """Returns when all have an acknowledgement of what they said since; when that was."""
        began = time.monotonic()

        async def answered(talker: Talker) -> float:
            await talker.until(lambda: talker.acknowledged >= began)
            return time.monotonic() - began

        async with asyncio.timeout(PATIENCE):
            _, *waits = await asyncio.gather(
                asyncio.to_thread(harm), *(answered(each) for each in self.people.talkers)
            )
        self.waits[what].append(max(waits))
        return began + max(waits)

    def table(self) -> str:
        lines = [f"{'':32}{'times':>6}{'median':>9}{'longest':>9}  s until all had an answer"]
        lines += [
            f"{what:32}{len(waits):6}{statistics.median(waits):9.1f}{max(waits):9.1f}"
            for what, waits in self.waits.items()
        ]
        return "\n    ".join(lines)


async def crowd_at(host: str, people: int) -> Crowd:
    oracle = Invariants()
    talkers = [
        await Insisting.enter(host, f"person-{at}", oracle, room=ROOMS[at % len(ROOMS)])
        for at in range(people)
    ]
    return Crowd(talkers, oracle)


async def look_for_faults(nodes: Nodes, oracle: Invariants) -> None:
    """All nodes have the same, as they show it and as it is on their disks."""
    for room in {each.room for each in oracle.hearings}:
        first, *others = [await read_history(node.port, room) for node in nodes.all]
        oracle.shown(room, first)
        assert all(other == first for other in others)
    for node in nodes.all:
        assert await asyncio.to_thread(node.stop) == 0
    at_each = []
    for node in nodes.all:
        oracle.stored_in(node.data / "projection.db")
        at_each.append(dict(oracle.logs))
    assert all(logs == at_each[0] for logs in at_each)
    oracle.hold()


class Misfortunes(Trial):
    def __init__(self, hall: Machines, people: Crowd) -> None:
        super().__init__(people)
        self.hall = hall
        self.nodes = hall.nodes.all
        self.engines = hall.engines

    async def happen(self) -> None:
        for number in range(KILLS):
            if number % 2:
                await self.engine_dies(number // 2)
            else:
                await self.node_dies(number // 2)
            if number % 10 == 4:
                await self.node_stops(number // 10)
            if number % 20 == 9:
                await self.machine_dies(number // 20)
            if number == KILLS // 3:
                await self.node_is_cut_off()
            if number == KILLS // 2:
                await self.engine_stands_still()
            if number == KILLS * 2 // 3:
                await self.all_engines_die()

    async def node_dies(self, number: int) -> None:
        node = self.nodes[number % 3]
        await self.befalls("a node killed", node.kill)
        await asyncio.to_thread(node.start)

    async def engine_dies(self, number: int) -> None:
        match number % 3:
            case 0:
                what, engine = "the rooms' leader killed", await self.engines.leader("ROOMS-0")
            case 1:
                what, engine = "the Hall's leader killed", await self.engines.leader("HALL")
            case _:
                what, engine = "an engine killed", self.engines.all[number // 3 % 3]
        await self.leader_falls(what, engine.kill)
        await self.come_back(engine)

    async def leader_falls(self, what: str, harm: Callable[[], object]) -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def harm_and_tell() -> None:
            harm()
            loop.call_soon_threadsafe(done.set)

        async def led() -> float:
            await done.wait()
            return await self.engines.led()

        answered, elected = await asyncio.gather(self.befalls(what, harm_and_tell), led())
        self.once_led.append(max(0.0, answered - elected))

    async def come_back(self, *engines: Engine) -> None:
        for engine in engines:
            engine.start()
        for engine in engines:
            await asyncio.to_thread(engine.wait)
        await self.engines.gathered()

    async def machine_dies(self, number: int) -> None:
        node, engine = self.nodes[number % 3], self.engines.all[number % 3]

        def both() -> None:
            engine.kill()
            node.kill()

        await self.leader_falls("a node and an engine killed", both)
        await self.come_back(engine)
        await asyncio.to_thread(node.start)

    async def node_stops(self, number: int) -> None:
        node = self.nodes[number % 3]
        await self.befalls("a node stopped", node.stop)
        await asyncio.to_thread(node.start)

    async def all_engines_die(self) -> None:
        def restart() -> None:
            for engine in self.engines.all:
                engine.kill()
            for engine in self.engines.all:
                engine.start()

        await self.leader_falls("all engines killed and started", restart)
        await self.engines.gathered()

    async def engine_stands_still(self) -> None:
        engine = await self.engines.leader("ROOMS-0")
        await self.befalls("the rooms' leader stands still", engine.pause)
        engine.resume()
        await self.engines.gathered()

    async def node_is_cut_off(self) -> None:
        *others, far = self.nodes
        self.hall.nodes.first = far
        for node in others:
            # So that all are at the one that is to be cut off.
            await self.node_stops(self.nodes.index(node))
        self.hall.nodes.first = None
        for wire in self.hall.wires:
            wire.stall()
        await self.befalls("a node cut off", lambda: None)
        for wire in self.hall.wires:
            wire.resume()


@pytest.mark.faults
@pytest.mark.timeout(1200)
async def test_nodes_and_engines_killed_in_turn_lose_and_double_nothing(
    tmp_path: Path, measured: Measured
) -> None:
    async with machines(tmp_path, "hall") as hall:
        people = await crowd_at(HOST, PEOPLE)
        trial = Misfortunes(hall, people)
        try:
            people.start_talking(PAUSE)
            await trial.happen()
            await people.stop_talking()
            await people.hear_to_the_end()
        finally:
            await people.leave()
            measured(trial.table())
        await look_for_faults(hall.nodes, people.oracle)
    stored = sum(map(len, people.oracle.logs.values()))
    measured(f"{stored} messages of {PEOPLE}, {len(people.oracle.promises)} acknowledged")
    measured(f"back {max(trial.once_led):.1f} s after there were leaders, at most")
    assert max(trial.waits["a node cut off"]) < NOTICED_WITHIN
    assert max(trial.waits["the rooms' leader stands still"]) < STILL_WITHIN
    assert max(trial.waits["a node killed"] + trial.waits["a node stopped"]) < BACK_WITHIN
    assert max(trial.once_led) < BACK_ONCE_LED


async def test_nodes_killed_in_turn_lose_and_double_nothing(
    engine: Engine, hall_name: str, tmp_path: Path
) -> None:
    known = [engine.address]
    async with nodes_of_a_hall(tmp_path, hall_name, one=known, two=known) as nodes:
        people = await crowd_at(HOST, 4)
        trial = Trial(people)
        try:
            people.start_talking(0.1)
            one, two = nodes.all
            await trial.befalls("killed", one.kill)
            await asyncio.to_thread(one.start)
            await trial.befalls("stopped", two.stop)
            await asyncio.to_thread(two.start)
            await people.stop_talking()
            await people.hear_to_the_end()
        finally:
            await people.leave()
        await look_for_faults(nodes, people.oracle)
