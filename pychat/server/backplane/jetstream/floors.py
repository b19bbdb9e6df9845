"""What rooms of a projection let go of, and from where on another can be made without it.

A room's floor stands in its stream, so that each projection lets go of the same at the same place.
Where a log may begin is told by what was decided since: what is said about what is gone cannot be
decided anew. Within transactions of the caller's; what raises is sqlite3.Error.
"""

import itertools
import sqlite3
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from pychat.server.backplane import retention, rules
from pychat.server.backplane.jetstream.proposals import Floor

TABLES = (
    """
CREATE TABLE decided (
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,        -- the event's; of a proposal that was refused the last one's
    sequence INTEGER NOT NULL,   -- the proposal's, in the room's stream
    void INTEGER NOT NULL,       -- whether it was refused
    time INTEGER NOT NULL,
    messages INTEGER NOT NULL,   -- how many the room has had, up to and with it
    PRIMARY KEY (room, seq, sequence)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE reckoned (
    room TEXT PRIMARY KEY,
    now INTEGER NOT NULL,        -- of its last floor
    until INTEGER NOT NULL       -- what comes up to here was decided before; 0 for nothing
) STRICT, WITHOUT ROWID
""",
)

FORGET_SLACK = 30 * 60 * 1000
"""Milliseconds for which nonces that need not be known any more are, where nothing else goes: a
quiet room has a floor for some of them together."""

_LEFT_AT_ONCE = 1_000
"""Of what was decided, that is forgotten with one floor: more than it lets go of."""

_DROPPED = "\n"
"""What the names of rooms begin with that are taken away piece by piece; no other name does."""

_LOOK = """
SELECT name FROM json_each(:rooms) AS wanted CROSS JOIN place ON name = wanted.value
WHERE messages - floor_messages > :most
    OR (SELECT time FROM event WHERE room = place.id ORDER BY seq LIMIT 1) < :oldest
UNION
SELECT name FROM (SELECT DISTINCT room FROM spent INDEXED BY spent_time WHERE time <= :young) AS old
    CROSS JOIN room ON room.id = old.room
WHERE name IN (SELECT value FROM json_each(:rooms))
"""
_DOOMED = """
SELECT max(seq) FROM (SELECT seq, messages, time FROM event WHERE room = :room
    ORDER BY seq LIMIT :limit)
WHERE time < :oldest OR messages <= :messages - :most
"""
_SPENT = "FROM spent INDEXED BY spent_time WHERE time <= :young AND room = :room"
_UNLIST_SPENT = (
    "DELETE FROM nonce WHERE (room, sender_key, nonce) IN "  # noqa: S608
    f"(SELECT room, sender_key, nonce {_SPENT})"
)
_FORGET_SPENT = f"DELETE {_SPENT}"
_ANY_SPENT = f"SELECT 1 {_SPENT} LIMIT 1"
_BASE = """
SELECT seq, sequence, time, messages, void, floor, now
FROM room JOIN reckoned ON reckoned.room = name JOIN decided ON decided.room = room.id
WHERE name = :room AND NOT until ORDER BY seq, sequence LIMIT 1
"""


class Bounds(msgspec.Struct, frozen=True):
    now: int
    """Milliseconds, by which ages are reckoned."""
    max_age: int | None
    max_messages: int | None

    @property
    def oldest(self) -> int:
        return -1 if self.max_age is None else self.now - self.max_age

    @property
    def most(self) -> int:
        return 2**62 if self.max_messages is None else self.max_messages


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """From where a room's log can be made without what was before."""

    room: str
    sequence: int
    """Of the last proposal that is not needed; what follows is of the event that it became."""
    seq: int
    time: int
    messages: int
    topic: str
    until: int
    """Up to this sequence it is known what became of proposals. Then comes the floor."""
    floor: int
    now: int
    refused: bytes
    """Those between that became nothing, each as the distance to the one before, compressed."""

    @property
    def void(self) -> frozenset[int]:
        """Sequences. Raises msgspec.DecodeError, zlib.error."""
        found, at = [], self.sequence
        for step in msgspec.json.decode(zlib.decompress(self.refused), type=list[int]):
            at += step
            found.append(at)
        return frozenset(found)


