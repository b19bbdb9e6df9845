"""A room's log as JSON Lines: a header, then each event as it is on the wire, oldest first.

The lines are of ASCII alone, so that they do nothing on a terminal and no tool splits them.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pychat.protocol import codec, events, names
from pychat.protocol.errors import ProtocolError, PychatError
from pychat.protocol.events import LoggedEvent
from pychat.protocol.fields import Seq
from pychat.server.backplane.interface import LedgerError

VERSION = 1
"""Of the format."""

_CHUNK = 500
"""Events read at once: between two the server's journal may begin anew."""


class NoSuchRoomError(PychatError):
    """The log has no room of that name."""


class Header(msgspec.Struct, kw_only=True, tag_field="type", tag="pychat-room"):
    """The first line."""

    version: int
    room: str
    epoch: str
    """Of the log that the room comes from; empty if that is a backup."""
    topic: str
    floor: Seq
    """Up to here the log was not kept any more. The first event's `prev`."""
    head: Seq
    """The last event's `seq`."""


class Place(msgspec.Struct, frozen=True):
    """A room in a log."""

    id: int
    name: str
    head: int
    floor: int
    topic: str


def find_room(db: sqlite3.Connection, path: Path, name: str) -> Place:
    """By any spelling that is the same name. What two people say to each other is not to be had:
    either of them has it from their own program. Raises NoSuchRoomError."""
    key = names.fold(name)
    rooms = db.execute(
        "SELECT id, name, head, floor, topic FROM place WHERE name NOT LIKE '@%'"
    ).fetchall()
    for room in (Place(*row) for row in rooms):
        if names.fold(room.name) == key:
            return room
    raise NoSuchRoomError(f"the log {path} has no room {name!r}; it has {len(rooms):,} others")


def lines(db: sqlite3.Connection, path: Path, room: Place) -> Iterator[str]:
    """The room up to its head of now. Raises LedgerError where the log is damaged or loses events
    to retention meanwhile."""
    (epoch,) = db.execute("SELECT epoch FROM meta").fetchone()
    yield _ascii(
        Header(
            version=VERSION,
            room=room.name,
            epoch=epoch,
            topic=room.topic,
            floor=room.floor,
            head=room.head,
        )
    )
    last = room.floor
    while last < room.head:
        rows = db.execute(
            "SELECT body FROM event WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            (room.id, last, room.head, _CHUNK),
        ).fetchall()
        for (body,) in rows:
            event = _decoded(body, path, room)
            if event.prev != last:
                break
            last = event.seq
            yield _ascii(event)
        else:
            if rows:
                continue
        raise LedgerError(
            f"the log {path} has no event right after {last} in the room {room.name!r}: it is "
            "damaged (`pychat doctor` tells), or let go of it at this moment; try again"
        )


def _decoded(body: bytes, path: Path, room: Place) -> LoggedEvent:
    try:
        event = codec.decode_event(body)
    except ProtocolError as fault:
        raise LedgerError(
            f"the log {path} has a damaged event in the room {room.name!r}: {fault}; restore it "
            "from a backup"
        ) from fault
    if isinstance(event, events.Unknown):
        raise LedgerError(f"the log {path} has events of an unknown type, {event.type!r}")
    return event


def _ascii(entry: Header | LoggedEvent) -> str:
    return json.dumps(msgspec.to_builtins(entry), separators=(",", ":"))


def read_header(line: bytes) -> Header:
    """Raises ValueError with a sentence."""
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise ValueError(f"this is no header of a pychat export: {str(fault)[:200]}") from None
    if header.version != VERSION:
        raise ValueError(
            f"the format is of version {header.version}, and this pychat reads version {VERSION}; "
            "use the pychat that wrote it, or a newer one"
        )
    return header
