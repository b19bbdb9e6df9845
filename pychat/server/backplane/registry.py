"""What is known of people and rights: `people.db`, synced with each write, on a thread of its own.

A file that cannot be read is an error, never a new beginning. A disk that refuses is tried again;
the Hall goes by what it has in memory meanwhile.
"""

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from pychat.server.backplane import database
from pychat.server.backplane.interface import AuditLine, Fact, RegistryError

_logger = logging.getLogger("pychat.registry")

APPLICATION_ID = 0x70794370
"""In the file's header, by which it is told from other SQLite databases: `pyCp`."""

VERSION = 1

UNWRITTEN_LINES = 10_000
"""Of the audit log, while the disk refuses them; some megabytes. Past them the oldest are lost, and
the server's log says so."""

_SCHEMA = f"""
BEGIN;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
CREATE TABLE fact (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,  -- milliseconds
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    room TEXT,
    whom TEXT,
    why TEXT
) STRICT;
COMMIT;
"""

_PUT = "INSERT OR REPLACE INTO fact VALUES (?, ?, ?)"
_FORGET = "DELETE FROM fact WHERE bucket = ? AND key = ?"
_AUDIT = "INSERT INTO audit (time, who, act, room, whom, why) VALUES (?, ?, ?, ?, ?, ?)"

_Done = Callable[[bool], None]


class MemoryRegistry:
    """Keeps its facts from one `open` to the next: for tests."""

    def __init__(self) -> None:
        self.lines: list[AuditLine] = []
        self._facts: dict[tuple[str, str], Fact] = {}
        self._open = False

    def open(self) -> Sequence[Fact]:
        self._open = True
        return list(self._facts.values())

    def put(self, facts: Sequence[Fact], done: _Done) -> None:
        if self._open:
            self._facts.update(((fact.bucket, fact.key), fact) for fact in facts)
            for fact in facts:
                if fact.body is None:
                    self._facts.pop((fact.bucket, fact.key), None)
        asyncio.get_running_loop().call_soon(done, self._open)

    def audit(self, line: AuditLine) -> None:
        self.lines.append(line)

    def keep(self) -> None:
        pass

    async def close(self) -> None:
        self._open = False
        await asyncio.sleep(0)  # for those who are to be told


