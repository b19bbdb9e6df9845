"""A whole Hall's rooms as the tables of a log file have them, and back into them."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pychat.protocol import codec, events
from pychat.protocol.errors import ProtocolError
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.appender import Appender
from pychat.server.backplane.indexer import Indexer
from pychat.server.backplane.interface import Rejection
from pychat.server.moving.whole import (
    Begun,
    MoveError,
    Spent,
    WholeHall,
    checked,
    floor_of,
    spent_of,
)

_BATCH = 512

_ORDER = """
SELECT event.id FROM event JOIN room ON room.id = event.room
WHERE room.name IN (SELECT value FROM json_each(?))
ORDER BY event.time, room.name, event.seq
"""


def rooms(db: sqlite3.Connection) -> list[Begun]:
    """All that the file has, of two people as well."""
    found = db.execute(
        "SELECT name, topic, floor, CASE WHEN floor = head THEN last_time ELSE 0 END, head "
        "FROM place WHERE head > 0 OR topic != '' ORDER BY name"
    )
    return [
        Begun(room=name, topic=topic, floor=floor, floor_time=time if floor else 0, head=head)
        for name, topic, floor, time, head in found
    ]


def spent(db: sqlite3.Connection, wanted: Sequence[Begun]) -> list[Spent]:
    found = db.execute(
        "SELECT room.name, sender_key, nonce, seq, time, fingerprint FROM spent "
        "JOIN room ON room.id = spent.room "
        "WHERE room.name IN (SELECT value FROM json_each(?)) ORDER BY 1, 2, 3",
        (_names(wanted),),
    )
    return [
        Spent(room=room, sender_key=key, nonce=nonce, seq=seq, time=time, fingerprint=fingerprint)
        for room, key, nonce, seq, time, fingerprint in found
    ]


def logged(db: sqlite3.Connection, path: Path, wanted: Sequence[Begun]) -> Iterator[LoggedEvent]:
    """What was said in these rooms, by time."""
    for (row,) in db.execute(_ORDER, (_names(wanted),)):
        (body,) = db.execute("SELECT body FROM event WHERE id = ?", (row,)).fetchone()
        try:
            event = codec.decode_event(body)
        except ProtocolError as fault:
            text = f"the log {path} has a damaged event: {fault}; restore it from a backup"
            raise MoveError(text) from fault
        if isinstance(event, events.Unknown):
            raise MoveError(f"the log {path} has events of an unknown type, {event.type!r}")
        yield event


def fill(db: sqlite3.Connection, hall: WholeHall) -> int:
    """Put the Hall's rooms into tables that are empty, within a transaction of the caller's; the
    number of events. Raises MoveError."""
    appender, indexer = Appender(db), Indexer(db)
    db.execute("UPDATE meta SET epoch = ?", (hall.epoch,))
    nonces = spent_of(hall)
    for room in hall.rooms:
        if room.floor or room.topic:
            spent = nonces.get(room.room, ())
            _require([appender.begin(floor_of(room, spent), spent)])
    count = 0
    for batch in _batches(checked(hall)):
        _require(appender.take_up(batch))
        while indexer.indexed < appender.last_row:
            indexer.step(_BATCH)
        appender.indexed(indexer.indexed)
        count += len(batch)
    return count


def _batches(found: Iterable[LoggedEvent]) -> Iterator[list[LoggedEvent]]:
    batch: list[LoggedEvent] = []
    for event in found:
        batch.append(event)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _require(outcomes: Iterable[object]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Rejection):
            raise MoveError(outcome.text)


def _names(wanted: Sequence[Begun]) -> str:
    return codec.encode([room.room for room in wanted]).decode()
