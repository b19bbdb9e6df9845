"""Copies of a log and of what is known of people, each as it is at one moment, taken beside the
server that writes them."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from pychat.server.backplane import database, registry, schema
from pychat.server.backplane.interface import LedgerError, RegistryError

_STEP_PAGES = 256
"""Pages between two moments at which Ctrl+C is heard: 1 MiB."""


_WRITING = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
)
"""Faults that are not the log's, which is only read."""


class Copied(msgspec.Struct, frozen=True):
    rooms: int
    events: int
    bytes: int


def copy(path: Path, target: Path) -> Copied:
    """Copy the log `path` into the empty file `target`, and make sure that the copy is whole.

    The server goes on writing meanwhile; its journal grows by what it writes. The copy has no
    epoch, so that it gets one of its own where it is put to use. Raises LedgerError, and OSError
    where `target` cannot be written; it is worth nothing then.
    """
    with database.open_beside(path) as source:
        # All steps copy what is there at this moment: else each write of the server's would make
        # the copying begin anew.
        source.execute("BEGIN")
        source.execute("SELECT epoch FROM meta").fetchone()
        with _writing(), closing(sqlite3.connect(target, isolation_level=None)) as db:
            source.backup(db, pages=_STEP_PAGES, progress=_hear_signals)
            source.execute("ROLLBACK")
            # One file, whole by itself, whatever becomes of those beside it.
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute("UPDATE meta SET epoch = ''")
            return _verified(db, path, target)


def copy_people(path: Path, target: Path) -> None:
    """Copy `people.db`, which is `path`, into the empty file `target`. Raises RegistryError, and
    OSError where `target` cannot be written; it is worth nothing then."""
    try:
        with (
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
            _writing(),
            closing(sqlite3.connect(target, isolation_level=None)) as db,
        ):
            registry.verify(source, path)
            source.backup(db)
            db.execute("PRAGMA journal_mode = DELETE")
            found = database.damage(db, quick=False)
    except sqlite3.Error as fault:
        raise RegistryError(f"{path} cannot be copied: {database.explain(fault)}") from fault
    if found is not None:
        raise RegistryError(f"{path} is damaged, and so would be its copy: {found}")


@contextmanager
def _writing() -> Iterator[None]:
    """SQLite tells neither which of two files it is about nor more than that a disk is full."""
    try:
        yield
    except sqlite3.Error as fault:
        code = getattr(fault, "sqlite_errorcode", 0)
        if code not in _WRITING:
            raise
        number = errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO
        raise OSError(number, os.strerror(number)) from fault


def _hear_signals(_status: int, _remaining: int, _total: int) -> None:
    """Python handles signals between its own instructions only."""


def _verified(db: sqlite3.Connection, path: Path, target: Path) -> Copied:
    found = database.damage(db, quick=False)
    if found is not None:
        raise LedgerError(
            f"the log {path} is damaged, and so would be its copy: {found}; keep the backups that "
            "there are, and restore the last one"
        )
    if db.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        raise LedgerError(f"the copy of {path} is no pychat log; try again")
    rooms, events = db.execute(
        "SELECT (SELECT count(*) FROM room), (SELECT count(*) FROM event)"
    ).fetchone()
    return Copied(rooms, events, target.stat().st_size)
