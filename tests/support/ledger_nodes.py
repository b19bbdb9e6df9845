"""Nodes of a Hall in a cluster, as far as their logs go."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from pychat.protocol import names
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.interface import (
    Clock,
    Delta,
    DeltaQuery,
    Found,
    Outcome,
    Page,
    PageQuery,
    Person,
    Retention,
    RoomRecord,
    SearchQuery,
    Sinks,
)
from pychat.server.backplane.jetstream.ledger import JetStreamLedger
from pychat.server.backplane.jetstream.link import (
    Link,
    LinkError,
    Message,
    Receive,
    Subscription,
)
from tests.support.engines import Engine
from tests.support.ledgers import Recorder, append, newest

PATIENCE = 30.0
"""Seconds for anything: an engine on a busy machine takes its time."""


@contextlib.asynccontextmanager
async def linked(*engines: Engine, name: str = "node") -> AsyncIterator[Link]:
    link = Link([engine.address for engine in engines], name)
    await link.open()
    try:
        yield link
    finally:
        await link.close()


@contextlib.asynccontextmanager
async def contract_ledger(
    engine: Engine, hall: str, folder: Path, clock: Clock, keep: Retention | None = None
) -> AsyncIterator["FollowingLedger"]:
    """Its times are the clock's, which a test can set; its streams are gone afterwards."""
    async with linked(engine) as link:
        ledger = JetStreamLedger(
            link, hall, folder, retention=keep, clock=clock, time_of=lambda _: clock()
        )
        yield FollowingLedger(ledger, sweeps=keep is not None)
        with contextlib.suppress(LinkError):
            await link.request(f"$JS.API.STREAM.DELETE.{hall}-ROOMS-0")


async def sweep(ledger: JetStreamLedger) -> None:
    """Let it look now for what is to go."""
    assert ledger._parts is not None
    await ledger._parts.retainer.sweep()


class FollowingLedger:
    """Follows a room when it is first spoken of, and says what several say one after the other:
    theirs is the order in which the stream gets it, which a test could not foretell. For the same
    reason it `sweeps` by itself, when all is said."""

    def __init__(self, ledger: JetStreamLedger, *, sweeps: bool = False) -> None:
        self._ledger = ledger
        self._sweeps = sweeps
        self._sweeping: asyncio.Task[None] | None = None
        self._sinks: Sinks | None = None
        self._said: asyncio.Queue[tuple[LoggedEvent, object, Person]] = asyncio.Queue()
        self._unsettled: set[object] = set()
        self._settled = asyncio.Event()
        self._saying: asyncio.Task[None] | None = None

    @property
    def epoch(self) -> str:
        return self._ledger.epoch

    async def open(self, sinks: Sinks) -> Sequence[RoomRecord]:
        self._sinks = sinks
        records = await self._ledger.open(self)
        self._saying = asyncio.create_task(self._say())
        if self._sweeps:
            self._sweeping = asyncio.create_task(self._sweep())
        return records

    async def close(self) -> None:
        if self._saying is not None:
            await self._said.join()
            self._saying.cancel()
            self._saying = None
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        await self._ledger.close()

    def append(self, event: LoggedEvent, ticket: object, person: Person = ()) -> None:
        if self._saying is None:
            self._ledger.append(event, ticket, person)
        else:
            self._said.put_nowait((event, ticket, person))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            if self._said.empty() and not self._unsettled:
                await sweep(self._ledger)

    async def _say(self) -> None:
        before = None
        while True:
            event, ticket, person = await self._said.get()
            lane = event.room, names.fold(event.sender)
            while lane != before and self._unsettled:
                self._settled.clear()
                await self._settled.wait()
            before = lane
            await self._ledger.follow(event.room)
            self._unsettled.add(ticket)
            self._ledger.append(event, ticket, person)
            self._said.task_done()

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        assert self._sinks is not None
        self._sinks.committed(events, outcomes)
        self._unsettled -= {ticket for ticket, _ in outcomes}
        self._settled.set()

    async def page(self, query: PageQuery) -> Page:
        await self._ledger.follow(query.room)
        return await self._ledger.page(query)

    async def delta(self, query: DeltaQuery) -> Delta:
        await self._ledger.follow(query.room)
        return await self._ledger.delta(query)

    async def search(self, query: SearchQuery) -> Found:
        return await self._ledger.search(query)


class Ears(Recorder):
    """Sinks that one can wait at."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        super().committed(events, outcomes)
        self._more.set()

    async def heard(self, count: int) -> list[LoggedEvent]:
        """All that was told, when it is so many events."""
        async with asyncio.timeout(PATIENCE):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()
        return self.events


class LossyLink(Link):
    """Loses what it is told to of what comes live, as a network may."""

    def __init__(self, servers: Sequence[str], name: str) -> None:
        super().__init__(servers, name)
        self.loses: Callable[[Message], bool] = lambda _: False
        self.came = 0
        """How many messages came live, lost ones too."""

    async def subscribe(self, subject: str, receive: Receive) -> Subscription:
        def take(message: Message) -> None:
            live = ".live." in message.subject
            self.came += live
            if not live or not self.loses(message):
                receive(message)

        return await super().subscribe(subject, take)


class Node:
    """One of several, which follows its rooms."""

    def __init__(self, link: LossyLink, ledger: JetStreamLedger) -> None:
        self.link = link
        self.ledger = ledger
        self.ears = Ears()

    async def say(self, *batch: LoggedEvent, person: Person = ()) -> list[Outcome]:
        return await append(self.ledger, self.ears, *batch, person=person)

    async def texts(self, room: str = "lobby") -> list[str]:
        return [message.text for message in (await self.ledger.page(newest(room))).messages]


class Addressed(Protocol):
    @property
    def address(self) -> str: ...


class Cluster:
    """The nodes of one Hall, each with a folder of its own."""

    def __init__(self, engines: Sequence[Addressed], hall: str, folder: Path) -> None:
        self._engines = engines
        self._hall = hall
        self._folder = folder

    @contextlib.asynccontextmanager
    async def node(self, name: str, *rooms: str, **rest: Any) -> AsyncIterator[Node]:
        link = LossyLink([engine.address for engine in self._engines], name)
        await link.open()
        node = Node(link, JetStreamLedger(link, self._hall, self._folder / name, **rest))
        try:
            await node.ledger.open(node.ears)
            for room in rooms:
                await node.ledger.follow(room)
            yield node
        finally:
            await node.ledger.close()
            await link.close()

    @contextlib.asynccontextmanager
    async def two(self, *rooms: str) -> AsyncIterator[tuple[Node, Node]]:
        async with self.node("first", *rooms) as first, self.node("second", *rooms) as second:
            yield first, second
