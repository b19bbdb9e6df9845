"""Rooms in a cluster let go of what is old while the servers of its engine are killed one after the
other, and a node comes and goes, with its file and without."""

import asyncio
import contextlib
import itertools
import random
import sqlite3
from pathlib import Path

import pytest

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import retention, rules
from pychat.server.backplane.interface import LedgerError, Receipt, Retention
from pychat.server.backplane.jetstream import retaining, streams
from tests.support.engines import three
from tests.support.ledger_nodes import Cluster, Node
from tests.support.ledgers import edited, reacted, said, wanted

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

KILLS = 6
KEEP = Retention(max_messages=30)

_EVENTS = "SELECT seq, time, sender_key, nonce, kind, messages, body FROM event ORDER BY seq"
_FLOOR = "SELECT name, topic, floor, floor_messages, head, last_time, messages FROM place"
_NONCES = "SELECT sender_key, nonce FROM nonce ORDER BY sender_key, nonce"


class Talk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.chance = random.Random(5)
        self.over = False
        self.anew = 0
        """How often a room was made anew."""

    async def speak(self, node: Node, who: str) -> None:
        for number in itertools.count():
            if self.over:
                return
            head = node.ears.events[-1].seq if node.ears.events else 1
            (outcome,) = await node.say(self._anything(who, number, head))
            if not isinstance(outcome, Receipt) and outcome.reason == "unavailable":
                await asyncio.sleep(0.05)

    def _anything(self, who: str, number: int, head: int) -> LoggedEvent:
        target = self.chance.randint(max(1, head - 60), head)
        return self.chance.choice(
            [
                said("x", sender=who, nonce=f"{who} {number}"),
                said("x", sender=who, nonce=f"{who} {max(0, number - 5)}"),
                said("x", sender=who, reply_to=target),
                reacted(target, "👍", sender=who),
                edited(target, f"x {number}", sender=who),
            ]
        )

    async def come_and_go(self, cluster: Cluster) -> None:
        for turn in itertools.count():
            if self.over:
                return
            async with cluster.node("guest", retention=KEEP) as node:
                node.ledger.begun = lambda _: self._begun()
                for _ in range(3):
                    # It may be cut off just then.
                    with contextlib.suppress(LedgerError):
                        await node.ledger.follow("lobby")
                    await asyncio.sleep(self.chance.random())
                    node.ledger.unfollow("lobby")
                await asyncio.sleep(2 * self.chance.random())
            if turn % 2:
                for file in (self.folder / "guest").glob("projection.db*"):
                    file.unlink()

    def _begun(self) -> None:
        self.anew += 1

    async def state(self, node: Node, name: str) -> list[list[tuple[object, ...]]]:
        await node.ledger.follow("lobby")
        await node.ledger.search(wanted("x"))
        with contextlib.closing(sqlite3.connect(self.folder / name / "projection.db")) as db:
            return [db.execute(select).fetchall() for select in (_EVENTS, _FLOOR, _NONCES)]


async def test_all_nodes_let_go_of_the_same_whatever_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "NONCE_LIFE", 1_000)
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.1)
    monkeypatch.setattr(retaining, "PURGE_SECONDS", 0.2)
    talk = Talk(tmp_path)
    with three(tmp_path, sync="2m") as engines:
        cluster = Cluster(engines, "hall", tmp_path)
        async with (
            cluster.node("a", "lobby", retention=KEEP) as first,
            cluster.node("b", "lobby", retention=KEEP) as second,
        ):
            tasks = [
                asyncio.create_task(talk.speak(node, f"{side}{at}"))
                for side, node in (("a", first), ("b", second))
                for at in range(4)
            ]
            tasks.append(asyncio.create_task(talk.come_and_go(cluster)))
            for at in range(KILLS):
                await asyncio.sleep(8)
                engine = engines[at % 3]
                engine.kill()
                await asyncio.sleep(1.5)
                engine.start()
                engine.wait()
            talk.over = True
            await asyncio.gather(*tasks)
            for node in (first, second):
                assert node.ledger._parts is not None
                await node.ledger._parts.retainer.close()

            state = await talk.state(first, "a")
            assert await talk.state(second, "b") == state
            async with cluster.node("late") as late:
                assert await talk.state(late, "late") == state
                assert len(late.ears.events) < len(first.ears.events)
            stored = (await streams.info(first.link, "hall-ROOMS-0")).messages
            assert stored < len(first.ears.events)
    assert talk.anew > 0