def let_go(db: sqlite3.Connection, floor: Floor) -> None:
    """Carry it out, if the room is not there yet. All up to there is findable."""
    place = db.execute("SELECT id, floor, head FROM place WHERE name = ?", (floor.room,)).fetchone()
    if place is None:
        return
    room, before, head = place
    last = _now(db, floor.room)
    upto, now = min(floor.floor, head), max(last, floor.now)
    if upto > before:
        _let_go_of_events(db, room, upto, now - rules.NONCE_LIFE)
    bounds = {"room": room, "young": now - rules.NONCE_LIFE}
    db.execute(_UNLIST_SPENT, bounds)
    db.execute(_FORGET_SPENT, bounds)
    _forget_decided(db, room, max(upto, before), now - rules.NONCE_LIFE)
    db.execute("INSERT OR REPLACE INTO reckoned VALUES (?, ?, 0)", (floor.room, now))


def last_row(db: sqlite3.Connection, floor: Floor) -> int:
    """Of the events that the floor lets go of; what is up to there must be findable."""
    (row,) = db.execute(
        "SELECT max(event.id) FROM room JOIN event ON event.room = room.id "
        "WHERE name = ? AND seq <= ?",
        (floor.room, floor.floor),
    ).fetchone()
    return row or 0


def due(db: sqlite3.Connection, rooms: Sequence[str], bounds: Bounds) -> list[Floor]:
    """What is to go now of these rooms, at most STEP_ROWS of each."""
    found = db.execute(
        _LOOK,
        {
            "rooms": msgspec.json.encode(rooms).decode(),
            "most": bounds.most,
            "oldest": bounds.oldest,
            "young": bounds.now - rules.NONCE_LIFE - FORGET_SLACK,
        },
    ).fetchall()
    return [floor for (room,) in found if (floor := _due(db, room, bounds)) is not None]


def _due(db: sqlite3.Connection, name: str, bounds: Bounds) -> Floor | None:
    place = db.execute("SELECT id, floor, messages FROM place WHERE name = ?", (name,)).fetchone()
    if place is None:
        return None
    room, before, messages = place
    now = max(bounds.now, _now(db, name))
    (upto,) = db.execute(
        _DOOMED,
        {
            "room": room,
            "limit": retention.STEP_ROWS,
            "oldest": bounds.oldest,
            "messages": messages,
            "most": bounds.most,
        },
    ).fetchone()
    if upto is not None:
        return Floor(room=name, floor=upto, now=now)
    young = now - rules.NONCE_LIFE - FORGET_SLACK
    known = db.execute(_ANY_SPENT, {"room": room, "young": young})
    return Floor(room=name, floor=before, now=now) if known.fetchone() else None


def base(db: sqlite3.Connection, name: str) -> int:
    """The sequence up to which nothing is needed to make the room's log; 0 where all is."""
    found = _base(db, name)
    return found.sequence if found is not None else 0


def beginning(db: sqlite3.Connection, name: str) -> Beginning | None:
    """As late as it can be; None where all is needed."""
    found = _base(db, name)
    if found is None:
        return None
    room, floor, topic, until = db.execute(
        "SELECT id, floor, topic, (SELECT sequence FROM applied WHERE room = name) "
        "FROM place WHERE name = ?",
        (name,),
    ).fetchone()
    refused = db.execute(
        "SELECT sequence FROM decided WHERE room = ? AND void ORDER BY sequence", (room,)
    ).fetchall()
    before = [found.sequence, *(each for (each,) in refused)]
    steps = [later - each for each, later in itertools.pairwise(before)]
    return Beginning(
        room=name,
        sequence=found.sequence,
        seq=found.seq,
        time=found.time,
        messages=found.messages,
        topic=topic,
        until=until,
        floor=floor,
        now=_now(db, name),
        refused=zlib.compress(msgspec.json.encode(steps)),
    )


def _base(db: sqlite3.Connection, name: str) -> "_Base | None":
    found = db.execute(_BASE, {"room": name}).fetchone()
    if found is None:
        return None
    base = _Base(*found[:4])
    void, floor, now = found[4:]
    gone = not void and base.seq <= floor and base.time <= now - rules.NONCE_LIFE
    return base if gone else None


class _Base(NamedTuple):
    """An event on which nothing depends that comes."""

    seq: int
    sequence: int
    time: int
    messages: int


