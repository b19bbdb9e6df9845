"""Opening a log file: made whole or not at all, never a stranger's, a newer one's or a torn one.

A file that is there and cannot be used is never replaced: LedgerError names it and the way out.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pychat.server.backplane import lock, schema
from pychat.server.backplane.interface import LedgerError

OLDEST_SQLITE = (3, 38, 0)
BUSY_SECONDS = 5.0
"""How long the writer waits for another program that writes, a backup tool perhaps."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes; a missing file is made.

    Only one may exist, here or in any process: the caller holds the lock. Raises LedgerError,
    and OSError and sqlite3.Error where the disk is at fault.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise LedgerError(
            f"this Python has SQLite {sqlite3.sqlite_version}; pychat needs {wanted} or newer"
        )
    if not path.exists():
        _create(path)
    elif path.stat().st_size == 0:
        raise _unusable(path, "it is empty")
    return _open(path)


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. The writer's must be open."""
    # It never checkpoints either: two that do could meet SQLite's WAL-reset bug (before 3.51.3).
    return _connect(path, "ro")


@contextmanager
def open_beside(path: Path) -> Iterator[sqlite3.Connection]:
    """For another program than the server, which may be running or not: a connection that neither
    writes nor checkpoints. Raises LedgerError, also for what SQLite raises inside."""
    if not path.exists():
        raise LedgerError(
            f"there is no log {path}; --data names the folder that `pychat serve` was given"
        )
    if path.stat().st_size == 0:
        raise _unusable(path, "it is empty")
    try:
        with closing(_connect(path, "ro")) as db:
            _verify(db, path)
            yield db
    except sqlite3.Error as fault:
        raise LedgerError(f"the log {path} cannot be read: {explain(fault)}") from fault


@contextmanager
def open_alone(path: Path) -> Iterator[sqlite3.Connection]:
    """The connection that writes, in one transaction and while no server may have the log.

    What was written in the block stays if it ends well. Raises LedgerError, also for what SQLite
    raises inside.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = lock.acquire(path.with_name(f"{path.name}.lock"))
        try:
            with closing(open_writer(path)) as db:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
        finally:
            os.close(held)
    except (OSError, sqlite3.Error) as fault:
        raise LedgerError(f"the log {path} cannot be written: {explain(fault)}") from fault


def require_current(db: sqlite3.Connection, path: Path) -> None:
    """Raises LedgerError where the tables are of an earlier version: only a writer changes them."""
    version = schema.version(db)
    if version < len(schema.MIGRATIONS):
        raise LedgerError(
            f"the log {path} is of version {version} and this pychat works with version "
            f"{len(schema.MIGRATIONS)}; open it once with `pychat serve`, which brings it there"
        )


def damage(db: sqlite3.Connection, *, quick: bool) -> str | None:
    """What SQLite finds wrong with the file; a quick look leaves out the indexes."""
    (found,) = db.execute(f"PRAGMA {'quick' if quick else 'integrity'}_check(1)").fetchone()
    return None if found == "ok" else found.splitlines()[-1]


def explain(fault: Exception) -> str:
    """The fault, and the way out where the file is damaged."""
    damaged = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    if isinstance(fault, sqlite3.Error) and getattr(fault, "sqlite_errorcode", 0) & 255 in damaged:
        return f"{fault}; the file is damaged: restore it from a backup"
    return str(fault)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
    )


def _create(path: Path) -> None:
    """Make the file under another name first, so that a crash leaves none or a whole one."""
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size:
        # SQLite would replay it into whatever stands beside it.
        raise LedgerError(
            f"the log {path} is missing, but its journal {wal.name} is there; put the log back, "
            "or move the journal away to begin a new log"
        )
    fresh = path.with_name(f"{path.name}.new")
    for leftover in (fresh, fresh.with_name(f"{fresh.name}-journal")):
        leftover.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    db = _connect(fresh, "rw")
    try:
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        schema.migrate(db)
    finally:
        db.close()
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in the folder survive a loss of power."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _open(path: Path) -> sqlite3.Connection:
    db = _connect(path, "rw")
    try:
        _verify(db, path)
        mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise LedgerError(
                f"the log {path} cannot have a write-ahead journal (it stays in mode {mode!r}); "
                "choose a data folder on a local disk"
            )
        db.execute("PRAGMA synchronous = FULL")
        # On macOS an fsync stops at the disk's cache; elsewhere this does nothing.
        db.execute("PRAGMA fullfsync = ON")
        schema.migrate(db)
        # A backup has no epoch: where it is put to use, another history begins.
        db.execute("UPDATE meta SET epoch = lower(hex(randomblob(8))) WHERE epoch = ''")
        # SQLite opens what it may not write as read-only, and says so with the first write.
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
    except BaseException:
        db.close()
        raise
    return db


def _verify(db: sqlite3.Connection, path: Path) -> None:
    try:
        application = db.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise _unusable(path, "it is no database") from fault
    if application != schema.APPLICATION_ID:
        raise _unusable(path, "another program made it")
    version = schema.version(db)
    if version > len(schema.MIGRATIONS):
        raise LedgerError(
            f"the log {path} is of version {version}, and this pychat knows versions up to "
            f"{len(schema.MIGRATIONS)}; run the newer pychat that wrote it"
        )


def _unusable(path: Path, why: str) -> LedgerError:
    return LedgerError(
        f"{path} is not a pychat log: {why}; restore it from a backup, or move it away to begin "
        "a new log"
    )
