"""A whole Hall out of a cluster whose nodes are stopped."""

import heapq
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pychat.protocol import codec, events, names
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import database
from pychat.server.backplane.direct import DirectLogKept
from pychat.server.backplane.interface import Fact, LedgerError, Outcome
from pychat.server.backplane.jetstream import half_made, streams
from pychat.server.backplane.jetstream.hall_log import HallLogError
from pychat.server.backplane.jetstream.ledger import JetStreamLedger
from pychat.server.backplane.jetstream.link import Link
from pychat.server.cluster import reading
from pychat.server.cluster.entries import VersionError
from pychat.server.cluster.replica import Replica
from pychat.server.cluster.snapshot import SnapshotError
from pychat.server.moving import tables
from pychat.server.moving.whole import Begun, MoveError, WholeHall, facts


@asynccontextmanager
async def opened(link: Link, name: str, folder: Path) -> AsyncIterator[WholeHall]:
    """`name` is what the streams begin with; `folder` is for what is made of them, as large as
    the Hall. Raises MoveError, LedgerError, LinkError."""
    replica, epoch = await _read(link, name)
    await _gather(JetStreamLedger(link, name, folder), replica)
    log = folder / "projection.db"
    pairs = _pairs(replica)
    with database.open_beside(log) as db:
        rooms = tables.rooms(db)
        yield WholeHall(
            epoch=epoch,
            facts=_facts(replica),
            rooms=sorted([*rooms, *(room for room, _ in pairs)], key=lambda room: room.room),
            spent=tables.spent(db, rooms),
            events=_merged(tables.logged(db, log, rooms), [said for _, said in pairs]),
            stays=["the nodes' audit logs stay in their folders, in people.db"],
        )


async def _read(link: Link, name: str) -> tuple[Replica, str]:
    first = await streams.find(link, f"{name}-ROOMS-0")
    if first is not None:
        half_made.refuse(first)
    others = [await streams.find(link, f"{name}-{kind}") for kind in ("HALL", "SNAP")]
    if first is None or None in others:
        raise MoveError(f"there is no whole Hall whose streams begin with {name}")
    epoch = first.metadata.get("pychat-epoch", "")
    try:
        found = await reading.read(link, name, epoch)
    except (HallLogError, SnapshotError, VersionError) as fault:
        raise MoveError(str(fault)) from fault
    serving = found.serving()
    if serving:
        raise MoveError(f"{serving}: stop all nodes first, since what is said meanwhile would stay")
    return found.replica, epoch


class _Progress:
    """What comes of the streams."""

    def __init__(self) -> None:
        self.events = 0

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        self.events += len(events)


async def _gather(ledger: JetStreamLedger, replica: Replica) -> None:
    """All rooms into the ledger's file. Raises LedgerError."""
    progress = _Progress()
    await ledger.open(progress)
    try:
        for room in replica.hall.rooms.values():
            done = -1
            while done != progress.events:
                done = progress.events
                try:
                    await ledger.follow(room.name)
                except LedgerError:
                    # A long history takes several times.
                    if done == progress.events:
                        raise
                else:
                    break
            ledger.unfollow(room.name)
    finally:
        await ledger.close()


def _pairs(replica: Replica) -> list[tuple[Begun, list[LoggedEvent]]]:
    """Rooms of two owners, and what is kept of them."""
    of_owners = replica.hall.directs.of_owners
    found = []
    for kept in replica.direct.kept().rooms:
        if names.is_durable(kept.name) and of_owners.find(kept.name) is not None:
            said = _decoded(kept)
            found.append((_begun(kept, said), said))
    return found


def _decoded(kept: DirectLogKept) -> list[LoggedEvent]:
    decoded = [codec.decode_event(raw) for raw in kept.events]
    return [event for event in decoded if not isinstance(event, events.Unknown)]


def _begun(kept: DirectLogKept, said: Sequence[LoggedEvent]) -> Begun:
    return Begun(
        room=kept.name,
        topic="",
        floor=said[0].prev if said else kept.floor,
        floor_time=0 if said else kept.last_time,
        head=said[-1].seq if said else kept.floor,
    )


def _facts(replica: Replica) -> list[Fact]:
    hall = replica.hall
    of_rooms = {key: room.charter for key, room in hall.rooms.items()}
    return facts(hall.owners, hall.markers, hall.conduct, hall.gate, of_rooms)


def _merged(
    first: Iterator[LoggedEvent], others: Sequence[Sequence[LoggedEvent]]
) -> Iterator[LoggedEvent]:
    return heapq.merge(first, *others, key=lambda event: (event.time, event.room, event.seq))