class SqliteRegistry:
    """What comes while the thread writes is its next transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._facts: dict[tuple[str, str], Fact] = {}
        """To be written: what was put since the last write began, and what that refused."""
        self._lines: deque[AuditLine] = deque()
        self._waiting: list[_Done] = []
        """To be told of the next write."""
        self._writing: asyncio.Future[None] | None = None
        self._refused = False
        """Whether the last write was."""

    def open(self) -> Sequence[Fact]:
        try:
            if not self._path.exists():
                create(self._path)
            self._db = self._connect()
            rows = self._db.execute("SELECT bucket, key, body FROM fact").fetchall()
        except (OSError, sqlite3.Error) as fault:
            self._hang_up()
            raise RegistryError(
                f"who owns which name and who is banned cannot be read from {self._path}: "
                f"{database.explain(fault)}; or move the file away to begin without any of it"
            ) from fault
        self._executor = ThreadPoolExecutor(1, "pychat-registry")
        return [Fact(*row) for row in rows]

    def put(self, facts: Sequence[Fact], done: _Done) -> None:
        if self._db is None:
            asyncio.get_running_loop().call_soon(done, False)
            return
        self._facts.update(((fact.bucket, fact.key), fact) for fact in facts)
        self._waiting.append(done)
        self._write()

    def audit(self, line: AuditLine) -> None:
        self._lines.append(line)
        if len(self._lines) > UNWRITTEN_LINES:
            self._lines.popleft()
            _logger.error("a line of the audit log is lost: the disk has refused too many")
        if not self._refused:
            self._write()

    def keep(self) -> None:
        self._write()

    async def close(self) -> None:
        while self._writing is not None:
            with contextlib.suppress(sqlite3.Error):
                await self._writing
            # Its callback begins the next one.
            await asyncio.sleep(0)
        if self._executor is not None:
            self._executor.shutdown()
        self._hang_up()

    def _write(self) -> None:
        """Everything that waits, in one transaction; once it is settled, what came meanwhile."""
        nothing = not (self._facts or self._lines or self._waiting)
        if self._writing is not None or self._db is None or nothing:
            return
        facts, self._facts = self._facts, {}
        lines, self._lines = self._lines, deque()
        waiting, self._waiting = self._waiting, []
        self._writing = asyncio.get_running_loop().run_in_executor(
            self._executor, _transact, self._db, list(facts.values()), list(lines)
        )
        self._writing.add_done_callback(partial(self._written, facts, lines, waiting))

    def _written(
        self,
        facts: dict[tuple[str, str], Fact],
        lines: deque[AuditLine],
        waiting: list[_Done],
        writing: asyncio.Future[None],
    ) -> None:
        self._writing = None
        fault = writing.exception()
        if fault is not None:
            # What was put meanwhile is newer.
            self._facts = facts | self._facts
            self._lines.extendleft(reversed(lines))
            if not self._refused:
                _logger.error("%s cannot be written for now: %s", self._path, fault)
        elif self._refused:
            _logger.warning("%s is written again", self._path)
        self._refused = fault is not None
        for done in waiting:
            done(fault is None)
        if self._waiting or not self._refused:
            self._write()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            timeout=database.BUSY_SECONDS,
            check_same_thread=False,
        )
        try:
            verify(db, self._path)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA fullfsync = ON")
        except BaseException:
            db.close()
            raise
        return db

    def _hang_up(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()


def create(path: Path, facts: Iterable[Fact] = ()) -> None:
    """Make the file, with these in it. Under another name first, so that a crash leaves none or a
    whole one. Raises OSError, sqlite3.Error."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as db:
        db.executescript(_SCHEMA)
        _transact(db, facts, ())
    fresh.replace(path)
    database.sync_folder(path.parent)


def read_facts(path: Path) -> list[Fact]:
    """All that are known, while no server has the file. Raises RegistryError."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as db:
            verify(db, path)
            return [Fact(*row) for row in db.execute("SELECT bucket, key, body FROM fact")]
    except sqlite3.Error as fault:
        raise RegistryError(
            f"what is known of people cannot be read from {path}: {database.explain(fault)}"
        ) from fault


def read_audit(path: Path) -> list[AuditLine]:
    """All of the audit log, oldest first, beside a server that may be running. Raises
    RegistryError."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as db:
            verify(db, path)
            rows = db.execute("SELECT time, who, act, room, whom, why FROM audit ORDER BY id")
            return [
                AuditLine(time=time, who=who, act=act, room=room, whom=whom, why=why)
                for time, who, act, room, whom, why in rows
            ]
    except sqlite3.Error as fault:
        raise RegistryError(
            f"the audit log in {path} cannot be read: {database.explain(fault)}"
        ) from fault


def verify(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise RegistryError(
            f"{path} is not pychat's: another program made it; restore it from a backup, or move "
            "it away to begin without owned names and bans"
        )
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        raise RegistryError(
            f"{path} is of version {version}, and this pychat knows version {VERSION}; run the "
            "newer pychat that wrote it"
        )


def _transact(db: sqlite3.Connection, facts: Iterable[Fact], lines: Iterable[AuditLine]) -> None:
    try:
        db.execute("BEGIN IMMEDIATE")
        for fact in facts:
            if fact.body is None:
                db.execute(_FORGET, (fact.bucket, fact.key))
            else:
                db.execute(_PUT, (fact.bucket, fact.key, fact.body))
        db.executemany(
            _AUDIT,
            [(line.time, line.who, line.act, line.room, line.whom, line.why) for line in lines],
        )
        db.execute("COMMIT")
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
        raise
