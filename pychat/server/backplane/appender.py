"""What a batch of appends does within the writer's transaction, in a few statements."""

import sqlite3
from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from pychat.protocol import codec, events, names
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import rules, statements
from pychat.server.backplane.interface import Outcome, Person, Receipt, Rejection
from pychat.server.backplane.standing import standing

_TALLY_EVENTS = 32
"""Reacted events after which a tally is due, and one more for each eighth choice it has: so a
page reads little besides what it shows, and the tallies stay in proportion to the log."""

_GONE = rules.Mentioned(row=0, sender_key="", time=0, deleted=False)
"""A message that another log did not keep any more."""

_Use = tuple[int, str, str]
"""Of a nonce: the room's id, the sender's key, the nonce."""


class _Room(msgspec.Struct):
    id: int
    name: str
    head: int = 0
    last_time: int = 0
    messages: int = 0


class Stand(NamedTuple):
    """How far a room has come."""

    id: int
    head: int
    last_time: int
    messages: int
    """How many it has had."""


class _Batch:
    """What the batch needs to know of the log, kept up as it adds to it."""

    def __init__(self, now: int | None, last_row: int, apart: bool) -> None:
        self.now = now
        self.apart = apart
        self.last_row = last_row
        """Of what was there before."""
        self.rooms: dict[str, _Room] = {}
        self.firsts: dict[_Use, rules.First] = {}
        """By the nonces that were found in their table."""
        self.mentions = False
        """Whether any of the batch is about a message."""
        self.mentioned: dict[tuple[int, int], rules.Mentioned] = {}
        """By room and `seq`."""
        self.topics: dict[int, str] = {}
        """By room."""
        self.new: list[LoggedEvent] = []
        self.rows: list[tuple[object, ...]] = []
        self.reacted: dict[int, int] = {}
        """The last reaction's `seq` by the message's row."""


