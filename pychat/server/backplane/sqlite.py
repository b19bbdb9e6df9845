"""The Ledger in one SQLite file: durable with each commit, and many appends to a commit."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeVar

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import database, lock, rules
from pychat.server.backplane.committer import Committer
from pychat.server.backplane.disk import DiskSpeed, measure_sync
from pychat.server.backplane.interface import (
    Clock,
    Delta,
    DeltaQuery,
    Found,
    LedgerError,
    Page,
    PageQuery,
    Person,
    Rejection,
    Retention,
    RoomRecord,
    SearchQuery,
    Sinks,
)
from pychat.server.backplane.reader import Reader
from pychat.server.backplane.writer import Writer
from pychat.server.counters import Histogram

_Query = TypeVar("_Query")
_Answer = TypeVar("_Answer")


class SqliteLedger:
    """Keeps its logs in the file `path`, with a journal and a lock file beside it.

    One thread reads; the loop writes while the disk is quick, and else another thread. What cannot
    be read raises LedgerError.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        retention: Retention | None = None,
        commits: Histogram | None = None,
    ) -> None:
        """`commits` gets how long each of them took, in seconds."""
        self._path = path
        self._commits = commits
        self._clock = clock
        self._retention = retention or Retention()
        self._epoch = ""
        self._sinks: Sinks | None = None
        self._lock = -1
        self._writer: Writer | None = None
        self._reader: Reader | None = None
        self._executor: ThreadPoolExecutor | None = None

    @property
    def epoch(self) -> str:
        """Empty before `open`."""
        return self._epoch

    async def open(self, sinks: Sinks) -> Sequence[RoomRecord]:
        loop = asyncio.get_running_loop()

        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pychat-reader")
        try:
            committer, records = await loop.run_in_executor(executor, self._open)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        self._executor = executor
        self._sinks = sinks
        self._writer = Writer(committer, lambda settled: sinks.committed(*settled))
        return records

    def _open(self) -> tuple[Committer, list[RoomRecord]]:
        with ExitStack() as undo:
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                held = lock.acquire(self._path.with_name(f"{self._path.name}.lock"))
                undo.callback(os.close, held)
                db = undo.enter_context(closing(database.open_writer(self._path)))
                reading = undo.enter_context(closing(database.open_reader(self._path)))
                (self._epoch,) = db.execute("SELECT epoch FROM meta").fetchone()
                rooms = db.execute("SELECT name, head, topic FROM place ORDER BY id").fetchall()
                speed = DiskSpeed(measure_sync(self._path.parent), self._commits)
                committer = Committer(db, self._clock, self._retention, speed)
            except (OSError, sqlite3.Error) as fault:
                raise LedgerError(
                    f"the log {self._path} cannot be opened: {database.explain(fault)}"
                ) from fault
            undo.pop_all()
        self._lock = held
        self._reader = Reader(reading)
        return committer, [RoomRecord(*room) for room in rooms]

    async def close(self) -> None:
        writer, self._writer = self._writer, None
        reader, self._reader = self._reader, None
        executor, self._executor = self._executor, None
        if writer is None or reader is None or executor is None:
            return
        # Behind the reads that are under way; and the last to leave checkpoints and removes the
        # journal, so that it is to be the writer.
        await asyncio.get_running_loop().run_in_executor(executor, reader.close)
        executor.shutdown()
        await writer.close()
        os.close(self._lock)

    def append(self, event: LoggedEvent, ticket: object, person: Person = ()) -> None:
        if self._writer is None:
            self._reject(ticket, rules.CLOSED)
        elif not self._writer.put(event, ticket, person):
            self._reject(ticket, rules.UNAVAILABLE.format("too much waits for the disk"))

    def _reject(self, ticket: object, text: str) -> None:
        assert self._sinks is not None, "append comes after open"
        outcome = Rejection("unavailable", text)
        asyncio.get_running_loop().call_soon(self._sinks.committed, (), [(ticket, outcome)])

    async def page(self, query: PageQuery) -> Page:
        return await self._read(Reader.page, query)

    async def delta(self, query: DeltaQuery) -> Delta:
        return await self._read(Reader.delta, query)

    async def search(self, query: SearchQuery) -> Found:
        if self._writer is not None:
            await self._writer.caught_up()
        return await self._read(Reader.search, query)

    async def _read(self, ask: Callable[[Reader, _Query], _Answer], query: _Query) -> _Answer:
        if self._reader is None or self._executor is None:
            raise LedgerError(f"the log {self._path} is closed; open it first")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, ask, self._reader, query)
