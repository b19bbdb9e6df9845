"""The Ledger on JetStream: a room is a subject of a stream, and its log what all nodes make of it.

A stream's order decides. What is said here is proposed there; it is settled, and told, when it has
come back and is in this node's projection, which answers all questions.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import database, fold, lock, rules
from pychat.server.backplane.committer import Settled
from pychat.server.backplane.disk import DiskSpeed
from pychat.server.backplane.interface import (
    Clock,
    Delta,
    DeltaQuery,
    Found,
    LedgerError,
    Outcome,
    Page,
    PageQuery,
    Person,
    Rejection,
    Retention,
    RoomRecord,
    SearchQuery,
    Sinks,
)
from pychat.server.backplane.jetstream import half_made, projection, stored, streams, tasks
from pychat.server.backplane.jetstream.floors import Beginning
from pychat.server.backplane.jetstream.following import Follower
from pychat.server.backplane.jetstream.lag import RoomsLag
from pychat.server.backplane.jetstream.lanes import Lanes
from pychat.server.backplane.jetstream.link import Link, LinkError
from pychat.server.backplane.jetstream.projection import Projection, Step
from pychat.server.backplane.jetstream.proposals import Layout
from pychat.server.backplane.jetstream.publisher import PATIENCE, Publisher
from pychat.server.backplane.jetstream.retaining import Retainer
from pychat.server.backplane.jetstream.stored import Stored
from pychat.server.backplane.jetstream.streams import StreamInfo
from pychat.server.backplane.reader import Reader
from pychat.server.backplane.steady import SteadyClock
from pychat.server.backplane.writer import Writer
from pychat.server.counters import Histogram

_log = logging.getLogger("pychat.cluster")

EXPIRE_SECONDS = 1.0
"""Between two looks for proposals that are overdue."""

MIN_PAYLOAD = 256 * 1024
"""Bytes that the engine must take in one message: an event has at most a frame's, and with all the
names of its sender some more."""

_Query = TypeVar("_Query")
_Answer = TypeVar("_Answer")


def wall() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


def stream_time(found: Stored) -> int:
    """Of the event that a proposal becomes: the clock of the stream's leader, the same for all."""
    return found.time


class _Files(msgspec.Struct):
    """The projection, open."""

    path: Path
    held: int
    """The descriptor of its lock."""
    writing: Projection
    reading: Reader
    applied: dict[str, int]
    records: list[RoomRecord]


class _Parts(msgspec.Struct):
    """What there is between `open` and `close`."""

    files: _Files
    reads: ThreadPoolExecutor
    writer: Writer
    publisher: Publisher
    lanes: Lanes
    follower: Follower
    retainer: Retainer
    expiring: asyncio.Task[None]