def begin(db: sqlite3.Connection, start: Beginning) -> None:
    """Let the room be as it was there, and nothing else of it be known. What is said from then on
    is decided as it was, until a floor comes."""
    drop(db, start.room)
    (room,) = db.execute(
        "INSERT INTO room (name, topic, floor, floor_messages, floor_time) "
        "VALUES (?, ?, ?, ?, ?) RETURNING id",
        (start.room, start.topic, start.seq, start.messages, start.time),
    ).fetchone()
    row = (room, start.seq, start.sequence, 0, start.time, start.messages)
    db.execute("INSERT INTO decided VALUES (?, ?, ?, ?, ?, ?)", row)
    db.execute("INSERT INTO applied VALUES (?, ?)", (start.room, start.sequence))
    db.execute("INSERT INTO reckoned VALUES (?, 0, ?)", (start.room, start.until))


def is_begun(db: sqlite3.Connection, name: str) -> bool:
    """Whether not all is decided yet that was decided before."""
    found = db.execute("SELECT until FROM reckoned WHERE room = ?", (name,)).fetchone()
    return found is not None and bool(found[0])


def list_nonces(db: sqlite3.Connection, name: str) -> None:
    """Of all events that are kept: where one was used again after a day, what was decided before
    had the first use listed, which is gone now."""
    db.execute(
        "INSERT OR IGNORE INTO nonce (nonce, room, sender_key, event) "
        "SELECT nonce, room, sender_key, event.id FROM room JOIN event ON event.room = room.id "
        "WHERE name = ? AND event.id <= (SELECT indexed FROM meta)",
        (name,),
    )


def drop(db: sqlite3.Connection, name: str) -> None:
    """The room is not there any more; what there was of it is taken away by `clear`."""
    db.execute("UPDATE room SET name = ? || id WHERE name = ?", (_DROPPED, name))
    for table in ("applied", "reckoned"):
        db.execute(f"DELETE FROM {table} WHERE room = ?", (name,))  # noqa: S608


def drop_half_made(db: sqlite3.Connection) -> None:
    """What was decided before is not known any more: those rooms begin anew."""
    for (name,) in db.execute("SELECT room FROM reckoned WHERE until").fetchall():
        drop(db, name)


def clear(db: sqlite3.Connection) -> bool:
    """Take away a piece of what was dropped; whether there was any."""
    found = db.execute(
        "SELECT id FROM room WHERE name >= ? AND name < ? LIMIT 1",
        (_DROPPED, chr(ord(_DROPPED) + 1)),
    ).fetchone()
    if found is None:
        return False
    (ids,) = db.execute(
        "SELECT json_group_array(id) FROM (SELECT id FROM event WHERE room = ? LIMIT ?)",
        (*found, retention.STEP_ROWS),
    ).fetchone()
    if ids != "[]":
        db.execute(
            "DELETE FROM nonce WHERE (room, sender_key, nonce) IN (SELECT room, sender_key, nonce "
            "FROM event WHERE id IN (SELECT value FROM json_each(?)))",
            (ids,),
        )
        retention.forget_events(db, ids)
        return True
    db.execute(
        "DELETE FROM nonce WHERE (room, sender_key, nonce) IN "
        "(SELECT room, sender_key, nonce FROM spent WHERE room = ?)",
        found,
    )
    for table in ("spent WHERE room", "decided WHERE room", "room WHERE id"):
        db.execute(f"DELETE FROM {table} = ?", found)  # noqa: S608
    return True


def _now(db: sqlite3.Connection, name: str) -> int:
    found = db.execute("SELECT now FROM reckoned WHERE room = ?", (name,)).fetchone()
    return found[0] if found is not None else 0


def _let_go_of_events(db: sqlite3.Connection, room: int, upto: int, young: int) -> None:
    last = db.execute(
        "SELECT seq, messages, time FROM event WHERE room = ? AND seq <= ? "
        "ORDER BY seq DESC LIMIT 1",
        (room, upto),
    ).fetchone()
    (ids,) = db.execute(
        "SELECT json_group_array(id) FROM event WHERE room = ? AND seq <= ?", (room, upto)
    ).fetchone()
    if last is not None:
        retention.let_go(db, room, retention.Floor(*last), ids, young)


def _forget_decided(db: sqlite3.Connection, room: int, floor: int, young: int) -> None:
    """What is before the last event that nothing depends on."""
    (last,) = db.execute(
        "SELECT max(seq) FROM (SELECT seq, time FROM decided WHERE room = ? AND seq <= ? "
        "AND NOT void ORDER BY seq LIMIT ?) WHERE time <= ?",
        (room, floor, _LEFT_AT_ONCE, young),
    ).fetchone()
    if last is not None:
        db.execute("DELETE FROM decided WHERE room = ? AND seq < ?", (room, last))
