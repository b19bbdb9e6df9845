"""A Hall as it is between two places: what is known of people and rights, and all rooms' logs.

Positions, times and nonces are kept, and the epoch with them: who comes back goes on where they
were.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from pychat.protocol import events
from pychat.protocol.errors import PychatError
from pychat.protocol.events import LoggedEvent
from pychat.protocol.fields import Millis, Seq
from pychat.server.access import OPEN, Gate
from pychat.server.backplane.interface import Fact
from pychat.server.backplane.rules import SpentNonce
from pychat.server.charter import Charter, Conduct, grant
from pychat.server.markers import Markers
from pychat.server.owners import Owners

_NOTHING = b"{}"
"""Of a room's or the Hall's fact by which nothing is set."""


class MoveError(PychatError):
    """The Hall was not moved; the text says why and what to do."""


class Begun(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="room"):
    """A room, up to where its log begins."""

    room: str
    topic: str
    floor: Seq
    """Up to here nothing is kept. The first event's `prev`."""
    floor_time: Millis
    """Of the event there, where none follows; else 0."""
    head: Seq
    """The last event's `seq`."""


class Spent(SpentNonce, frozen=True, kw_only=True, tag_field="type", tag="spent"):
    """A nonce whose event is not kept any more."""

    room: str


class WholeHall(msgspec.Struct, kw_only=True):
    epoch: str
    facts: Sequence[Fact]
    rooms: Sequence[Begun]
    """By name."""
    spent: Sequence[Spent]
    events: Iterator[LoggedEvent]
    """Of all rooms, by time: can be gone through once. Raises MoveError and LedgerError."""
    stays: Sequence[str] = ()
    """What is not in it, a sentence each."""


def facts(
    owners: Owners,
    markers: Markers,
    conduct: Conduct,
    gate: Gate,
    charters: Mapping[str, Charter],
) -> list[Fact]:
    """All that a Hall knows of people and rights, in an order that is always the same. `charters`
    are those of rooms that move; guests have none of their roles any more."""
    found = [owner.fact() for owner in owners]
    found += markers.facts()
    found += [Fact("token", key, msgspec.json.encode(each)) for key, each in gate.invites.items()]
    if gate.level != OPEN:
        found.append(gate.set_level(gate.level))
    found += [grant(name) for name in conduct.granted]
    found.append(conduct.fact(0))
    for key, charter in charters.items():
        charter.forget_guests(besides=())
        found.append(charter.fact(key, 0))
    found.sort(key=lambda fact: (fact.bucket, fact.key))
    return [fact for fact in found if fact.body != _NOTHING]


def spent_of(hall: WholeHall) -> Mapping[str, Sequence[Spent]]:
    """By room."""
    found: dict[str, list[Spent]] = {}
    for each in hall.spent:
        found.setdefault(each.room, []).append(each)
    return found


def checked(hall: WholeHall) -> Iterator[LoggedEvent]:
    """The Hall's events, each right after the one before in its room, and all of them. Raises
    MoveError, at the end also where some are missing."""
    spent = spent_of(hall)
    floors = (floor_of(room, spent.get(room.room, ())) for room in hall.rooms)
    last = {floor.room: (floor.seq, floor.time) for floor in floors}
    for event in hall.events:
        if event.room not in last:
            raise MoveError(f"event {event.seq} is of the room {event.room!r}, which is not listed")
        seq, time = last[event.room]
        if event.prev != seq or event.seq <= seq or event.time < time:
            raise MoveError(
                f"in {event.room!r} event {event.seq} is said to come after {event.prev}, and here "
                f"comes after {seq}; events are missing, doubled or in another order"
            )
        last[event.room] = (event.seq, event.time)
        yield event
    for room in hall.rooms:
        if last[room.room][0] != room.head:
            raise MoveError(
                f"the log of {room.room!r} ends after event {last[room.room][0]}, and should after "
                f"{room.head}"
            )


def floor_of(room: Begun, spent: Sequence[Spent]) -> events.Topic:
    """What stands for all that is not kept any more, as late as its last nonce: it is to stay for
    as long as that must be known."""
    return events.Topic(
        room=room.room,
        seq=room.floor,
        prev=room.floor,
        time=max([room.floor_time, *(each.time for each in spent)]),
        sender="",
        nonce="floor",
        text=room.topic,
    )
