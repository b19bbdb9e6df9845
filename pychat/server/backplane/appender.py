"""What one append does within the writer's transaction."""

import sqlite3

import msgspec

from pychat.protocol import codec, events, names
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import reader, rules
from pychat.server.backplane.interface import Outcome, Receipt
from pychat.server.backplane.words import words

_TALLY_EVENTS = 32
"""Reacted events after which a tally is due, and one more for each eighth choice it has: so a
page reads little besides what it shows, and the tallies stay in proportion to the log."""


class _Room(msgspec.Struct):
    id: int
    """0 until it has an event."""
    head: int
    last_time: int
    messages: int
    topic: str


class Appender:
    """Appends on a connection whose transactions are its owner's.

    Keeps the heads of rooms in memory; after a rollback they are to be forgotten.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rooms: dict[str, _Room] = {}
        self._changed: dict[str, _Room] = {}

    def append(self, event: LoggedEvent, now: int) -> tuple[Outcome, LoggedEvent | None]:
        """The outcome, and the numbered event where it is new."""
        room = self._room(event.room)
        key = names.fold(event.sender)
        first = self._db.execute(
            "SELECT body FROM event WHERE room = ? AND sender_key = ? AND nonce = ?",
            (room.id, key, event.nonce),
        ).fetchone()
        if first is not None:
            return rules.repeated(event, codec.decode_event(first[0])), None
        seq = rules.mentions(event)
        mentioned = None if seq is None else self._mentioned(room, seq)
        if seq is not None:
            refusal = rules.refusal(event, key, mentioned)
            if refusal is not None:
                return refusal, None
        event = rules.numbered(event, room.head, room.last_time, now)
        self._advance(room, event)
        row = self._insert(room, key, event, mentioned.row if mentioned else None)
        if isinstance(event, events.Message):
            self._db.execute(
                "INSERT INTO words (rowid, text, tags) VALUES (?, ?, ?)",
                (row, " ".join(words(event.text)), " ".join(reader.tags(room.id, key))),
            )
        elif mentioned is not None:
            self._revise(mentioned.row, event)
        return Receipt(seq=event.seq, time=event.time), event

    def flush(self) -> None:
        """Write the heads; the last thing before the commit."""
        self._db.executemany(
            "UPDATE room SET head = ?, last_time = ?, messages = ?, topic = ? WHERE id = ?",
            [
                (room.head, room.last_time, room.messages, room.topic, room.id)
                for room in self._changed.values()
            ],
        )
        self._changed.clear()

    def forget(self) -> None:
        """What is in memory may not be what is on disk."""
        self._rooms.clear()
        self._changed.clear()

    def _room(self, name: str) -> _Room:
        room = self._rooms.get(name)
        if room is None:
            row = self._db.execute(
                "SELECT id, head, last_time, messages, topic FROM room WHERE name = ?", (name,)
            ).fetchone()
            room = _Room(*(row or (0, 0, 0, 0, "")))
            if row:
                self._rooms[name] = room
        return room

    def _advance(self, room: _Room, event: LoggedEvent) -> None:
        if room.id == 0:
            cursor = self._db.execute(
                "INSERT INTO room (name, head, last_time, messages, topic) VALUES (?, 0, 0, 0, '')",
                (event.room,),
            )
            room.id = _row(cursor)
            self._rooms[event.room] = room
        room.head = event.seq
        room.last_time = event.time
        room.messages += isinstance(event, events.Message)
        if isinstance(event, events.Topic):
            room.topic = event.text
        self._changed[event.room] = room

    def _mentioned(self, room: _Room, seq: int) -> rules.Mentioned | None:
        found = self._db.execute(
            "SELECT id, sender_key FROM event WHERE room = ? AND seq = ? AND kind = 'message'",
            (room.id, seq),
        ).fetchone()
        if found is None:
            return None
        row, sender_key = found
        deleted = self._db.execute(
            "SELECT 1 FROM event WHERE target = ? AND kind = 'deleted'", (row,)
        ).fetchone()
        return rules.Mentioned(row=row, sender_key=sender_key, deleted=deleted is not None)

    def _insert(self, room: _Room, key: str, event: LoggedEvent, mentioned: int | None) -> int:
        target = None if isinstance(event, events.Message) else mentioned
        cursor = self._db.execute(
            "INSERT INTO event (room, seq, time, sender_key, nonce, kind, target, messages, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(room.id, event.seq, event.time, key, event.nonce),
                *(event.__struct_config__.tag, target, room.messages, codec.encode(event)),
            ),
        )
        return _row(cursor)

    def _revise(self, row: int, event: LoggedEvent) -> None:
        """Keep what is derived from the message in this row right."""
        match event:
            case events.Edited():
                self._db.execute(
                    "UPDATE words SET text = ? WHERE rowid = ?", (" ".join(words(event.text)), row)
                )
            case events.Deleted():
                self._db.execute("DELETE FROM words WHERE rowid = ?", (row,))
            case _:
                self._tally(row, event.seq)

    def _tally(self, row: int, seq: int) -> None:
        last, size = self._db.execute(
            "SELECT seq, size FROM tally WHERE message = ? ORDER BY seq DESC LIMIT 1", (row,)
        ).fetchone() or (0, 0)
        (since,) = self._db.execute(
            "SELECT count(*) FROM event WHERE target = ? AND kind = 'reacted' AND seq > ?",
            (row, last),
        ).fetchone()
        if since >= _TALLY_EVENTS + size // 8:
            (message,) = reader.standing(self._db, [row], seq)
            size = sum(map(len, message.reactions.values()))
            self._db.execute(
                "INSERT INTO tally VALUES (?, ?, ?, ?)",
                (row, seq, size, codec.encode(message.reactions)),
            )


def _row(cursor: sqlite3.Cursor) -> int:
    assert cursor.lastrowid is not None
    return cursor.lastrowid
