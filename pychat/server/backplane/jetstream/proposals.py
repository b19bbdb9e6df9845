"""What nodes put into the streams of rooms, and where: an event as a Hall made it, and by whom.

A proposal is not yet an event: what becomes of it is decided by its place in the stream, and each
node that follows the room decides the same.
"""

import base64
import functools
import zlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.interface import Person
from pychat.server.backplane.jetstream.streams import StreamSpec
from pychat.server.backplane.rules import SpentNonce

Kept = Literal["", "event", "floor"]
"""Of another log an event keeps its number and its time. A floor is where that log begins, as
`Appender.begin` takes it."""


class Proposal(msgspec.Struct, frozen=True, array_like=True):
    event: LoggedEvent
    """Without number and time, unless it is of another log."""
    person: Person = ()
    kept: Kept = ""
    spent: Sequence[SpentNonce] = ()
    """With a floor."""


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """That a room lets go of its oldest events; in its stream, as what is said there is."""

    room: str
    floor: int
    """The `seq` of the last one that goes."""
    now: int
    """Milliseconds as they are reckoned for ages: which nonces need not be known any more."""


class UnreadableError(Exception):
    """What is in the stream is of another pychat, or of something else."""


_PLACES = 1_024
"""Of rooms, that are known without being made out again for each word that is said there."""

_decoder = msgspec.json.Decoder(Proposal)
_floor_decoder = msgspec.json.Decoder(Floor)


def encode(
    event: LoggedEvent, person: Person, kept: Kept = "", spent: Sequence[SpentNonce] = ()
) -> bytes:
    return msgspec.json.encode(Proposal(event, person, kept, spent))


def encode_floor(floor: Floor) -> bytes:
    return msgspec.json.encode(floor)


def floor_of(body: bytes) -> Floor | None:
    """None of a proposal, which is an array. Raises msgspec.DecodeError."""
    return _floor_decoder.decode(body) if body[:1] == b"{" else None


def decode(body: bytes, room: str) -> Proposal | Floor:
    """Raises UnreadableError, also for what is about another room."""
    try:
        found = floor_of(body) or _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise UnreadableError(str(fault)[:200]) from None
    about = found.room if isinstance(found, Floor) else found.event.room
    if about != room:
        raise UnreadableError(f"it is about {about!r}")
    return found


class Layout(msgspec.Struct, frozen=True):
    """Which stream has a room, and under which subjects."""

    hall: str
    shards: int
    """As many streams as the Hall has had from the beginning."""

    def stream(self, shard: int) -> str:
        return f"{self.hall}-ROOMS-{shard}"

    def subjects(self, shard: int) -> str:
        return f"{self.hall}.room.{shard}.*"

    def republish(self, shard: int) -> tuple[str, str]:
        return self.subjects(shard), f"{self.hall}.live.{shard}.{{{{wildcard(1)}}}}"

    def spec(self, shard: int, metadata: dict[str, str]) -> StreamSpec:
        return StreamSpec(
            name=self.stream(shard),
            subjects=[self.subjects(shard)],
            republish=self.republish(shard),
            metadata=metadata,
        )

    def place(self, room: str) -> "Place":
        return _place(self, room)


class Place(msgspec.Struct, frozen=True):
    stream: str
    subject: str
    live: str
    """Where the stream tells again what it has stored."""

    @property
    def beginning(self) -> str:
        """The subject of where the room's log begins; no room's, by its hyphen."""
        return f"{self.subject}-beginning"


def _token(room: str) -> str:
    """The name to the letter, in letters and digits."""
    return base64.b32encode(room.encode()).decode().rstrip("=").lower()


@functools.lru_cache(_PLACES)
def _place(layout: Layout, room: str) -> Place:
    shard = zlib.crc32(room.encode()) % layout.shards
    token = _token(room)
    return Place(
        stream=layout.stream(shard),
        subject=f"{layout.hall}.room.{shard}.{token}",
        live=f"{layout.hall}.live.{shard}.{token}",
    )
