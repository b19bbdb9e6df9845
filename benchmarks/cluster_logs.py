"""The logs of a Hall in a cluster: how much its nodes append, and how soon the others have it.

    python -m benchmarks.cluster_logs

An engine of one server and one of three, which sync each write; the nodes are in one process beside
it, so that all figures are a floor where the machine has few cores. A node's CPU is the process's:
what a second node that only follows adds to it, and a third that follows nothing, are differences.
"""

import asyncio
import contextlib
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from pychat.protocol.events import LoggedEvent, Message
from pychat.server.backplane.interface import Outcome, Receipt
from pychat.server.backplane.jetstream.ledger import JetStreamLedger
from pychat.server.backplane.jetstream.link import Link
from pychat.server.lifecycle import loop_factory
from tests.support.engines import Engine, running, three

SPEAKERS = 64
SECONDS = 4.0
RATE = 200
"""Appends a second where it is the delay that is looked at."""
ROOM = "lobby"

_numbers = itertools.count()


class Node:
    """Settles what it says, and notes when it is told of what."""

    def __init__(self, ledger: JetStreamLedger) -> None:
        self.ledger = ledger
        self.told: dict[str, float] = {}
        """When, by the nonce."""

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        now = time.perf_counter()
        for event in events:
            self.told[event.nonce] = now
        for ticket, outcome in outcomes:
            assert isinstance(ticket, asyncio.Future)
            assert isinstance(outcome, Receipt), outcome
            ticket.set_result(None)

    async def say(self, sender: str) -> str:
        nonce = f"{sender}-{next(_numbers)}"
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        event = Message(
            room=ROOM, seq=0, prev=0, time=0, sender=sender, nonce=nonce, text="x" * 120
        )
        self.ledger.append(event, settled)
        await settled
        return nonce


@contextlib.asynccontextmanager
async def node(engines: Sequence[Engine], folder: Path, *, follows: bool) -> AsyncIterator[Node]:
    link = Link([engine.address for engine in engines], "bench")
    await link.open()
    found = Node(JetStreamLedger(link, "bench", folder))
    await found.ledger.open(found)
    if follows:
        await found.ledger.follow(ROOM)
    yield found
    await found.ledger.close()
    await link.close()


async def load(speaker: Node) -> tuple[float, float]:
    """Appends a second with SPEAKERS who wait for each, and the CPU of one in microseconds."""
    end, said = time.perf_counter() + SECONDS, 0

    async def speak(name: str) -> None:
        nonlocal said
        while time.perf_counter() < end:
            await speaker.say(name)
            said += 1

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(speak(f"p{number}") for number in range(SPEAKERS)))
    taken, spent = time.perf_counter() - began, time.process_time() - cpu
    return said / taken, 1e6 * spent / said


async def delays(speaker: Node, listener: Node) -> tuple[list[float], list[float]]:
    """Milliseconds until each was acknowledged, and until the other node told of it."""
    acknowledged: list[float] = []
    said: dict[str, float] = {}

    async def say(number: int) -> None:
        began = time.perf_counter()
        said[await speaker.say(f"p{number % SPEAKERS}")] = began
        acknowledged.append(1e3 * (time.perf_counter() - began))

    async with asyncio.TaskGroup() as saying:
        for number in range(int(RATE * SECONDS)):
            saying.create_task(say(number))
            await asyncio.sleep(1 / RATE)
    await listener.ledger.follow(ROOM)
    return acknowledged, [1e3 * (listener.told[nonce] - began) for nonce, began in said.items()]


def tell(what: str, values: list[float]) -> str:
    marks = statistics.quantiles(values, n=100)
    return f"{what} {marks[49]:.1f} / {marks[98]:.1f}"


async def measure(title: str, engines: Sequence[Engine], folder: Path) -> None:
    async with node(engines, folder / "first", follows=True) as first:
        rate, alone = await load(first)
        async with node(engines, folder / "second", follows=True) as second:
            _, both = await load(first)
            acknowledged, delivered = await delays(first, second)
        async with node(engines, folder / "third", follows=False):
            _, beside = await load(first)
    sys.stdout.write(
        f"{title}: {rate:,.0f} appends/s, {alone:.0f} µs of CPU each; a second node that follows "
        f"{both - alone:+.0f} µs, one that does not {beside - alone:+.0f} µs\n"
        f"  at {RATE}/s, ms p50 / p99: {tell('acknowledged', acknowledged)}, "
        f"{tell('told at the other node', delivered)}\n"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            with running(folder / "one") as engine:
                runner.run(measure("one server", [engine], folder / "a"))
            with three(folder / "three") as engines:
                runner.run(measure("three servers", engines, folder / "b"))


if __name__ == "__main__":
    main()
