"""What nodes and NATS take for each thing that happens, as processes on this machine.

Three nodes: people act at `one`, some hear of it at `two`, and nobody is at `three` but what the
Hall's log tells. CPU is that of a process, less what it takes while nothing happens; bytes are what
a node's connection to NATS carries, as NATS counts them.
"""

import asyncio
import contextlib
import functools
import itertools
import json
import sys
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import procs
from benchmarks.cluster_units.people import PATIENCE, Person
from benchmarks.procs import Running
from benchmarks.servers.base import Server
from tests.support.engines import Engine

CROWD = 3_000
"""Who come, join, go away and stay idle."""
BEFORE = 1_000
"""Who are there before them."""
AT_ONCE = 100
"""Of them that wait for an answer."""
SPEAKERS = 20
LISTENERS = 80
RATES = {200: 1_500, 1_000: 5_000}
"""Messages a second, and how many: of few each is taken, applied and delivered by itself, of more
several are together."""
STILL = 5.0
"""Seconds for which nothing happens, to see what that takes."""
SETTLED = 1.5
"""Seconds until what is gathered has been told."""

Figures = dict[str, float]


class Node(Server):
    """One of a cluster, as users run it."""

    name = "node"
    protocol = "pychat"

    def __init__(self, node: str, engines: Sequence[Engine], folder: Path) -> None:
        self._node = node
        self._engines = ",".join(engine.address for engine in engines)
        self._folder = folder

    def command(self, port: int, folder: Path) -> list[str]:
        serve = [sys.executable, "-m", "pychat", "serve", "--port", str(port), "--flood", "off"]
        serve += ["--cluster", self._engines, "--node", self._node]
        return [*serve, "--data", str(self._folder / self._node)]


@dataclass
class Town:
    nodes: dict[str, Running]
    engines: Sequence[Engine]
    still: Figures = field(default_factory=dict)
    """CPU of a second in which nothing happens, by process."""

    def cpu(self) -> Figures:
        """Seconds so far, by process; all servers of NATS are one."""
        taken = {name: _cpu(node.pid) for name, node in self.nodes.items()}
        taken["NATS"] = sum(_cpu(engine.pid) for engine in self.engines)
        return taken

    def wire(self) -> Figures:
        """Bytes so far, by where they go, as NATS counts them."""
        carried: Figures = {}
        for engine in self.engines:
            for each in _asked(engine, "connz?limit=1024")["connections"]:
                for way, key in (("from", "in_bytes"), ("to", "out_bytes")):
                    what = f"{way} {each.get('name', '?')}"
                    carried[what] = carried.get(what, 0.0) + each[key]
            routes = _asked(engine, "routez").get("routes") or []
            copied = sum(each["out_bytes"] for each in routes)
            carried["between servers"] = carried.get("between servers", 0.0) + copied
        return carried

    def stored(self, stream: str) -> float:
        """Bytes of a stream so far, at one server."""
        account = _asked(self.engines[0], "jsz?streams=1&config=0")["account_details"][0]
        (found,) = [each for each in account["stream_detail"] if each["name"] == stream]
        return float(found["state"]["bytes"])

    async def rest(self) -> None:
        """See what nothing takes."""
        await asyncio.sleep(SETTLED)
        before = self.cpu()
        await asyncio.sleep(STILL)
        self.still = {name: (cpu - before[name]) / STILL for name, cpu in self.cpu().items()}

    async def cost(self, count: int, what: Callable[[], Awaitable[None]]) -> Figures:
        """Of one of `count` things that `what` does: µs of CPU and bytes."""
        loop = asyncio.get_running_loop()
        cpu, wire, began = self.cpu(), self.wire(), loop.time()
        await what()
        await asyncio.sleep(SETTLED)
        lasted = loop.time() - began
        figures = {
            f"{name}, µs": 1e6 * (after - cpu[name] - lasted * self.still[name]) / count
            for name, after in self.cpu().items()
        }
        for name, after in self.wire().items():
            figures[f"{name}, bytes"] = (after - wire.get(name, 0.0)) / count
        return figures


