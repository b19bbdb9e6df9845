"""Opening a log file: made whole or not at all, never a stranger's, a newer one's or a torn one.

A file that is there and cannot be used is never replaced: LedgerError names it and the way out.
"""

import os
import sqlite3
import sys
from pathlib import Path

from pychat.server.backplane import schema
from pychat.server.backplane.interface import LedgerError

_OLDEST_SQLITE = (3, 38, 0)
BUSY_SECONDS = 5.0
"""How long the writer waits for another program that writes, a backup tool perhaps."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes; a missing file is made.

    Only one may exist, here or in any process: the caller holds the lock. Raises LedgerError,
    and OSError and sqlite3.Error where the disk is at fault.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        wanted = ".".join(map(str, _OLDEST_SQLITE))
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
    if wal.exists():
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
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
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
