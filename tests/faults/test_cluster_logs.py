"""The logs of a Hall in a cluster, while the servers of its engine are killed one after the other.

Three of them, each in turn as the leader of the stream, with two nodes speaking all the time; and a
node that cannot reach any for a while.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pychat.server.backplane.interface import Receipt
from pychat.server.backplane.jetstream.link import Link
from tests.support.engines import Engine, running, three
from tests.support.invariants import Invariants
from tests.support.ledger_nodes import Cluster, Node
from tests.support.ledgers import reasons, said
from tests.support.node_processes import leader
from tests.support.proxy import Proxy

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

KILLS = 9
ROOMS = ("lobby", "kitchen", "garden")
SPEAKERS = 6
"""At each node."""


class Door(NamedTuple):
    address: str


class Talk:
    """Everybody says the next thing when the one before is settled, and says again what is not."""

    def __init__(self, oracle: Invariants) -> None:
        self.oracle = oracle
        self.settled = 0
        self.longest = 0.0
        """Seconds that one had to wait for an acknowledgement."""
        self.over = False

    async def speak(self, node: Node, sender: str, room: str) -> None:
        loop = asyncio.get_running_loop()
        for number in itertools.count():
            if self.over:
                return
            nonce, text = f"{sender}-{number}", f"{number} of {sender}"
            self.oracle.meant(sender, room, nonce, text)
            began = loop.time()
            while True:
                event = said(text, room=room, sender=sender, nonce=nonce)
                (outcome,) = await node.say(event)
                if isinstance(outcome, Receipt):
                    break
                assert outcome.reason == "unavailable", outcome
                await asyncio.sleep(0.1)
            self.longest = max(self.longest, loop.time() - began)
            self.settled += 1
            self.oracle.acknowledged(sender, room, nonce, outcome.seq)
            await asyncio.sleep(0.02)

    async def goes_on(self) -> None:
        """Returns when more was said by about everybody."""
        async with asyncio.timeout(60):
            enough = self.settled + 4 * SPEAKERS
            while self.settled < enough:  # noqa: ASYNC110  # it is counted, not told
                await asyncio.sleep(0.05)


def check(oracle: Invariants, nodes: list[Node], folder: Path) -> None:
    for number, node in enumerate(nodes):
        for room in ROOMS:
            hearing = oracle.hearing(f"node {number}", room)
            for event in node.ears.events:
                if event.room == room:
                    hearing.heard(event)
    oracle.stored_in(folder / "first" / "projection.db")
    oracle.hold()
    logs = dict(oracle.logs)
    for name in ("second", "late"):
        other = Invariants()
        other.stored_in(folder / name / "projection.db")
        assert other.logs == logs


async def talking(
    cluster: Cluster, folder: Path, trouble: Callable[[Talk, Link], Awaitable[None]]
) -> Talk:
    talk = Talk(Invariants())
    async with cluster.two(*ROOMS) as nodes:
        async with asyncio.TaskGroup() as speaking:
            for side, node in enumerate(nodes):
                for number in range(SPEAKERS):
                    room = ROOMS[number % len(ROOMS)]
                    speaking.create_task(talk.speak(node, f"p{number}-{side}", room))
            await talk.goes_on()
            await trouble(talk, nodes[0].link)
            await talk.goes_on()
            talk.over = True
        for node in nodes:
            for room in ROOMS:
                await node.ledger.follow(room)
        async with cluster.node("late", *ROOMS) as late:
            await late.ears.heard(len(nodes[0].ears.events))
            check(talk.oracle, [*nodes, late], folder)
    return talk


async def test_leaders_killed_in_turn_lose_and_double_nothing(tmp_path, measured) -> None:
    with three(tmp_path) as engines:
        named = {f"engine{number}": engine for number, engine in enumerate(engines)}

        async def kill(talk: Talk, link: Link) -> None:
            for _ in range(KILLS):
                killed: Engine = named[await leader(link, "hall-ROOMS-0")]
                killed.kill()
                await talk.goes_on()
                killed.start()
                killed.wait()
                await talk.goes_on()

        talk = await talking(Cluster(engines, "hall", tmp_path), tmp_path, kill)

    assert talk.longest < 25
    measured(f"{talk.settled} said over {KILLS} kills; the longest wait was {talk.longest:.1f} s")


async def test_an_engine_that_is_gone_as_a_whole_comes_back_with_all_that_was_acknowledged(
    tmp_path,
) -> None:
    with three(tmp_path) as engines:

        async def kill(talk: Talk, link: Link) -> None:
            for _ in range(2):
                await leader(link, "hall-ROOMS-0")
                for engine in engines:
                    engine.kill()
                await asyncio.sleep(1.0)
                for engine in engines:
                    engine.start()
                for engine in engines:
                    engine.wait()
                await talk.goes_on()

        await talking(Cluster(engines, "hall", tmp_path), tmp_path, kill)


async def test_a_leader_that_stands_still_is_replaced_and_comes_back_harmless(tmp_path) -> None:
    with three(tmp_path) as engines:
        named = {f"engine{number}": engine for number, engine in enumerate(engines)}

        async def pause(talk: Talk, link: Link) -> None:
            for _ in range(2):
                still = named[await leader(link, "hall-ROOMS-0")]
                still.pause()
                await talk.goes_on()
                still.resume()
                await talk.goes_on()

        await talking(Cluster(engines, "hall", tmp_path), tmp_path, pause)


async def test_a_node_that_reaches_no_engine_for_a_while_catches_up(tmp_path) -> None:
    """Longer than anybody waits for an acknowledgement, and with its connection still open."""
    with running(tmp_path / "engine") as engine:
        async with Proxy(engine.port) as wire:
            far = Cluster([Door(f"nats://{wire.address}")], "hall", tmp_path)
            near = Cluster([engine], "hall", tmp_path)
            async with far.node("far", "lobby") as first, near.node("near", "lobby") as second:
                wire.stall()
                (cut_off,), told = await asyncio.gather(
                    first.say(said("a", nonce="n")),
                    second.say(*(said(str(number), sender="bob") for number in range(50))),
                )
                assert reasons([cut_off]) == ["unavailable"]
                assert reasons(told) == ["appended"] * 50

                wire.resume()

                (again,) = await first.say(said("a", nonce="n"))
                assert reasons([again]) == ["appended"]
                assert await first.ears.heard(51) == await second.ears.heard(51)
                assert len(first.ears.events) == 51
