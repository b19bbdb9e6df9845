"""A room from an export into a log that no server has open: wholly or not at all.

Events keep sender, time and nonce and get new places; what they are about is looked up by the old
ones. An event that the log has already, by its nonce, is not added again.
"""

import sqlite3
import time
from pathlib import Path
from typing import BinaryIO

import msgspec

from pychat.protocol import codec, events, names, text
from pychat.protocol.errors import ProtocolError, PychatError, Refused
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import database, rules
from pychat.server.backplane.appender import Appender
from pychat.server.backplane.archive import Header, read_header
from pychat.server.backplane.indexer import Indexer
from pychat.server.backplane.interface import Receipt

LINE_BYTES = 256 * 1024
"""The longest text, each character written as two escapes, is less than half of it."""

_BATCH = 512
_FAULTS = 10
"""Told at most."""

AHEAD = 24 * 3600 * 1000
"""Milliseconds that an event may lie in the future. A room's time never goes back, so that one of
the year 3000 would stamp all that follow."""


class ImportRefusedError(PychatError):
    """Nothing was imported; the text has a line for each fault."""


class Imported(msgspec.Struct):
    room: str
    added: int = 0
    known: int = 0
    """In the log already."""
    left_out: int = 0
    """About messages that are in neither the export nor the log."""


def import_room(path: Path, source: BinaryIO, room: str | None = None) -> Imported:
    """Import into the log `path`, made if need be, and into the room `room` or the one that the
    export names. Raises ImportRefusedError and LedgerError."""
    with database.open_alone(path) as db:
        return _Import(db, source, room).run()


class _Event(msgspec.Struct, frozen=True):
    line: int
    seq: int
    """In the export."""
    event: LoggedEvent


class _Import:
    def __init__(self, db: sqlite3.Connection, source: BinaryIO, room: str | None) -> None:
        self._db = db
        self._source = source
        self._appender = Appender(db)
        self._indexer = Indexer(db)
        self._wanted = room
        self._line = 0
        self._faults: list[str] = []
        self._batch: list[_Event] = []
        self._said: set[int] = set()
        """Messages of the batch by their place in the export."""
        self._places: dict[int, int] = {}
        """Those before it, to their place in the log."""
        self._latest = time.time_ns() // 1_000_000 + AHEAD

    def run(self) -> Imported:
        try:
            header = read_header(self._next())
            target, topic = self._target(self._wanted or header.room)
        except (ValueError, Refused) as fault:
            raise ImportRefusedError(f"line {self._line}: {fault}") from None
        self._done = Imported(target)
        self._take_all(header)
        self._flush()
        if self._faults:
            raise ImportRefusedError("\n".join(self._faults))
        if not topic:
            # What set it may be older than what was kept.
            self._db.execute(
                "UPDATE room SET topic = ? WHERE name = ? AND topic = ''", (header.topic, target)
            )
        return self._done

    def _take_all(self, header: Header) -> None:
        last: LoggedEvent | None = None
        sure = True
        while len(self._faults) < _FAULTS and (raw := self._next()):
            try:
                event = read_event(raw)
                # Behind a line that could not be read anything may come.
                if sure:
                    self._check_place(event, last, header)
                last, sure = event, True
                self._take(event, header.floor)
            except (ValueError, Refused, ProtocolError) as fault:
                self._faults.append(f"line {self._line}: {fault}")
                sure = False
        head = last.seq if last else header.floor
        if head != header.head and not self._faults:
            self._faults.append(
                f"line {self._line}: the file ends after event {head}, and should after "
                f"{header.head}"
            )

    def _next(self) -> bytes:
        self._line += 1
        line = rest = self._source.readline(LINE_BYTES)
        while len(rest) == LINE_BYTES and not rest.endswith(b"\n"):
            rest = self._source.readline(LINE_BYTES)
        return line

    def _target(self, wanted: str) -> tuple[str, str]:
        """The room's name as it is to be, and its topic if it is there already."""
        name = names.check_room(wanted)
        key, looks = names.fold(name), names.looks(name)
        for known, topic in self._db.execute("SELECT name, topic FROM room").fetchall():
            if names.fold(known) == key:
                return known, topic
            if not looks.isdisjoint(names.looks(known)):
                raise Refused(
                    "bad-room", f"{name!r} looks like the room {known!r}; --room names another"
                )
        return name, ""

    def _check_place(self, event: LoggedEvent, last: LoggedEvent | None, header: Header) -> None:
        before = last.seq if last else header.floor
        if event.room != header.room:
            raise ValueError(f"the room is {event.room!r}, and the header's is {header.room!r}")
        if event.prev != before or event.seq <= before:
            raise ValueError(
                f"event {event.seq} is said to come after {event.prev}, and here comes after "
                f"{before}; lines are missing, doubled or in another order"
            )
        if event.time > self._latest or (last and event.time < last.time):
            raise ValueError(f"the time {event.time} lies in the future or before the last one's")

    def _take(self, event: LoggedEvent, floor: int) -> None:
        """Put the event into the batch, as it is to be in the log."""
        seq = event.seq
        mentioned = rules.mentions(event)
        if mentioned is not None and mentioned <= floor:
            if not isinstance(event, events.Message):
                self._done.left_out += 1
                return
            event.reply_to = None
        elif mentioned is not None:
            if mentioned in self._said:
                self._flush()
            elif mentioned not in self._places and not self._faults:
                raise ValueError(f"{mentioned} is no message before this one")
        if isinstance(event, events.Message):
            self._said.add(seq)
        self._batch.append(_Event(self._line, seq, event))
        if len(self._batch) == _BATCH:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        self._said.clear()
        if self._faults:
            return
        moved = [self._moved(one.event) for one in batch]
        outcomes, _ = self._appender.append(moved)
        while self._indexer.indexed < self._appender.last_row:
            self._indexer.step(_BATCH)
        self._appender.indexed(self._indexer.indexed)
        for one, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Receipt):
                self._done.known += outcome.duplicate
                self._done.added += not outcome.duplicate
                if isinstance(one.event, events.Message):
                    self._places[one.seq] = outcome.seq
            elif outcome.reason == "no-such-message" and not isinstance(one.event, events.Message):
                # Deleted in this log since.
                self._done.left_out += 1
            else:
                self._faults.append(f"line {one.line}: {outcome.text}")

    def _moved(self, event: LoggedEvent) -> LoggedEvent:
        place = rules.mentions(event)
        event = msgspec.structs.replace(event, room=self._done.room)
        if place is not None:
            field = "reply_to" if isinstance(event, events.Message) else "target"
            setattr(event, field, self._places.get(place, 0))
        return event


def read_event(raw: bytes) -> LoggedEvent:
    """One line. Raises ValueError, Refused or ProtocolError on what no Hall would have logged."""
    if len(raw) == LINE_BYTES:
        raise ValueError(f"it has {LINE_BYTES:,} bytes or more, and no event has so many")
    event = codec.decode_event(raw)
    match event:
        case events.Unknown():
            raise ValueError(f"there is no event of type {event.type!r}")
        case events.Message() | events.Edited():
            same = text.check_text(event.text) == event.text
        case events.Topic():
            same = text.check_topic(event.text) == event.text
        case events.Reacted():
            same = text.check_emojis(event.emojis) == event.emojis
        case events.Deleted():
            same = True
    if not same or names.check_name(event.sender) != event.sender:
        raise ValueError("it is not written as a Hall writes it")
    return event
