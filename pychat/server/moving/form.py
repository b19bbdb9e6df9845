"""A whole Hall as JSON Lines: a header, facts, rooms, spent nonces, then all events by time, as
they are on the wire. The lines are of ASCII alone, as those of a room's export are.
"""

import json
import time
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal, TypeVar

import msgspec

from pychat.protocol import codec, names, text
from pychat.protocol.errors import ProtocolError, Refused
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.importing import AHEAD, LINE_BYTES, read_event
from pychat.server.backplane.interface import Fact
from pychat.server.moving.whole import Begun, MoveError, Spent, WholeHall

VERSION = 1

BEGINNING = b'{"type":"pychat-hall"'
"""By which a file is known."""

_FACT_BYTES = 16 * 1024 * 1024
"""In one line at most: a room that has banned some ten thousand."""


class _Header(msgspec.Struct, kw_only=True, tag_field="type", tag="pychat-hall"):
    version: int
    epoch: str
    facts: int
    """As many lines follow, and so for those below."""
    rooms: int
    spent: int


class _Fact(msgspec.Struct, kw_only=True, tag_field="type", tag="fact"):
    bucket: Literal["owner", "token", "room", "hall", "read"]
    key: str
    body: Any


_Form = TypeVar("_Form", _Header, _Fact, Begun, Spent)

_decode = msgspec.json.Decoder(_Header | _Fact | Begun | Spent).decode


def lines(hall: WholeHall) -> Iterator[str]:
    """Raises MoveError and LedgerError."""
    yield _ascii(
        _Header(
            version=VERSION,
            epoch=hall.epoch,
            facts=len(hall.facts),
            rooms=len(hall.rooms),
            spent=len(hall.spent),
        )
    )
    for fact in hall.facts:
        body = msgspec.json.decode(fact.body or b"null")
        yield _ascii(_Fact(bucket=fact.bucket, key=fact.key, body=body))
    yield from map(_ascii, hall.rooms)
    yield from map(_ascii, hall.spent)
    for event in hall.events:
        yield _ascii(event)


def _ascii(entry: _Header | _Fact | Begun | Spent | LoggedEvent) -> str:
    return json.dumps(msgspec.to_builtins(entry), separators=(",", ":"))


def read(source: BinaryIO) -> WholeHall:
    """All but the events, which are read as they are asked for. Raises MoveError."""
    reader = _Reader(source)
    header = reader.next(_Header)
    if header.version != VERSION:
        raise MoveError(
            f"the file is of version {header.version}, and this pychat reads version {VERSION}; "
            "use the pychat that wrote it, or a newer one"
        )
    facts = [reader.next(_Fact) for _ in range(header.facts)]
    return WholeHall(
        epoch=header.epoch,
        facts=[Fact(each.bucket, each.key, codec.encode(each.body)) for each in facts],
        rooms=[reader.room() for _ in range(header.rooms)],
        spent=[reader.next(Spent) for _ in range(header.spent)],
        events=reader.events(),
    )


class _Reader:
    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._line = 0

    def next(self, form: type[_Form]) -> _Form:
        raw = self._read(_FACT_BYTES)
        try:
            entry = _decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            raise self._fault(str(fault)[:200]) from None
        if not isinstance(entry, form):
            raise self._fault(f"here {form.__struct_config__.tag!r} is to stand")
        return entry

    def room(self) -> Begun:
        found = self.next(Begun)
        try:
            known = found.room.startswith("@") or names.check_room(found.room) == found.room
            same = text.check_topic(found.topic) == found.topic
        except Refused as refusal:
            raise self._fault(str(refusal)) from None
        if not (known and same):
            raise self._fault("the room is not written as a Hall writes it")
        return found

    def events(self) -> Iterator[LoggedEvent]:
        latest = time.time_ns() // 1_000_000 + AHEAD
        while raw := self._read(LINE_BYTES):
            try:
                event = read_event(raw)
            except (ValueError, Refused, ProtocolError) as fault:
                raise self._fault(str(fault)) from None
            if event.time > latest:
                raise self._fault(f"the time {event.time} lies in the future")
            yield event

    def _read(self, most: int) -> bytes:
        self._line += 1
        line = self._source.readline(most)
        if len(line) == most:
            raise self._fault(f"it has {most:,} bytes or more")
        return line

    def _fault(self, why: str) -> MoveError:
        return MoveError(f"line {self._line}: {why}")
