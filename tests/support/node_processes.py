"""A Hall of several nodes, each a process of its own, under one name."""

import asyncio
import contextlib
import itertools
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pychat.server.backplane.jetstream.link import Link, LinkError
from tests.support.engines import Engine, free_port, three
from tests.support.processes import HallProcess
from tests.support.proxy import Proxy

HOST = "hall.test"
"""What clients dial: a name with the addresses of all nodes."""

STREAMS = ("HALL", "ROOMS-0", "SNAP")

GATHERED_SECONDS = 120.0
"""Until all three engines have all that the streams have."""


class NodeProcess:
    """`pychat serve --cluster`, which can be killed and comes back where it was."""

    def __init__(self, name: str, folder: Path, engines: Sequence[str], streams: str) -> None:
        self.name = name
        self.data = folder / name
        self.port = free_port()
        self._engines = ",".join(engines)
        self._config = folder / f"{name}.toml"
        self._config.write_text(f'[cluster]\nstreams = "{streams}"\n')
        self._running: HallProcess | None = None

    def start(self) -> None:
        """Returns when it serves."""
        assert self._running is None
        self._running = HallProcess(
            self.data,
            *("--port", str(self.port), "--cluster", self._engines, "--node", self.name),
            *("--config", str(self._config), "--flood", "off", "--quiet"),
        )

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """In good order; the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        running, self._running = self._running, None
        if running is None:
            return 0
        running.signal(number)
        try:
            return running.end()
        finally:
            running.stop()


class Nodes:
    def __init__(self, all_of_them: list[NodeProcess]) -> None:
        self.all = all_of_them
        self.first: NodeProcess | None = None
        """Whom those who come are to try before the others."""

    @contextlib.contextmanager
    def resolved(self) -> Iterator[None]:
        """HOST has the addresses of all nodes, told in turn, as a server of names does."""
        ask = socket.getaddrinfo
        turns = itertools.cycle(range(len(self.all)))

        def told(host: Any, *rest: Any, **named: Any) -> Any:
            if host != HOST:
                return ask(host, *rest, **named)
            at = next(turns) if self.first is None else self.all.index(self.first)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)
                for where in [("127.0.0.1", node.port) for node in self.all[at:] + self.all[:at]]
            ]

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", told)
            yield


@contextlib.asynccontextmanager
async def nodes_of_a_hall(
    folder: Path, streams: str, **engines: Sequence[str]
) -> AsyncIterator[Nodes]:
    """They serve until the block ends. Each has a name, and engines of which it knows."""
    nodes = Nodes([NodeProcess(name, folder, known, streams) for name, known in engines.items()])
    try:
        for node in nodes.all:
            await asyncio.to_thread(node.start)
        with nodes.resolved():
            yield nodes
    finally:
        for node in nodes.all:
            node.kill()


class Engines:
    """Three, and what leads where."""

    def __init__(self, all_of_them: list[Engine], link: Link, streams: str) -> None:
        self.all = all_of_them
        self._named = {f"engine{number}": engine for number, engine in enumerate(all_of_them)}
        self._link = link
        self._streams = streams

    async def leader(self, stream: str) -> Engine:
        """That of the stream, once the others have all that it has."""
        return self._named[await leader(self._link, f"{self._streams}-{stream}")]

    async def led(self) -> float:
        """When what people need has leaders again; by time.monotonic(), to half a second."""
        async with asyncio.timeout(GATHERED_SECONDS):
            for stream in ("ROOMS-0", "HALL"):
                while not await self._is_led(f"{self._streams}-{stream}"):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        return time.monotonic()

    async def _is_led(self, stream: str) -> bool:
        # Nobody but the leader answers.
        with contextlib.suppress(LinkError):
            reply = await self._link.request(f"$JS.API.STREAM.INFO.{stream}", seconds=0.4)
            return "cluster" in msgspec.json.decode(reply.body)
        return False

    async def gathered(self) -> None:
        """Each has all that there is."""
        for stream in STREAMS:
            await self.leader(stream)


async def leader(link: Link, stream: str) -> str:
    """The name of the one that leads, once the others have all that it has."""
    async with asyncio.timeout(GATHERED_SECONDS):
        while True:
            with contextlib.suppress(LinkError):
                reply = await link.request(f"$JS.API.STREAM.INFO.{stream}")
                cluster: dict[str, Any] = msgspec.json.decode(reply.body).get("cluster", {})
                others = cluster.get("replicas", [])
                current = [each["current"] and not each.get("offline") for each in others]
                if cluster.get("leader") and current == [True, True]:
                    name: str = cluster["leader"]
                    return name
            await asyncio.sleep(0.2)


class Machines:
    """A Hall of three nodes and three engines."""

    def __init__(self, nodes: Nodes, engines: Engines, wires: list[Proxy]) -> None:
        self.nodes = nodes
        self.engines = engines
        self.wires = wires
        """The only way of the last node to its engines."""


@contextlib.asynccontextmanager
async def machines(folder: Path, streams: str) -> AsyncIterator[Machines]:
    async with contextlib.AsyncExitStack() as stack:
        engines = stack.enter_context(three(folder / "engines"))
        wires = [await stack.enter_async_context(Proxy(each.port)) for each in engines]
        direct = [each.address for each in engines]
        far = [f"nats://{wire.address}" for wire in wires]
        nodes = await stack.enter_async_context(
            nodes_of_a_hall(folder, streams, one=direct, two=direct, three=far)
        )
        link = Link(direct, "test")
        await link.open()
        stack.push_async_callback(link.close)
        yield Machines(nodes, Engines(engines, link, streams), wires)
