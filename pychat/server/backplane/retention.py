"""Letting go of what is older than is to be kept, a small transaction at a time."""

import contextlib
import sqlite3
import time
from typing import NamedTuple

import msgspec

from pychat.protocol import codec, events
from pychat.protocol.errors import ProtocolError
from pychat.server.backplane import rules
from pychat.server.backplane.interface import Clock, Retention
from pychat.server.backplane.steady import SteadyClock

RECKONED_GAP = 3_600_000
"""Milliseconds after which the time that has passed is written down anew: what a crash forgets."""

SWEEP_SECONDS = 10.0
"""Between two looks at all rooms, which cost some microseconds each."""

STEP_ROWS = 200
"""Events that go in one transaction at most: some milliseconds, which appends may wait for."""


# What is compared grows with `seq`, so that what is chosen is the beginning of the log. A row at a
# time would give the interpreter's lock away as often.
_DOOMED = """
SELECT max(seq), max(messages), max(time), count(*), json_group_array(id)
FROM (SELECT id, seq, messages, time FROM event WHERE room = :room ORDER BY seq LIMIT :limit)
WHERE id <= (SELECT indexed FROM meta) AND (time < :oldest
    OR messages <= (SELECT messages FROM place WHERE id = :room) - :most)
"""
_YOUNG = """
SELECT json_group_array(json_array(event.id, CAST(body AS TEXT)))
FROM json_each(?) AS doomed CROSS JOIN event ON event.id = doomed.value WHERE time > ?
"""
_SPEND = """
INSERT OR REPLACE INTO spent
SELECT room, sender_key, nonce, seq, time, json_extract(print.value, '$[1]')
FROM json_each(?) AS print CROSS JOIN event ON event.id = json_extract(print.value, '$[0]')
"""
_UNLIST = """
DELETE FROM nonce WHERE (room, sender_key, nonce) IN (SELECT room, sender_key, nonce FROM event
WHERE id IN (SELECT value FROM json_each(?))) AND NOT EXISTS (SELECT 1 FROM spent
WHERE (room, sender_key, nonce) = (nonce.room, nonce.sender_key, nonce.nonce))
"""
_FORGET = """
DELETE FROM {} WHERE (room, sender_key, nonce) IN
(SELECT room, sender_key, nonce FROM spent WHERE time <= ? LIMIT ?)
"""

_decode_young = msgspec.json.Decoder(list[tuple[int, str]]).decode


class Pruner:
    """Prunes on the writer's connection and thread. The owner calls `step` between its batches,
    and rolls back where that raises."""

    def __init__(self, db: sqlite3.Connection, retention: Retention, clock: Clock) -> None:
        self._db = db
        self._retention = retention
        self._reckoned, newest = db.execute(
            "SELECT reckoned, (SELECT max(last_time) FROM place) FROM meta"
        ).fetchone()
        begun = max(self._reckoned, newest or 0)
        if retention.bounded and not begun:
            begun = clock()
        self._clock = SteadyClock(begun, clock)
        self._rooms: list[int] = []
        """Those with something to let go of."""
        self._due = time.monotonic()

    def patience(self) -> float | None:
        """Seconds until `step` is to be called; None for never."""
        if not self._retention.bounded:
            return None
        return 0.0 if self._rooms else max(0.0, self._due - time.monotonic())

    def step(self) -> None:
        """At most one small transaction, if it is time. Raises sqlite3.Error; what is left to do
        comes up again at the next sweep then."""
        if not self._retention.bounded:
            return
        if self._rooms:
            room = self._rooms.pop()
            if self._prune(room):
                self._rooms.append(room)
        elif time.monotonic() >= self._due:
            self._due = time.monotonic() + SWEEP_SECONDS
            self._rooms = self._look()
            self._forget_nonces()
            self._note_time()

    def _forget_nonces(self) -> None:
        oldest = self._clock() - rules.NONCE_LIFE
        self._db.execute("BEGIN IMMEDIATE")
        # The same ones of both, since `spent` is the last to change.
        for table in ("nonce", "spent"):
            self._db.execute(_FORGET.format(table), (oldest, STEP_ROWS))
        self._db.execute("COMMIT")

    def _note_time(self) -> None:
        now = self._clock()
        if now >= self._reckoned + RECKONED_GAP:
            self._db.execute("UPDATE meta SET reckoned = ?", (now,))
            self._reckoned = now

    def _look(self) -> list[int]:
        return [
            room
            for (room,) in self._db.execute(
                "SELECT id FROM place WHERE messages - floor_messages > :most OR (SELECT time "
                "FROM event WHERE room = place.id ORDER BY seq LIMIT 1) < :oldest",
                {"most": self._most(), "oldest": self._oldest()},
            )
        ]

    def _most(self) -> int:
        most = self._retention.max_messages
        return 2**62 if most is None else most

    def _oldest(self) -> int:
        age = self._retention.max_age
        return -1 if age is None else self._clock() - age

    def _prune(self, room: int) -> bool:
        """One step in this room; whether there may be more to do."""
        bounds = {"oldest": self._oldest(), "most": self._most(), "limit": STEP_ROWS}
        seq, messages, time_, count, ids = self._db.execute(
            _DOOMED, {"room": room, **bounds}
        ).fetchone()
        if not count:
            return False
        self._db.execute("BEGIN IMMEDIATE")
        young = self._clock() - rules.NONCE_LIFE
        let_go(self._db, room, Floor(seq, messages, time_), ids, young)
        self._db.execute("COMMIT")
        return bool(count == STEP_ROWS)


class Floor(NamedTuple):
    """The last event of a room that is not kept."""

    seq: int
    messages: int
    """How many the room has had, up to and with it."""
    time: int


def let_go(db: sqlite3.Connection, room: int, floor: Floor, ids: str, young: int) -> None:
    """Of the events `ids` (JSON), which are all that are kept up to the floor, and findable. The
    nonces of those after the time `young` stay. Within a transaction of the caller's."""
    _keep_nonces(db, ids, young)
    db.execute(_UNLIST, (ids,))
    forget_events(db, ids)
    db.execute(
        "UPDATE room SET floor = ?, floor_messages = ?, floor_time = ? WHERE id = ?",
        (*floor, room),
    )


def forget_events(db: sqlite3.Connection, ids: str) -> None:
    """What there is of them, but for their nonces."""
    for part in ("tally WHERE message", "words WHERE rowid", "event WHERE id"):
        db.execute(
            f"DELETE FROM {part} IN (SELECT value FROM json_each(?))",  # noqa: S608
            (ids,),
        )


def _keep_nonces(db: sqlite3.Connection, ids: str, young: int) -> None:
    (found,) = db.execute(_YOUNG, (ids, young)).fetchone()
    prints: list[tuple[int, str]] = []
    for row, body in _decode_young(found):
        # What is damaged is to go as well.
        with contextlib.suppress(ProtocolError):
            event = codec.decode_event(body.encode())
            if not isinstance(event, events.Unknown):
                prints.append((row, rules.fingerprint(event)))
    if prints:
        db.execute(_SPEND, (codec.encode(prints).decode(),))
