"""What a batch of appends does within the writer's transaction.

In a few statements, whatever the batch's size: sqlite3 gives the interpreter's lock away with
each, and beside a busy loop it takes milliseconds to get it back.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from pychat.protocol import codec, events, names
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import reader, rules
from pychat.server.backplane.interface import Outcome, Receipt
from pychat.server.backplane.words import words

_TALLY_EVENTS = 32
"""Reacted events after which a tally is due, and one more for each eighth choice it has: so a
page reads little besides what it shows, and the tallies stay in proportion to the log."""

_STATEMENT_ROWS = 64
"""Rows in one statement at most. They come in powers of two, for few different statements."""


class _Room(msgspec.Struct):
    id: int
    name: str
    head: int = 0
    last_time: int = 0
    messages: int = 0
    topic: str = ""


class _New(NamedTuple):
    row: int
    room: _Room
    key: str
    event: LoggedEvent
    target: int | None
    """The row of the message that the event changes."""
    messages: int


class _Batch:
    """What the batch needs to know of the log, kept up as it adds to it."""

    def __init__(self) -> None:
        self.rooms: dict[str, _Room] = {}
        self.firsts: dict[tuple[int, str, str], rules.First] = {}
        """By room, sender's key and nonce."""
        self.mentioned: dict[tuple[int, int], rules.Mentioned] = {}
        """By room and `seq`."""
        self.added: list[_New] = []


