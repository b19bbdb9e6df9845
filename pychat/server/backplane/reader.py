"""Answers from a log file. Blocking: for a thread of its own, one query at a time."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import msgspec

from pychat.protocol import codec, events, limits, names
from pychat.protocol.errors import ProtocolError
from pychat.protocol.events import LoggedEvent
from pychat.protocol.replies import Message
from pychat.server.backplane import fold, words
from pychat.server.backplane.interface import (
    Delta,
    DeltaQuery,
    Found,
    LedgerError,
    Page,
    PageQuery,
    SearchQuery,
)
from pychat.server.backplane.reactions import Reactions

_decode_reactions = msgspec.json.Decoder(Reactions).decode

_OLDER = """
SELECT id FROM event WHERE room = ? AND kind = 'message' AND seq < ? AND seq <= ?
ORDER BY seq DESC LIMIT ?
"""
_NEWER = """
SELECT id FROM event WHERE room = ? AND kind = 'message' AND seq >= ? AND seq <= ?
ORDER BY seq LIMIT ?
"""
_SAID = """
SELECT said.id, said.body,
    (SELECT body FROM event WHERE target = said.id AND kind = 'edited' AND seq <= :upto
     ORDER BY seq DESC LIMIT 1),
    (SELECT body FROM event WHERE target = said.id AND kind = 'deleted' AND seq <= :upto),
    (SELECT reactions FROM tally WHERE message = said.id AND seq <= :upto
     ORDER BY seq DESC LIMIT 1)
FROM json_each(:ids) AS wanted CROSS JOIN event AS said ON said.id = wanted.value
"""
_REACTED = """
SELECT reacted.target, reacted.body
FROM json_each(:ids) AS wanted CROSS JOIN event AS reacted
    ON reacted.target = wanted.value AND reacted.kind = 'reacted' AND reacted.seq <= :upto
    AND reacted.seq > coalesce(
        (SELECT max(seq) FROM tally WHERE message = wanted.value AND seq <= :upto), 0)
ORDER BY reacted.seq
"""
_FOUND = """
SELECT event.id FROM words CROSS JOIN event ON event.id = words.rowid
WHERE words MATCH ? AND event.time < ? ORDER BY words.rowid DESC LIMIT ?
"""


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
                partial(self._ids, _OLDER, room, query),
                partial(self._ids, _NEWER, room, query),
            )
            messages = standing(self._db, choice.rows, query.upto)
        return fold.page(messages, choice, query.budget)

    def _ids(self, select: str, room: int, query: PageQuery, seq: int, count: int) -> list[int]:
        rows = self._db.execute(select, (room, seq, query.upto, count))
        return [row[0] for row in rows]

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
        phrases = words.terms(query.text)
        with self._snapshot():
            rooms = self._db.execute(
                "SELECT id FROM room WHERE name IN (SELECT value FROM json_each(?))",
                (_json(query.rooms),),
            ).fetchall()
            if not phrases or not rooms:
                return Found(messages=[], more=False)
            match = _match(phrases, [row[0] for row in rooms], query.sender)
            before = limits.MAX_INTEGER if query.before is None else query.before
            rows = self._db.execute(_FOUND, (match, before, query.limit + 1))
            ids = [row[0] for row in rows]
            messages = standing(self._db, ids[: query.limit], limits.MAX_INTEGER)
        return fold.found(messages, len(ids) > query.limit, query.budget)

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


def standing(db: sqlite3.Connection, ids: Sequence[int], upto: int) -> list[Message]:
    """The messages of these ids, in this order, as they stood after the event `upto`.

    Reads the last edit only, and the reactions since the last tally.
    """
    wanted = {"ids": _json(ids), "upto": upto}
    reacted: dict[int, list[LoggedEvent]] = {}
    for target, body in db.execute(_REACTED, wanted):
        reacted.setdefault(target, []).append(_decode(body))
    messages: dict[int, Message] = {}
    for row, body, edited, deleted, tally in db.execute(_SAID, wanted):
        said = _decode(body)
        assert isinstance(said, events.Message)
        # An edit touches no reaction, so that their order is free; a deletion comes last.
        later = reacted.get(row, []) + [_decode(found) for found in (edited, deleted) if found]
        messages[row] = fold.stand(said, later, _decode_reactions(tally) if tally else None)
    return [messages[row] for row in ids]


def tags(room: int, sender_key: str) -> tuple[str, str]:
    """What the index of words knows a message's room and its sender by: letters and digits."""
    return f"r{room}", f"s{sender_key.encode().hex()}"


def _match(phrases: list[list[str]], rooms: list[int], sender: str | None) -> str:
    """An FTS5 expression. No word has a quote in it that could end its phrase."""
    key = names.fold(sender or "")
    places = " OR ".join(f'"{tags(room, key)[0]}"' for room in rooms)
    wanted = " AND ".join(f'"{" ".join(phrase)}" *' for phrase in phrases)
    by = f'tags : "{tags(0, key)[1]}" AND ' if sender is not None else ""
    return f"tags : ({places}) AND {by}text : ({wanted})"


def _json(values: Sequence[int] | Sequence[str]) -> str:
    return codec.encode(values).decode()


def _decode(body: bytes) -> LoggedEvent:
    event = codec.decode_event(body)
    if isinstance(event, events.Unknown):
        raise ProtocolError("bad-request", f"an event has an unknown type, {event.type!r}")
    return event
