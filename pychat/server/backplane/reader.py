"""Answers from a log file. Blocking: for a thread of its own, one query at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from pychat.protocol.errors import ProtocolError
from pychat.server.backplane import fold
from pychat.server.backplane.interface import (
    Delta,
    DeltaQuery,
    Found,
    LedgerError,
    Page,
    PageQuery,
    SearchQuery,
)
from pychat.server.backplane.searching import search
from pychat.server.backplane.standing import standing

# In one row, as in `standing`.
_OLDER = """
SELECT json_group_array(id) FROM (
    SELECT id FROM event WHERE room = ? AND kind = 'message' AND seq < ? AND seq <= ?
    ORDER BY seq DESC LIMIT ?)
"""
_NEWER = """
SELECT json_group_array(id) FROM (
    SELECT id FROM event WHERE room = ? AND kind = 'message' AND seq >= ? AND seq <= ?
    ORDER BY seq LIMIT ?)
"""
_decode_ids = msgspec.json.Decoder(list[int]).decode


class Reader:
    """Reads one log file through a connection of its own, which it closes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def close(self) -> None:
        self._db.close()

    def page(self, query: PageQuery) -> Page:
        with self._snapshot():
            room = self._room(query.room)
            choice = fold.choose(
                query,
                lambda seq, count: self._ids(_OLDER, room, query.upto, seq, count)[::-1],
                lambda seq, count: self._ids(_NEWER, room, query.upto, seq, count),
            )
            messages = standing(self._db, choice.rows, query.upto)
        return fold.page(messages, choice, query.budget)

    def _ids(self, select: str, room: int, upto: int, seq: int, count: int) -> list[int]:
        (found,) = self._db.execute(select, (room, seq, upto, count)).fetchone()
        # Within a room ids rise with `seq`; the order of an aggregate is not promised.
        return sorted(_decode_ids(found))

    def delta(self, query: DeltaQuery) -> Delta:
        with self._snapshot():
            room = self._room(query.room)
            floor, gone = self._floor(room)
            known = self._messages(room, query.after) or gone
            missed = max(0, self._messages(room, query.upto) - known)
            if query.after < floor:
                return Delta(events=None, missed=missed, floor=floor)
            rows = self._db.execute(
                "SELECT body FROM event WHERE room = ? AND seq > ? AND seq <= ? "
                "ORDER BY seq LIMIT ?",
                (room, query.after, query.upto, query.max_events + 1),
            )
            return fold.delta((row[0] for row in rows), query, missed, floor)

    def _floor(self, room: int) -> tuple[int, int]:
        """Up to where, and how many messages, the room's log is not kept any more."""
        row = self._db.execute(
            "SELECT floor, floor_messages FROM room WHERE id = ?", (room,)
        ).fetchone()
        return row or (0, 0)

    def _messages(self, room: int, upto: int) -> int:
        row = self._db.execute(
            "SELECT messages FROM event WHERE room = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
            (room, upto),
        ).fetchone()
        return row[0] if row else 0

    def search(self, query: SearchQuery) -> Found:
        with self._snapshot():
            return search(self._db, query)

    def _room(self, name: str) -> int:
        """The room's id; 0, which none has, where there is no log of that name."""
        row = self._db.execute("SELECT id FROM room WHERE name = ?", (name,)).fetchone()
        return row[0] if row else 0

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """All reads see the file as of one commit. Raises LedgerError where they fail."""
        try:
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("ROLLBACK")
        except (sqlite3.Error, ProtocolError) as fault:
            file = self._db.execute("PRAGMA database_list").fetchone()[2]
            raise LedgerError(
                f"the log {file} cannot be read: {fault}; `pychat doctor` tells whether it is "
                "damaged, and then restore it from a backup"
            ) from fault
