"""Sessions on disk: written at once, synced never. A crash of the server loses none of them, a
loss of power may lose all, and then everybody says `hello` again."""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pychat.protocol import codec
from pychat.server.backplane.interface import Clock, Session

_logger = logging.getLogger("pychat.directory")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS session (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS alive (one INTEGER PRIMARY KEY CHECK (one = 1), time INTEGER NOT NULL)
STRICT;
"""


_INSERT = "INSERT OR REPLACE INTO session VALUES (?, ?)"
_ALIVE = "INSERT OR REPLACE INTO alive VALUES (1, ?)"


class MemoryDirectory:
    """Keeps its sessions from one `open` to the next."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[int, Session] = {}
        self._alive = clock()

    def open(self) -> tuple[Sequence[Session], float]:
        return list(self._sessions.values()), (self._clock() - self._alive) / 1000

    def remember(self, session: Session) -> None:
        self._sessions[session.id] = session

    def forget(self, session_id: int) -> None:
        self._sessions.pop(session_id, None)

    def keep(self) -> None:
        self._alive = self._clock()

    def close(self) -> None:
        self.keep()


class SqliteDirectory:
    """One file, used on the event loop: without syncs a write takes microseconds.

    A file that cannot be read is begun anew. One that cannot be written is tried again with each
    `keep`, and then gets all that it missed; the log hears of the beginning and the end of that.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._db: sqlite3.Connection | None = None
        self._sessions: dict[int, Session] = {}
        """What the file is to have."""
        self._behind = False
        """Whether it lacks some of that."""
        self._decode = msgspec.json.Decoder(Session).decode

    def open(self) -> tuple[Sequence[Session], float]:
        sessions, asleep = self._open_or_begin()
        self._sessions = {session.id: session for session in sessions}
        return sessions, asleep

    def _open_or_begin(self) -> tuple[list[Session], float]:
        try:
            return self._open()
        except (OSError, sqlite3.Error, msgspec.DecodeError) as fault:
            _logger.warning(
                "the sessions in %s cannot be read (%s): none is kept", self._path, fault
            )
        self._hang_up()
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        try:
            return self._open()
        except (OSError, sqlite3.Error, msgspec.DecodeError) as fault:
            _logger.warning("sessions cannot be kept in %s: %s", self._path, fault)
            self._hang_up()
            return [], 0.0

    def _open(self) -> tuple[list[Session], float]:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(self._path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_SCHEMA)
        bodies = self._db.execute("SELECT body FROM session ORDER BY id").fetchall()
        alive = self._db.execute("SELECT time FROM alive").fetchone()
        asleep = (self._clock() - alive[0]) / 1000 if alive else 0.0
        return [self._decode(body) for (body,) in bodies], asleep

    def remember(self, session: Session) -> None:
        self._sessions[session.id] = session
        self._write(_INSERT, _row(session))

    def forget(self, session_id: int) -> None:
        self._sessions.pop(session_id, None)
        self._write("DELETE FROM session WHERE id = ?", (session_id,))

    def keep(self) -> None:
        if self._behind:
            self._catch_up()
        else:
            self._write(_ALIVE, (self._clock(),))

    def close(self) -> None:
        self.keep()
        self._hang_up()

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        if self._db is None or self._behind:
            return
        try:
            self._db.execute(statement, values)
        except sqlite3.Error as fault:
            _logger.warning("sessions cannot be kept for now: %s", fault)
            self._behind = True

    def _catch_up(self) -> None:
        if self._db is None:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM session")
            self._db.executemany(_INSERT, map(_row, self._sessions.values()))
            self._db.execute(_ALIVE, (self._clock(),))
            self._db.execute("COMMIT")
        except sqlite3.Error:
            with contextlib.suppress(sqlite3.Error):
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
        else:
            self._behind = False
            _logger.warning("sessions are kept again")

    def _hang_up(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()


def _row(session: Session) -> tuple[int, bytes]:
    return session.id, codec.encode(session)