class Appender:
    """Appends on a connection whose transactions are its owner's.

    Keeps the heads of rooms in memory, and the nonces that cannot be looked up yet; after a
    rollback they are to be forgotten.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rooms: dict[str, _Room] = {}
        self._recent: dict[_Use, int] = {}
        """Rows by the nonces that are not in their table yet, oldest first."""
        self.last_row = 0
        """Of all events."""
        self.remember()

    def place(self, room: str) -> Stand | None:
        """None of a room that has no log. Raises sqlite3.Error."""
        found = self._room(room)
        return Stand(found.id, found.head, found.last_time, found.messages) if found.head else None

    def remember(self) -> None:
        """What is on disk, and not what was thought to be. Raises sqlite3.Error."""
        self._rooms.clear()
        self._last_room, self._last_time, self.last_row = self._db.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM room), "
            "(SELECT coalesce(max(last_time), 0) FROM place), "
            # What is pruned had a number too.
            "max(indexed, (SELECT coalesce(max(id), 0) FROM event)) FROM meta"
        ).fetchone()
        recent = self._db.execute(
            "SELECT room, sender_key, nonce, id FROM event "
            "WHERE id > (SELECT indexed FROM meta) ORDER BY id"
        )
        self._recent = {(room, key, nonce): row for room, key, nonce, row in recent}

    def indexed(self, row: int) -> None:
        """Up to this row nonces can be looked up, and need not be in memory."""
        done = []
        for use, recent in self._recent.items():
            if recent > row:
                break
            done.append(use)
        for use in done:
            del self._recent[use]

    def append(
        self,
        batch: Sequence[LoggedEvent],
        now: int | None = None,
        persons: Sequence[Person] = (),
        *,
        apart: bool = False,
        accepted: Collection[int] = (),
    ) -> tuple[list[Outcome], list[LoggedEvent]]:
        """For each its outcome; and the new ones, numbered. `now` is the clock's time; without it
        they have a time already, which is moved where the room has a later one, and if they are to
        be `apart` also where it has that one. `persons` are the senders; without them all are what
        their names are. Those at the places `accepted` were found good before, by what may be gone
        since."""
        state = _Batch(now, self.last_row, apart)
        persons = persons or [()] * len(batch)
        uses = self._look_up(state, batch, persons)
        outcomes = [
            self._admit(state, event, use, person, at in accepted)
            for at, (event, use, person) in enumerate(zip(batch, uses, persons, strict=True))
        ]
        self._write(state)
        return outcomes, state.new

    def begin(self, floor: events.Topic, spent: Sequence[rules.SpentNonce]) -> Outcome:
        """Let a room begin as it does in another log: `floor` has its topic, and the number and
        the time of the last event that is not kept there; `spent` are nonces of such events."""
        room = self._room(floor.room)
        if floor.room not in self._rooms:
            room.head = floor.seq
            self._db.execute(
                "INSERT INTO room (id, name, topic, floor, floor_time) VALUES (?, ?, ?, ?, ?)",
                (room.id, room.name, floor.text, floor.seq, floor.time),
            )
            room.last_time = floor.time
            self._last_time = max(self._last_time, floor.time)
            self._rooms[room.name] = room
        elif room.head != floor.seq:
            return _misplaced(floor.seq, room)
        for each in spent:
            use = (room.id, each.sender_key, each.nonce)
            self._db.execute(
                "INSERT OR REPLACE INTO spent VALUES (?, ?, ?, ?, ?, ?)",
                (*use, each.seq, each.time, each.fingerprint),
            )
            self._db.execute(
                "INSERT OR IGNORE INTO nonce (room, sender_key, nonce, event) VALUES (?, ?, ?, 0)",
                use,
            )
        return Receipt(floor.seq, floor.time)

    def take_up(self, batch: Sequence[LoggedEvent]) -> list[Outcome]:
        """Events of another log, which keep number and time. What does not come right after the
        room's last one is rejected."""
        state = _Batch(None, self.last_row, apart=False)
        uses = self._look_up(state, batch, [()] * len(batch))
        outcomes = [self._take(state, *pair) for pair in zip(batch, uses, strict=True)]
        self._write(state)
        return outcomes

    def _take(self, state: _Batch, event: LoggedEvent, use: _Use) -> Outcome:
        room = state.rooms[event.room]
        if event.prev != room.head or event.seq <= room.head or event.time < room.last_time:
            return _misplaced(event.seq, room)
        seq = rules.mentions(event)
        mentioned = None if seq is None else state.mentioned.get((room.id, seq), _GONE)
        self._add(state, room, event, use, mentioned)
        return Receipt(event.seq, event.time)

    def _look_up(
        self, state: _Batch, batch: Sequence[LoggedEvent], persons: Sequence[Person]
    ) -> list[_Use]:
        uses: list[_Use] = []
        mentions: list[tuple[int, int]] = []
        for event in batch:
            room = state.rooms.get(event.room)
            if room is None:
                room = state.rooms[event.room] = self._room(event.room)
            uses.append((room.id, names.fold(event.sender), event.nonce))
            seq = rules.mentions(event)
            if seq is not None:
                mentions.append((room.id, seq))
        self._look_up_nonces(state, uses)
        if any(persons):
            self._look_up_nonces(
                state,
                [
                    (room, bearing.key, nonce)
                    for (room, _, nonce), person in zip(uses, persons, strict=True)
                    for bearing in person[1:]
                ],
            )
        if mentions:
            state.mentions = True
            self._look_up_mentions(state, mentions)
        return uses

    def _look_up_nonces(self, state: _Batch, uses: Sequence[_Use]) -> None:
        for found in statements.run(
            self._db,
            "WITH wanted (room, sender_key, nonce) AS (",
            uses,
            ") SELECT (SELECT body FROM event WHERE id = nonce.event), room, sender_key, nonce "
            "FROM wanted CROSS JOIN nonce USING (room, sender_key, nonce)",
        ):
            for body, *use in found:
                state.firsts[tuple(use)] = codec.decode_event(body) if body else self._spent(use)

    def _spent(self, use: Sequence[object]) -> rules.Spent:
        """Of a nonce whose event is gone."""
        return rules.Spent(
            *self._db.execute(
                "SELECT seq, time, fingerprint FROM spent "
                "WHERE room = ? AND sender_key = ? AND nonce = ?",
                use,
            ).fetchone()
        )

    def _look_up_mentions(self, state: _Batch, mentions: Sequence[tuple[int, int]]) -> None:
        for found in statements.run(
            self._db,
            "WITH wanted (room, seq) AS (",
            mentions,
            ") SELECT room, seq, said.id, said.sender_key, said.time, EXISTS "
            "(SELECT 1 FROM event WHERE target = said.id AND kind = 'deleted') "
            "FROM wanted CROSS JOIN event AS said USING (room, seq) WHERE said.kind = 'message'",
        ):
            for room, seq, row, key, time, deleted in found:
                state.mentioned[room, seq] = rules.Mentioned(row, key, time, bool(deleted))

    def _room(self, name: str) -> _Room:
        room = self._rooms.get(name)
        if room is not None:
            return room
        row = self._db.execute(
            "SELECT id, name, head, last_time, messages FROM place WHERE name = ?", (name,)
        ).fetchone()
        if row is not None:
            self._rooms[name] = _Room(*row)
            return self._rooms[name]
        # Neither kept nor written unless an event follows.
        self._last_room += 1
        return _Room(self._last_room, name)

    def _first(self, state: _Batch, use: _Use) -> rules.First | None:
        """What the nonce was used for first, if it was."""
        row = self._recent.get(use)
        if row is None:
            return state.firsts.get(use)
        if row > state.last_row:
            return state.new[row - state.last_row - 1]
        (body,) = self._db.execute("SELECT body FROM event WHERE id = ?", (row,)).fetchone()
        return codec.decode_event(body)

    def _resent(
        self, state: _Batch, event: LoggedEvent, use: _Use, person: Person
    ) -> Outcome | None:
        # Apart: what a function's lambda refers to costs each call of the function.
        return rules.resent(event, person, lambda key: self._first(state, (use[0], key, use[2])))

    def _admit(
        self, state: _Batch, event: LoggedEvent, use: _Use, person: Person, accepted: bool
    ) -> Outcome:
        if accepted:
            pass
        elif person:
            outcome = self._resent(state, event, use, person)
            if outcome is not None:
                return outcome
        elif (first := self._first(state, use)) is not None:
            return rules.repeated(event, first)
        room = state.rooms[event.room]
        mentioned = None
        if state.mentions and (seq := rules.mentions(event)) is not None:
            mentioned = state.mentioned.get((room.id, seq))
            refusal = rules.refusal(event, use[1], person, mentioned)
            if accepted:
                mentioned = mentioned or _GONE
            elif refusal is not None:
                return refusal
        if state.now is not None:
            time = rules.next_time(room.last_time, self._last_time, state.now)
        elif state.apart:
            time = rules.next_time(room.last_time, room.last_time, event.time)
        else:
            time = max(room.last_time, event.time)
        rules.number(event, room.head, time)
        self._add(state, room, event, use, mentioned)
        return Receipt(event.seq, time)

    def _add(
        self,
        state: _Batch,
        room: _Room,
        event: LoggedEvent,
        use: _Use,
        mentioned: rules.Mentioned | None,
    ) -> None:
        self.last_row = row = self.last_row + 1
        target = None
        seq, room.last_time = event.seq, event.time
        room.head = seq
        if event.time > self._last_time:
            self._last_time = event.time
        self._recent[use] = row
        state.new.append(event)
        if isinstance(event, events.Message):
            room.messages += 1
            if state.mentions:
                mention = rules.Mentioned(row, use[1], event.time, deleted=False)
                state.mentioned[room.id, seq] = mention
        elif isinstance(event, events.Topic):
            state.topics[room.id] = event.text
        elif mentioned is not None:
            target = mentioned.row
            if isinstance(event, events.Deleted):
                gone = msgspec.structs.replace(mentioned, deleted=True)
                state.mentioned[room.id, event.target] = gone
            elif isinstance(event, events.Reacted) and target:
                state.reacted[target] = seq
        kind, body = event.__struct_config__.tag, codec.encode(event)
        state.rows.append(
            (row, use[0], seq, event.time, use[1], use[2], kind, target, room.messages, body)
        )

    def _write(self, state: _Batch) -> None:
        statements.run(
            self._db,
            "INSERT INTO event (id, room, seq, time, sender_key, nonce, kind, target, messages, "
            "body)",
            state.rows,
        )
        for row, seq in state.reacted.items():
            self._tally(row, seq)
        for room in state.rooms.values():
            if room.name not in self._rooms and room.head:
                self._rooms[room.name] = room
                self._db.execute(
                    "INSERT INTO room (id, name, topic, floor_time) VALUES (?, ?, '', 0)",
                    (room.id, room.name),
                )
        for room_id, topic in state.topics.items():
            self._db.execute("UPDATE room SET topic = ? WHERE id = ?", (topic, room_id))

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
            (message,) = standing(self._db, [row], seq)
            reactions = message.reactions or {}
            size = sum(map(len, reactions.values()))
            self._db.execute(
                "INSERT INTO tally VALUES (?, ?, ?, ?)",
                (row, seq, size, codec.encode(reactions)),
            )


def _misplaced(seq: int, room: _Room) -> Rejection:
    text = f"event {seq} of {room.name!r} does not come after {room.head}"
    return Rejection("no-such-message", text)
