"""A Hall of several nodes: nodes and engines die, and those who chat lose nothing."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from pychat.server.cluster import housekeeping, node_server, snapshot
from tests.support.engines import Engine, three
from tests.support.node_servers import RunningNode, running_node
from tests.support.wire import Closed, Json, Wire

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

LEASE = 6.0
"""Seconds, instead of 20: the engine of these tests has no leader to elect."""


@pytest.fixture
def _brief_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_server, "LEASE", LEASE)
    monkeypatch.setattr(housekeeping, "BEAT", LEASE / 4)
    monkeypatch.setattr(housekeeping, "SETTLED", 1.0)


@pytest.fixture
async def nodes(
    engine: Engine, hall_name: str, tmp_path: Path, _brief_lease: None
) -> AsyncIterator[list[RunningNode]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                running_node(engine.address, hall_name, tmp_path, name=name)
            )
            for name in ("one", "two")
        ]


async def test_a_dead_nodes_people_are_away_when_its_lease_is_over(
    nodes: list[RunningNode],
) -> None:
    one, two = nodes
    bob = await Wire.member(two.port, "bob", "lobby")
    await Wire.member(one.port, "ann", "lobby")

    await one.die()

    away = {"name": "ann", "role": "member", "away": True, "verified": False}
    assert (await bob.event("presence", changed=[{"name": "ann", "member": away}]))["room"]
    assert list(two.server.replica.nodes) == [two.server.replica.node]


async def test_nodes_that_lose_the_engine_send_their_people_away_and_take_them_back(
    nodes: list[RunningNode], engine: Engine
) -> None:
    one, two = nodes
    ann = await Wire.member(one.port, "ann", "lobby")
    bob = await Wire.member(two.port, "bob", "lobby")
    sent = await ann.say("lobby", "before")
    await bob.event("message")

    engine.pause()
    try:
        byes = await asyncio.gather(ann.bye(), bob.bye())
    finally:
        engine.resume()

    assert [(each["code"], each["reconnect"]) for each in byes] == [("shutdown", True)] * 2
    ann = await come_back(two.port, ann)
    bob = await come_back(one.port, bob)
    joined = [await wire.granted("join", room="lobby", after=sent["seq"]) for wire in (ann, bob)]
    assert [each["count"] for each in joined] == [2, 2]
    await ann.say("lobby", "after")
    assert (await bob.event("message"))["text"] == "after"
    assert snapshot.state(one.server.replica) == snapshot.state(two.server.replica)


async def come_back(port: int, wire: Wire) -> Wire:
    """As soon as there is somebody to come back to."""
    resume = wire.welcome["resume"]
    async with asyncio.timeout(60):
        while True:
            try:
                again = await Wire.connect(port)
                hello = {"protocol": [1], "client": "wire", "resume": resume}
                again.welcome = await again.ask("hello", **hello)
            except (Closed, OSError):
                again.welcome = {"type": "error"}
            if again.welcome["type"] == "welcome":
                assert again.welcome["resumed"]
                return again
            await asyncio.sleep(0.1)


async def test_a_name_is_never_two_peoples_in_a_thousand_races(nodes: list[RunningNode]) -> None:
    for race in range(1_000):
        wires = [await Wire.connect(node.port) for node in nodes]
        hello = {"protocol": [1], "client": "wire", "name": f"eve-{race}"}
        found = await asyncio.gather(*(wire.ask("hello", **hello) for wire in wires))
        assert sorted(each["type"] for each in found) == ["error", "welcome"]
        for wire in wires:
            wire.abort()
    held = [user.name for user in nodes[0].server.hall.register.by_key.values()]
    assert len(held) == len(set(held)) == 1_000


class Speaker:
    """Says one thing after the other, each until it is acknowledged, at whichever node there is."""

    def __init__(self, ports: list[int], name: str) -> None:
        self._ports = itertools.cycle(ports)
        self._name = name
        self._wire: Wire | None = None
        self._resume: str | None = None
        self.progress = asyncio.Event()
        self.acked: dict[str, int] = {}
        """By nonce."""

    async def speak(self, until: asyncio.Event) -> None:
        for number in itertools.count():
            if until.is_set():
                return
            nonce = f"{self._name}-{number}"
            while nonce not in self.acked:
                try:
                    async with asyncio.timeout(20):
                        await self._say(nonce)
                except (Closed, OSError, TimeoutError):
                    self._drop()
                    await asyncio.sleep(0.1)

    async def _say(self, nonce: str) -> None:
        wire = self._wire or await self._enter()
        reply = await wire.say("lobby", nonce, nonce)
        if reply["type"] == "sent":
            self.acked[nonce] = reply["seq"]
            self.progress.set()
        else:
            await asyncio.sleep(0.1)

    async def _enter(self) -> Wire:
        wire = await Wire.connect(next(self._ports))
        fields: Json = {"resume": self._resume} if self._resume else {"name": self._name}
        welcome = await wire.ask("hello", protocol=[1], client="wire", **fields)
        if welcome["type"] != "welcome":
            wire.abort()
            raise Closed
        self._resume = welcome["resume"]
        if (await wire.ask("join", room="lobby"))["type"] != "joined":
            wire.abort()
            raise Closed
        self._wire = wire
        return wire

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.abort()
        self._wire = None


async def test_engines_and_nodes_die_in_turn_and_nothing_that_was_acknowledged_is_lost(
    tmp_path: Path, hall_name: str
) -> None:
    with three(tmp_path / "engines") as engines:
        addresses = [each.address for each in engines]
        async with AsyncExitStack() as stack:

            async def start(name: str) -> RunningNode:
                node = running_node(addresses, hall_name, tmp_path, name=name)
                return await stack.enter_async_context(node)

            nodes = [await start(name) for name in ("one", "two", "three")]
            speakers = [Speaker([each.port for each in nodes], f"s{number}") for number in range(4)]
            over = asyncio.Event()
            talking = asyncio.gather(*(each.speak(over) for each in speakers))
            for engine in engines:
                await more_is_said(speakers)
                engine.kill()
                await more_is_said(speakers)
                engine.start()
                engine.wait()
            await nodes[0].die()
            await more_is_said(speakers)
            over.set()
            await talking
            logs = [await log_at(node.port) for node in nodes[1:]]

    assert logs[0] == logs[1]
    said = [each["text"] for each in logs[0]]
    assert len(said) == len(set(said))
    acked = {nonce: seq for each in speakers for nonce, seq in each.acked.items()}
    assert acked.items() <= {each["text"]: each["seq"] for each in logs[0]}.items()


async def more_is_said(speakers: list[Speaker]) -> None:
    """By each of them."""
    async with asyncio.timeout(90):
        for each in speakers:
            enough = len(each.acked) + 20
            while len(each.acked) < enough:
                each.progress.clear()
                await each.progress.wait()


async def log_at(port: int) -> list[Json]:
    reader = await Wire.member(port, f"reader-{port}", "lobby")
    found: list[Json] = []
    before: Json = {}
    while True:
        page = await reader.granted("history", room="lobby", limit=200, **before)
        found = [*page["messages"], *found]
        if not page["more_before"]:
            return found
        before = {"before": found[0]["seq"]}
