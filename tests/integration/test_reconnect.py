"""Whatever breaks between a client and its Hall: everything arrives once, in order."""

import asyncio
import contextlib
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pychat.client import Changes, Client, ConnectionLost, Note, connect
from pychat.client.timing import SYSTEM_TIMING
from pychat.protocol.events import Event, Logged, Message
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import running_hall
from tests.support.news import until
from tests.support.processes import Lines, Serve, serve_process
from tests.support.proxy import Proxy

__all__ = ["serve_process"]

PATIENCE = 50.0
"""Seconds for the longest of these: some wait for a Hall to give a name back."""

HASTE = 50
"""Waits are so many times shorter than they are for people."""

LINGER = 0.3
"""Seconds that a Hall keeps a place. Where a connection breaks after the Hall has said `welcome`
and before that is heard, the token is used up, and this is how long the name is taken."""

HASTY = SYSTEM_TIMING._replace(
    call_later=lambda seconds, callback: asyncio.get_running_loop().call_later(
        seconds / HASTE, callback
    )
)


async def enter(address: str, name: str, room: str = "lobby") -> "Witness":
    client = await connect(address, name=name, reconnect=True, timing=HASTY)
    witness = Witness(client)
    await client.join(room)
    return witness


class Witness:
    """A client, and all that it is told."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.events: list[Event] = []
        self.notes: list[Note] = []
        self.connections = 0
        self._stream = client.events()
        client.subscribe(self._told)

    def _told(self, changes: Changes) -> None:
        self.notes += changes.notes.get("lobby", [])
        self.connections += changes.connection and self.client.state == "connected"

    @property
    def log(self) -> list[Logged]:
        return [event for event in self.events if isinstance(event, Logged)]

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Message)]

    async def hear(self, count: int) -> list[str]:
        """Listen until so many messages have come; their texts."""
        async with asyncio.timeout(PATIENCE):
            while len(self.texts) < count:
                event = await anext(self._stream)
                self.events.append(event)
        return self.texts

    async def hear_out(self) -> list[str]:
        """Listen to all that has been said so far, and no further; the texts."""
        while True:
            await until(self.client, lambda: self.client.state == "connected")
            with contextlib.suppress(ConnectionLost):
                # After the answer to this, no event is under way.
                await self.client.ping()
                break
        self._stream.end(None)
        self.events += [event async for event in self._stream]
        return self.texts


def check_log(log: list[Logged]) -> None:
    """A log as it should be: no gap, no double."""
    for before, after in pairwise(log):
        assert after.prev == before.seq
    assert len({(event.sender, event.nonce) for event in log}) == len(log)


def numbered(count: int, prefix: str = "m") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


@contextlib.contextmanager
def cutting_every(proxy: Proxy, seconds: float, rng: random.Random) -> Iterator[None]:
    """Cut all connections again and again, after so long in the mean."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def cut() -> None:
        nonlocal timer
        proxy.cut()
        timer = loop.call_later(rng.uniform(0, 2 * seconds), cut)

    timer = loop.call_later(seconds, cut)
    yield
    timer.cancel()


@pytest.fixture
async def wire() -> AsyncIterator[Proxy]:
    """To a Hall that gives up on those who are away early."""
    async with running_hall(linger=LINGER) as hall, Proxy(hall.port) as proxy:
        yield proxy


# -- a bad wire -------------------------------------------------------------------------------


async def test_a_thousand_messages_over_a_wire_cut_every_50_ms_arrive_once_in_order(
    wire: Proxy,
) -> None:
    bob = await enter(f"127.0.0.1:{wire.target}", "bob")
    ann = await enter(wire.address, "ann")

    with cutting_every(wire, 0.05, random.Random(1)):
        for text in numbered(1_000):
            ann.client.post("lobby", text)
        heard = await bob.hear(1_000)

    await until(ann.client, lambda: len(ann.client.outbox) == 0)
    assert heard == await ann.hear_out() == await bob.hear_out() == numbered(1_000)
    assert ann.log == bob.log
    check_log(bob.log)
    assert wire.connections > 5