class Appender:
    """Appends on a connection whose transactions are its owner's.

    Keeps the heads of rooms in memory; after a rollback they are to be forgotten.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rooms: dict[str, _Room] = {}
        self._last_room = self._last_row = -1

    def forget(self) -> None:
        """What is in memory may not be what is on disk."""
        self._rooms.clear()
        self._last_room = self._last_row = -1

    def append(
        self, batch: Sequence[LoggedEvent], times: Iterable[int]
    ) -> list[tuple[Outcome, LoggedEvent | None]]:
        """For each its outcome, and the numbered event where it is new. `times` has one for each
        event, which is moved on where the room's last is later."""
        if self._last_row < 0:
            self._last_room, self._last_row = self._db.execute(
                "SELECT (SELECT coalesce(max(id), 0) FROM room), coalesce(max(id), 0) FROM event"
            ).fetchone()
        keys = [names.fold(event.sender) for event in batch]
        state = _Batch()
        self._look_up(state, batch, keys)
        results = [self._admit(state, *one) for one in zip(batch, keys, times, strict=False)]
        self._write(state.added)
        return results

    def _look_up(self, state: _Batch, batch: Sequence[LoggedEvent], keys: Sequence[str]) -> None:
        for event in batch:
            if event.room not in state.rooms:
                state.rooms[event.room] = self._room(event.room)
        places = [state.rooms[event.room].id for event in batch]
        nonces = [(*one, event.nonce) for *one, event in zip(places, keys, batch, strict=True)]
        for found in self._run(
            "WITH wanted (room, sender_key, nonce) AS (",
            nonces,
            ") SELECT room, sender_key, nonce, body, 0, 0, NULL FROM wanted "
            "CROSS JOIN event USING (room, sender_key, nonce) UNION ALL "
            "SELECT room, sender_key, nonce, NULL, spent.seq, spent.time, fingerprint FROM wanted "
            "CROSS JOIN spent USING (room, sender_key, nonce)",
        ):
            for room, key, nonce, body, *spent in found:
                state.firsts[room, key, nonce] = (
                    rules.Spent(*spent) if body is None else codec.decode_event(body)
                )
        seqs = zip(places, map(rules.mentions, batch), strict=True)
        for found in self._run(
            "WITH wanted (room, seq) AS (",
            [(room, seq) for room, seq in seqs if seq is not None],
            ") SELECT room, seq, said.id, said.sender_key, EXISTS "
            "(SELECT 1 FROM event WHERE target = said.id AND kind = 'deleted') "
            "FROM wanted CROSS JOIN event AS said USING (room, seq) WHERE said.kind = 'message'",
        ):
            for room, seq, row, key, deleted in found:
                state.mentioned[room, seq] = rules.Mentioned(row, key, bool(deleted))

    def _room(self, name: str) -> _Room:
        room = self._rooms.get(name)
        if room is not None:
            return room
        row = self._db.execute(
            "SELECT id, name, head, last_time, messages, topic FROM room WHERE name = ?", (name,)
        ).fetchone()
        if row is not None:
            self._rooms[name] = _Room(*row)
            return self._rooms[name]
        # Neither kept nor written unless an event follows.
        self._last_room += 1
        return _Room(self._last_room, name)

    def _admit(
        self, state: _Batch, event: LoggedEvent, key: str, now: int
    ) -> tuple[Outcome, LoggedEvent | None]:
        room = state.rooms[event.room]
        first = state.firsts.get((room.id, key, event.nonce))
        if first is not None:
            return rules.repeated(event, first), None
        seq = rules.mentions(event)
        mentioned = None if seq is None else state.mentioned.get((room.id, seq))
        if seq is not None:
            refusal = rules.refusal(event, key, mentioned)
            if refusal is not None:
                return refusal, None
        event = rules.numbered(event, room.head, room.last_time, now)
        self._add(state, room, key, event, mentioned)
        return Receipt(seq=event.seq, time=event.time), event

    def _add(
        self,
        state: _Batch,
        room: _Room,
        key: str,
        event: LoggedEvent,
        mentioned: rules.Mentioned | None,
    ) -> None:
        self._rooms[room.name] = room
        self._last_row += 1
        row, target = self._last_row, None
        room.head = event.seq
        room.last_time = event.time
        state.firsts[room.id, key, event.nonce] = event
        if isinstance(event, events.Message):
            room.messages += 1
            state.mentioned[room.id, event.seq] = rules.Mentioned(row, key, deleted=False)
        elif isinstance(event, events.Topic):
            room.topic = event.text
        elif mentioned is not None:
            target = mentioned.row
            if isinstance(event, events.Deleted):
                gone = msgspec.structs.replace(mentioned, deleted=True)
                state.mentioned[room.id, event.target] = gone
        state.added.append(_New(row, room, key, event, target, room.messages))

    def _write(self, added: Sequence[_New]) -> None:
        self._run(
            "INSERT INTO event (id, room, seq, time, sender_key, nonce, kind, target, messages, "
            "body)",
            [
                (
                    *(new.row, new.room.id, new.event.seq, new.event.time, new.key),
                    *(new.event.nonce, new.event.__struct_config__.tag, new.target, new.messages),
                    codec.encode(new.event),
                )
                for new in added
            ],
        )
        self._run(
            "INSERT INTO words (rowid, text, tags)",
            [
                (new.row, _index(new.event.text), " ".join(reader.tags(new.room.id, new.key)))
                for new in added
                if isinstance(new.event, events.Message)
            ],
        )
        self._revise(added)
        rooms = {new.room.id: new.room for new in added}
        self._run(
            "INSERT INTO room (id, name, head, last_time, messages, topic)",
            [msgspec.structs.astuple(room) for room in rooms.values()],
            "ON CONFLICT (id) DO UPDATE SET head = excluded.head, "
            "last_time = excluded.last_time, messages = excluded.messages, topic = excluded.topic",
        )

    def _revise(self, added: Iterable[_New]) -> None:
        """Keep what is derived from messages right."""
        reacted: dict[int, int] = {}
        for new in added:
            match new.event:
                case events.Edited(text=text):
                    self._db.execute(
                        "UPDATE words SET text = ? WHERE rowid = ?", (_index(text), new.target)
                    )
                case events.Deleted():
                    self._db.execute("DELETE FROM words WHERE rowid = ?", (new.target,))
                case events.Reacted(seq=seq) if new.target is not None:
                    reacted[new.target] = seq
        for row, seq in reacted.items():
            self._tally(row, seq)

    def _tally(self, row: int, seq: int) -> None:
        (due,) = self._db.execute(
            "WITH last (seq, size) AS "
            "(SELECT seq, size FROM tally WHERE message = :row ORDER BY seq DESC LIMIT 1) "
            "SELECT count(*) >= :events + coalesce((SELECT size FROM last), 0) / 8 FROM event "
            "WHERE target = :row AND kind = 'reacted' "
            "AND seq > coalesce((SELECT seq FROM last), 0)",
            {"row": row, "events": _TALLY_EVENTS},
        ).fetchone()
        if due:
            (message,) = reader.standing(self._db, [row], seq)
            size = sum(map(len, message.reactions.values()))
            self._db.execute(
                "INSERT INTO tally VALUES (?, ?, ?, ?)",
                (row, seq, size, codec.encode(message.reactions)),
            )

    def _run(
        self, head: str, rows: Sequence[tuple[object, ...]], tail: str = ""
    ) -> list[sqlite3.Cursor]:
        """Execute `head VALUES rows tail`, in a few parts where the rows are many."""
        done: list[sqlite3.Cursor] = []
        start = 0
        while start < len(rows):
            count = min(_STATEMENT_ROWS, 1 << (len(rows) - start).bit_length() - 1)
            part = rows[start : start + count]
            marks = f"({', '.join('?' * len(part[0]))})"
            values = [value for row in part for value in row]
            done.append(
                self._db.execute(f"{head} VALUES {', '.join([marks] * count)} {tail}", values)
            )
            start += count
        return done


def _index(text: str) -> str:
    return " ".join(words(text))