class JetStreamLedger:
    """One node's. Rooms are to be followed before anything is appended or asked there; `search`
    finds what is in rooms that are.

    Numbers are counted by the projection, so that they rise by one in a room; times are the
    stream's. An append that the engine does not settle within a named time is `unavailable`, and
    may come all the same: `rules` make a second one of it harmless.
    """

    def __init__(
        self,
        link: Link,
        hall: str,
        folder: Path,
        *,
        shards: int = 1,
        retention: Retention | None = None,
        commits: Histogram | None = None,
        clock: Clock = wall,
        time_of: Callable[[Stored], int] = stream_time,
    ) -> None:
        """`link` is open from before `open` until after `close`. `hall` is what the streams' names
        begin with; `shards` holds where this node is the first of all. The projection is in
        `folder`; `commits` gets how long each of its commits took."""
        self._link = link
        self._hall = hall
        self._path = folder / "projection.db"
        self._shards = shards
        self._retention = retention or Retention()
        self._commits = commits
        self._clock = clock
        self._latest = 0
        """When something was said last; the streams' time, as they were opened."""
        self._time_of = time_of
        self.begun: Callable[[RoomRecord], None] = lambda _: None
        """Is told from where a room is made anew, since its stream lets go of what was before."""
        self._epoch = ""
        self._sinks: Sinks | None = None
        self._parts: _Parts | None = None
        self._closing = False
        """What is under way is settled still, and nothing else is done."""
        self._leaving: set[str] = set()
        """Rooms to be left when nothing is under way there."""
        self.streams: Sequence[StreamInfo] = ()
        """As they were when they were opened."""

    @property
    def epoch(self) -> str:
        """Empty before `open`."""
        return self._epoch

    async def open(self, sinks: Sinks) -> Sequence[RoomRecord]:
        """The rooms that the projection has, which may be behind their streams."""
        layout = await self._prepare()
        loop = asyncio.get_running_loop()
        reads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pychat-reader")
        try:
            files = await loop.run_in_executor(reads, self._open_files, layout)
        except BaseException:
            reads.shutdown(wait=False)
            raise
        known = files.writing.reckoned() or self._latest or self._clock()
        self._sinks = sinks
        writer = Writer(files.writing, self._decided)
        publisher = Publisher(self._link, secrets.token_hex(8))
        follower = Follower(
            self._link,
            layout,
            files.applied,
            writer.put,
            lambda *floor: writer.run(partial(files.writing.let_go, *floor)),
            partial(self._begin, writer, files.writing),
            self._time_of,
        )
        lanes = Lanes(publisher, layout, self._settle, follower.needs, self._quiet)
        retainer = Retainer(
            self._link,
            layout,
            publisher,
            follower,
            writer,
            files.writing,
            self._retention,
            SteadyClock(known, self._clock),
        )
        publisher.open()
        follower.open()
        if self._retention.bounded:
            retainer.open()
        expiring = tasks.begin(self._expire(lanes))
        self._closing = False
        self._parts = _Parts(files, reads, writer, publisher, lanes, follower, retainer, expiring)
        return files.records

    async def _begin(self, writer: Writer, files: Projection, start: Beginning) -> bool:
        begun = await writer.run(partial(files.begin, start))
        if begun:
            self.begun(RoomRecord(start.room, start.seq, start.topic))
        return begun

    async def _prepare(self) -> Layout:
        """Raises LedgerError."""
        fresh = {"pychat-epoch": secrets.token_hex(8), "pychat-shards": str(self._shards)}
        try:
            if self._link.max_payload < MIN_PAYLOAD:
                raise LedgerError(
                    f"NATS takes messages of {self._link.max_payload} bytes; set max_payload to "
                    f"{MIN_PAYLOAD} or more"
                )
            first = await self._stream(Layout(self._hall, 1), 0, fresh)
            half_made.refuse(first)
            self._epoch = first.metadata.get("pychat-epoch", "")
            layout = Layout(self._hall, int(first.metadata.get("pychat-shards", "0")))
            if not self._epoch or layout.shards < 1:
                raise LedgerError(
                    f"the stream {first.name} was not made by pychat; give the Hall another name "
                    "in the cluster"
                )
            others = [await self._stream(layout, at, {}) for at in range(1, layout.shards)]
            self.streams = (first, *others)
            self._latest = await self._last_time(layout)
        except LinkError as fault:
            raise LedgerError(str(fault)) from fault
        return layout

    async def _last_time(self, layout: Layout) -> int:
        """Of all that was said, by the streams; 0 of nothing. Raises LinkError."""
        times = [0]
        for shard, stream in enumerate(self.streams):
            subjects = layout.subjects(shard)
            found = await stored.after(self._link, stream.name, subjects, stream.last - 1, 1)
            times += [self._time_of(each) for each in found.messages]
        return max(times)

    async def _stream(self, layout: Layout, shard: int, metadata: dict[str, str]) -> StreamInfo:
        return await streams.ensure(self._link, layout.spec(shard, metadata))

    def _open_files(self, layout: Layout) -> _Files:
        path = self._path
        with ExitStack() as undo:
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                held = lock.acquire(path.with_name(f"{path.name}.lock"))
                undo.callback(os.close, held)
                db = projection.open_file(path, self._epoch)
                if self._ahead(layout, projection.cursors(db)):
                    db.close()
                    _log.warning("the streams go less far than the projection, which is made anew")
                    projection.set_aside(path)
                    db = projection.open_file(path, self._epoch)
                undo.enter_context(closing(db))
                reading = undo.enter_context(closing(database.open_reader(path)))
                files = _Files(
                    path=path,
                    held=held,
                    writing=Projection(db, DiskSpeed(0.0, self._commits)),
                    reading=Reader(reading),
                    applied=projection.cursors(db),
                    records=projection.records(db),
                )
            except (OSError, sqlite3.Error) as fault:
                raise LedgerError(
                    f"the projection {path} cannot be opened: {database.explain(fault)}"
                ) from fault
            undo.pop_all()
        return files

    def _ahead(self, layout: Layout, cursors: dict[str, int]) -> bool:
        """Whether a stream was set back."""
        last = {stream.name: stream.last for stream in self.streams}
        return any(at > last[layout.place(room).stream] for room, at in cursors.items())

    async def close(self) -> None:
        parts = self._parts
        if parts is None or self._closing:
            return
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await parts.lanes.empty()
        await parts.retainer.close()
        await parts.publisher.close()
        parts.expiring.cancel()
        parts.lanes.abandon("this node is shutting down")
        await parts.follower.close()
        await parts.writer.close()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(parts.reads, parts.files.reading.close)
        parts.reads.shutdown()
        os.close(parts.files.held)
        self._parts = None

    # -- rooms ------------------------------------------------------------------------------------

    async def follow(self, room: str) -> None:
        """Returns when the projection has what the room's stream had at the call; what comes from
        then on is told to the sinks, as was what the projection did not have. Raises LedgerError,
        and then the room is not followed."""
        parts = self._require_open()
        self._leaving.discard(room)
        await parts.follower.follow(room)

    def unfollow(self, room: str) -> None:
        """When what is under way there is settled. What is in the projection stays, and is where
        `follow` goes on from."""
        if self._parts is None:
            return
        if self._parts.lanes.busy(room):
            self._leaving.add(room)
        else:
            self._parts.follower.unfollow(room)

    def lag(self) -> RoomsLag:
        if self._parts is None:
            return RoomsLag()
        follower, lanes = self._parts.follower, self._parts.lanes
        return RoomsLag(follower.followed, follower.behind, lanes.under_way, lanes.oldest)

    def _quiet(self, room: str) -> None:
        if room in self._leaving:
            self._leaving.discard(room)
            if self._parts is not None:
                self._parts.follower.unfollow(room)

    # -- appends ----------------------------------------------------------------------------------

    def append(self, event: LoggedEvent, ticket: object, person: Person = ()) -> None:
        if self._parts is None or self._closing:
            self._settle(ticket, Rejection("unavailable", rules.CLOSED))
        elif not self._parts.follower.follows(event.room):
            _log.error("something was said in %r, which this node does not follow", event.room)
            text = rules.UNAVAILABLE.format("this server does not follow the room")
            self._settle(ticket, Rejection("unavailable", text))
        else:
            self._parts.lanes.propose(event, ticket, person)

    def _settle(self, ticket: object, outcome: Outcome) -> None:
        """Not in the tick in which it was appended."""
        assert self._sinks is not None, "append comes after open"
        asyncio.get_running_loop().call_soon(self._sinks.committed, (), [(ticket, outcome)])

    def _decided(self, settled: Settled) -> None:
        assert self._parts is not None
        assert self._sinks is not None
        new, outcomes = settled
        steps = [step for step, _ in outcomes if isinstance(step, Step)]
        if any(isinstance(o, Rejection) and o.reason == "unavailable" for _, o in outcomes):
            # By this node's disk alone: the others have decided.
            self._parts.follower.refused(steps)
            return
        self._parts.follower.applied(steps)
        told = []
        for step, (_, outcome) in zip(steps, outcomes, strict=True):
            ticket = self._parts.lanes.take(step.origin)
            if ticket is not None:
                told.append((ticket, outcome))
        if new or told:
            self._sinks.committed(new, told)

    async def _expire(self, lanes: Lanes) -> None:
        while True:
            await asyncio.sleep(EXPIRE_SECONDS)
            lanes.expire()

    # -- questions --------------------------------------------------------------------------------

    async def page(self, query: PageQuery) -> Page:
        self._require(query.room)
        return await self._read(Reader.page, query)

    async def delta(self, query: DeltaQuery) -> Delta:
        self._require(query.room)
        return await self._read(Reader.delta, query)

    async def search(self, query: SearchQuery) -> Found:
        await self._require_open().writer.caught_up()
        return await self._read(_search, query)

    def _require(self, room: str) -> None:
        if not self._require_open().follower.follows(room):
            raise LedgerError(f"this node does not follow the room {room!r}; it has no answer")

    async def _read(self, ask: Callable[[Reader, _Query], _Answer], query: _Query) -> _Answer:
        parts = self._require_open()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(parts.reads, ask, parts.files.reading, query)

    def _require_open(self) -> _Parts:
        if self._parts is None or self._closing:
            raise LedgerError(f"the log {self._path} is closed; open it first")
        return self._parts


def _search(reader: Reader, query: SearchQuery) -> Found:
    """Room by room: rows of the projection come in the order in which rooms were caught up with."""
    founds = [reader.search(msgspec.structs.replace(query, rooms=[room])) for room in query.rooms]
    return fold.merged(founds, query)