@pytest.mark.parametrize("seed", range(3))
async def test_a_wire_that_is_cut_at_any_byte_loses_and_doubles_nothing(
    wire: Proxy, seed: int
) -> None:
    rng = random.Random(seed)
    bob = await enter(wire.address, "bob")
    ann = await enter(wire.address, "ann")
    # What was missed comes in one piece; a wire that never lets it through lets nothing through.
    wire.allowance = lambda: rng.randint(1, rng.choice([3_000, 300_000]))
    wire.cut()

    async def send_all(texts: list[str]) -> None:
        for begin in range(0, len(texts), 10):
            async with asyncio.TaskGroup() as tasks:
                for text in texts[begin : begin + 10]:
                    tasks.create_task(bob.client.send("lobby", text))

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        for text in numbered(300, "posted"):
            ann.client.post("lobby", text)
        tasks.create_task(send_all(numbered(100, "sent")))
        tasks.create_task(ann.hear(400))
        tasks.create_task(bob.hear(400))
    wire.allowance = None

    assert ann.log == bob.log
    check_log(ann.log)
    assert [text for text in ann.texts if text.startswith("p")] == numbered(300, "posted")
    assert [text for text in ann.texts if text.startswith("s")] == numbered(100, "sent")
    assert ann.client.mirror.rooms["lobby"].messages == bob.client.mirror.rooms["lobby"].messages


async def test_a_short_break_is_not_noticed_by_others() -> None:
    async with running_hall() as hall, Proxy(hall.port) as proxy:
        bob = await enter(hall.address, "bob")
        ann = await enter(proxy.address, "ann")
        await until(bob.client, lambda: "ann" in bob.client.mirror.rooms["lobby"].members)
        proxy.cut()
        await until(ann.client, lambda: ann.client.state != "connected")
        await bob.client.send("lobby", "meanwhile")
        await until(ann.client, lambda: ann.client.state == "connected")
        await ann.client.send("lobby", "back")

        assert await ann.hear(2) == ["meanwhile", "back"]
        assert [note for note in ann.notes if note.kind == "fetched"] == [
            Note(kind="fetched", name="", count=1)
        ]
        await bob.hear(2)
        assert {note.kind for note in bob.notes} <= {"joined", "away", "back"}


async def test_a_wire_that_stands_still_for_a_moment_is_no_break(wire: Proxy) -> None:
    ann = await enter(wire.address, "ann")
    wire.stall()
    for text in numbered(5):
        ann.client.post("lobby", text)
    wire.resume()

    assert await ann.hear(5) == numbered(5)
    assert wire.connections == 1


async def test_a_hall_that_is_away_for_a_while_is_found_again(wire: Proxy) -> None:
    ann = await enter(wire.address, "ann")
    hall, wire.target = wire.target, 1
    wire.cut()
    await until(ann.client, lambda: (ann.client.retry or (0,))[0] >= 3)
    for text in numbered(5):
        ann.client.post("lobby", text)

    wire.target = hall

    assert await ann.hear(5) == numbered(5)


# -- a Hall that ends -------------------------------------------------------------------------


async def test_a_restart_of_the_hall_in_the_middle_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    def ledger() -> SqliteLedger:
        return SqliteLedger(tmp_path / "hall", SYSTEM_CLOCK.wall)

    async with running_hall(ledger()) as hall:
        port = hall.port
        ann, bob = await enter(hall.address, "ann"), await enter(hall.address, "bob")
        for text in numbered(300):
            ann.client.post("lobby", text)
        await bob.hear(100)
    await until(ann.client, lambda: ann.client.state == "connecting")
    for text in numbered(5, "meanwhile"):
        ann.client.post("lobby", text)
    async with running_hall(ledger(), port=port):
        expected = numbered(300) + numbered(5, "meanwhile")
        assert await bob.hear(305) == await ann.hear(305) == expected
        check_log(bob.log)
        assert ann.log == bob.log
        await until(ann.client, lambda: len(ann.client.outbox) == 0)
        await ann.client.quit()
        await bob.client.quit()


