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

    A file that cannot be read is begun anew. What cannot be written is logged, once.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._db: sqlite3.Connection | None = None
        self._decode = msgspec.json.Decoder(Session).decode

    def open(self) -> tuple[Sequence[Session], float]:
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

    def _open(self) -> tuple[Sequence[Session], float]:
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
        self._write(
            "INSERT OR REPLACE INTO session VALUES (?, ?)", (session.id, codec.encode(session))
        )

    def forget(self, session_id: int) -> None:
        self._write("DELETE FROM session WHERE id = ?", (session_id,))

    def keep(self) -> None:
        self._write("INSERT OR REPLACE INTO alive VALUES (1, ?)", (self._clock(),))

    def close(self) -> None:
        self.keep()
        self._hang_up()

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        if self._db is None:
            return
        try:
            self._db.execute(statement, values)
        except sqlite3.Error as fault:
            _logger.warning("sessions cannot be kept any more: %s", fault)
            self._hang_up()

    def _hang_up(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()