def _cpu(pid: int) -> float:
    """Seconds on a processor of all threads, by the scheduler's nanoseconds."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def _asked(engine: Engine, what: str) -> Any:
    with urllib.request.urlopen(f"{engine.monitor()}/{what}", timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())


async def _in_turn(people: Sequence[Person], act: Callable[[Person], Awaitable[None]]) -> None:
    """All of them, AT_ONCE at a time."""
    waiting = iter(people)

    async def one_after_the_other() -> None:
        for person in waiting:
            await act(person)

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


async def _join(room: str, person: Person) -> None:
    await person.ask("join", room=room)


async def _talk(
    rate: int, speakers: Sequence[Person], hearers: Sequence[Person], room: str
) -> None:
    """So many as belong to that rate, until all have heard all."""
    before = [each.messages for each in hearers]
    turn = itertools.cycle(speakers)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as saying:
        for number in range(RATES[rate]):
            saying.create_task(next(turn).say(room, next(_numbers)))
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
    async with asyncio.timeout(PATIENCE):
        for person, heard in zip(hearers, before, strict=True):
            await person.heard(heard + RATES[rate])


_numbers = itertools.count(1)


@contextlib.contextmanager
def _town(engines: Sequence[Engine], folder: Path) -> Iterator[Town]:
    with contextlib.ExitStack() as stack:
        nodes = {
            name: stack.enter_context(procs.running(Node(name, engines, folder)))
            for name in ("one", "two", "three")
        }
        yield Town(nodes, engines)


@contextlib.asynccontextmanager
async def _people(town: Town, node: str, names: Sequence[str]) -> AsyncIterator[list[Person]]:
    people = [Person(name) for name in names]
    await _in_turn(people, lambda each: each.hello(town.nodes[node].port))
    yield people
    for person in people:
        person.hang_up()


def _names(beginning: str, count: int) -> list[str]:
    return [f"{beginning}{number}" for number in range(count)]


async def of_messages(engines: Sequence[Engine], folder: Path) -> dict[str, Figures]:
    """By who hears them: at `one` the SPEAKERS always do."""
    found: dict[str, Figures] = {}
    with _town(engines, folder) as town:
        async with (
            _people(town, "one", _names("s", SPEAKERS)) as speakers,
            _people(town, "one", _names("l", LISTENERS)) as here,
            _people(town, "two", _names("m", 1)) as alone,
            _people(town, "two", _names("n", LISTENERS + 1)) as there,
        ):
            await town.rest()
            for room, title, hearers in (
                ("none", f"{SPEAKERS} at one", []),
                ("here", f"{SPEAKERS + LISTENERS} at one", here),
                ("some", f"{SPEAKERS} at one, 1 at two", alone),
                ("many", f"{SPEAKERS} at one, {LISTENERS + 1} at two", there),
            ):
                members = [*speakers, *hearers]
                await _in_turn(members, functools.partial(_join, room))
                await asyncio.sleep(SETTLED)
                for each in hearers:
                    each.listen()
                for rate, count in RATES.items():
                    talk = functools.partial(_talk, rate, speakers, members, room)
                    found[f"{rate:,}/s: {title}"] = await town.cost(count, talk)
    return found


async def of_people(engines: Sequence[Engine], folder: Path) -> dict[str, Figures]:
    """Who come, and what they do that all nodes carry out."""
    found: dict[str, Figures] = {}
    async with contextlib.AsyncExitStack() as stack:
        town = stack.enter_context(_town(engines, folder))
        # What a process takes once and for all, and memory that it has left from its start.
        await stack.enter_async_context(_people(town, "one", _names("w", BEFORE)))
        await town.rest()
        before = town.still
        memory = {name: node.memory().rss for name, node in town.nodes.items()}
        crowd = [Person(name) for name in _names("p", CROWD)]
        port = town.nodes["one"].port
        stored = town.stored("pychat-HALL")

        async def act(kind: str, what: Callable[[Person], Awaitable[None]]) -> None:
            nonlocal stored
            figures = await town.cost(CROWD, lambda: _in_turn(crowd, what))
            held, stored = stored, town.stored("pychat-HALL")
            found[kind] = figures | {"stored, bytes": (stored - held) / CROWD}

        await act("hello", lambda each: each.hello(port))
        for name, node in town.nodes.items():
            found["hello"][f"{name}, KiB"] = (node.memory().rss - memory[name]) / CROWD / 1024
        await town.rest()
        found["idle"] = {
            f"{name}, µs/s": 1e6 * (cpu - before[name]) / CROWD for name, cpu in town.still.items()
        }
        rooms = {each: f"room-{at // 50}" for at, each in enumerate(crowd)}
        await act("join", lambda each: each.ask("join", room=rooms[each]))
        await act("away", lambda each: each.ask("away", away=True))
        await act("quit", lambda each: each.ask("quit"))
    return found