async def test_a_hall_that_is_killed_again_and_again_loses_and_doubles_nothing(
    serve_process: Serve,
) -> None:
    hall = await asyncio.to_thread(serve_process, "--flood", "off")
    ann, bob = await enter(hall.address, "ann"), await enter(hall.address, "bob")
    receipts: dict[str, int] = {}

    async def send(text: str) -> None:
        receipts[text] = (await bob.client.send("lobby", text)).seq

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        for text in numbered(150, "a"):
            ann.client.post("lobby", text)
        for text in numbered(150, "b"):
            tasks.create_task(send(text))
        for count in (20, 150, 220):
            await ann.hear(count)
            hall.process.kill()
            again = ("--port", str(hall.port), "--flood", "off")
            hall = await asyncio.to_thread(serve_process, *again)
        await ann.hear(300)
        await bob.hear(300)

    assert ann.log == bob.log
    check_log(ann.log)
    assert [text for text in ann.texts if text.startswith("a")] == numbered(150, "a")
    assert [text for text in ann.texts if text.startswith("b")] == numbered(150, "b")
    stored = {event.text: event.seq for event in ann.events if isinstance(event, Message)}
    assert {text: stored[text] for text in receipts} == receipts
    await ann.client.close()
    await bob.client.close()


# -- a client that ends -----------------------------------------------------------------------


class Child:
    """A client in a process of its own, whose queue is on disk."""

    def __init__(self, address: str, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.posting_child", address, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert self._process.stdout is not None
        self._lines = Lines(self._process.stdout)

    async def ready(self) -> None:
        assert await asyncio.to_thread(self._lines.next) == "ready"

    def tell(self, order: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()

    async def queued(self, count: int) -> list[str]:
        """Wait until so many are; which."""
        return [await asyncio.to_thread(self._lines.next) for _ in range(count)]

    async def kill(self) -> list[str]:
        """What else it had queued before that."""
        self._process.kill()
        return await self.end()

    async def end(self) -> list[str]:
        rest = await asyncio.to_thread(self._lines.rest)
        await asyncio.to_thread(self._process.wait)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        return rest


async def test_a_client_killed_while_it_sends_has_all_of_it_said_by_the_next(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ann.jsonl"
    async with running_hall(linger=LINGER) as hall:
        bob = await enter(hall.address, "bob")
        child = Child(hall.address, path)
        await child.ready()
        child.tell("say 1000")
        await bob.hear(30)
        queued = await child.queued(40)
        queued += await child.kill()

        again = Child(hall.address, path)
        again.tell("finish")
        await again.end()

        heard = await bob.hear_out()
        # The kill may have come between the last one's queueing and its printing.
        assert heard in (queued, numbered(len(queued) + 1, "message "))
        assert queued == numbered(len(queued), "message ")
        check_log(bob.log)
        await bob.client.quit()


async def test_what_was_queued_without_a_hall_by_a_client_then_killed_arrives_once_in_order(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ann.jsonl"

    def ledger() -> SqliteLedger:
        return SqliteLedger(tmp_path / "hall", SYSTEM_CLOCK.wall)

    async with running_hall(ledger()) as hall:
        port = hall.port
        child = Child(hall.address, path)
        await child.ready()
    child.tell("say 5")
    queued = await child.queued(5)
    await child.kill()
    async with running_hall(ledger(), port=port) as hall:
        bob = await enter(hall.address, "bob")
        again = Child(hall.address, path)
        again.tell("finish")

        await again.end()
        assert await bob.hear_out() == queued == numbered(5, "message ")
        await bob.client.quit()
