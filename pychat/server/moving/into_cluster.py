"""A whole Hall into streams that are not there yet: marked until all of it is in them, so that no
node takes a part for the whole. What was broken off is taken away by the next import.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec

from pychat.protocol import codec, events
from pychat.protocol.events import LoggedEvent
from pychat.server import limits
from pychat.server.access import Gate
from pychat.server.backplane.direct import DirectLogKept, DirectLogs
from pychat.server.backplane.interface import RoomRecord
from pychat.server.backplane.jetstream import half_made, proposals, streams
from pychat.server.backplane.jetstream.hall_log import HallLog, HallLogError
from pychat.server.backplane.jetstream.ledger import MIN_PAYLOAD
from pychat.server.backplane.jetstream.link import Link, LinkError, Message, NobodyAnswersError
from pychat.server.backplane.jetstream.loader import Loader
from pychat.server.backplane.jetstream.proposals import Kept, Layout
from pychat.server.backplane.jetstream.publisher import Publisher, UnpublishedError
from pychat.server.backplane.jetstream.streams import StreamInfo
from pychat.server.charter import Charter, Conduct, charters
from pychat.server.cluster import reading, snapshot
from pychat.server.cluster.entries import VersionError
from pychat.server.cluster.replica import Replica
from pychat.server.cluster.snapshot import SnapshotError
from pychat.server.hall import HallConfig
from pychat.server.moving.whole import (
    MoveError,
    Spent,
    WholeHall,
    checked,
    floor_of,
    spent_of,
)
from pychat.server.server import SYSTEM_CLOCK

SPENT_AT_ONCE = 500
"""Nonces in one message: some 100 KiB."""


class Put(msgspec.Struct):
    events: int
    left_out: int
    """Older messages of rooms of two, of which a cluster keeps only so many."""


async def put(link: Link, name: str, hall: WholeHall) -> Put:
    """`name` is what the streams are to begin with. Raises MoveError, LedgerError, LinkError."""
    if link.max_payload < MIN_PAYLOAD:
        raise MoveError(
            f"NATS takes messages of {link.max_payload} bytes; set max_payload to {MIN_PAYLOAD} or "
            "more"
        )
    layout = Layout(name, 1)
    first = layout.stream(0)
    async with _alone(link, name):
        await _clear(link, name)
        metadata = {"pychat-epoch": hall.epoch, "pychat-shards": str(layout.shards)}
        await half_made.begin(link, layout.spec(0, metadata), secrets.token_hex(8))
        pairs = await _load(Loader(link, first), layout, hall)
        replica = _replica(hall, pairs.logs())
        try:
            await _keep(link, name, snapshot.dump(replica))
        except (HallLogError, UnpublishedError) as fault:
            raise MoveError(f"the Hall's snapshot was not kept: {fault}") from fault
        await half_made.finish(link, first)
    return Put(pairs.events, pairs.left_out)


# -- an empty place -------------------------------------------------------------------------------


@asynccontextmanager
async def _alone(link: Link, name: str) -> AsyncIterator[None]:
    """One import at a time: each answers those that ask while it lasts. Raises MoveError,
    LinkError."""
    subject = f"{name}.importing"
    try:
        await link.request(subject)
    except NobodyAnswersError:
        pass
    else:
        raise MoveError("another import into these streams is under way; let it come to its end")
    answers: set[asyncio.Task[None]] = set()

    def asked(message: Message) -> None:
        answers.add(asyncio.create_task(link.send(message.reply, headers=None)))

    subscription = await link.subscribe(subject, asked)
    try:
        yield
    finally:
        await asyncio.gather(*answers, return_exceptions=True)
        if link.connected:
            await subscription.unsubscribe()


async def _clear(link: Link, name: str) -> None:
    """Raises MoveError where there is a Hall, or something of one."""
    first = f"{name}-ROOMS-0"
    # That is the last to go, since it has the mark.
    kinds = (f"{name}-HALL", f"{name}-SNAP", first)
    found = [each for each in [await streams.find(link, kind) for kind in kinds] if each]
    if not found:
        return
    rooms = next((each for each in found if each.name == first), None)
    if rooms is None or not half_made.is_half_made(rooms):
        raise MoveError(await _why_not(link, name, rooms, len(found) == len(kinds)))
    for kind in kinds:
        await half_made.remove(link, kind)


async def _why_not(link: Link, name: str, rooms: StreamInfo | None, whole: bool) -> str:
    serving = ""
    if rooms is not None and whole:
        try:
            found = await reading.read(link, name, rooms.metadata.get("pychat-epoch", ""))
            serving = found.serving()
        except (LinkError, HallLogError, SnapshotError, VersionError):
            pass  # it is none of ours to read, and stays where it is all the same
    return (
        f"there is a Hall already whose streams begin with {name}"
        + (f", and {serving}" if serving else "")
        + "; a Hall is imported into none: choose another beginning with --streams, or delete the "
        "streams, with all that was said in them (`nats stream rm`)"
    )


# -- what was said --------------------------------------------------------------------------------


class _Pairs:
    """What is said in rooms of two, of each the newest as far as a cluster keeps it."""

    def __init__(self) -> None:
        self.events = 0
        self.left_out = 0
        self._rooms: dict[str, DirectLogKept] = {}
        self._kept: dict[str, deque[LoggedEvent]] = {}
        self._messages: dict[str, int] = {}
        self._last_time = self._last_seq = 0

    def add(self, event: LoggedEvent) -> None:
        name = event.room
        if name not in self._rooms:
            # Where nothing was before the first and it has a number, the room began with that one.
            origin = 0 if event.prev else event.seq - 1
            self._rooms[name] = DirectLogKept(
                name=name, origin=origin, floor=event.prev, last_time=0, sealed="", events=[]
            )
            self._kept[name], self._messages[name] = deque(), 0
        self._kept[name].append(event)
        self._messages[name] += isinstance(event, events.Message)
        self._rooms[name].last_time = event.time
        self._last_time = max(self._last_time, event.time)
        self._last_seq = max(self._last_seq, event.seq)
        self._bound(name)

    def _bound(self, name: str) -> None:
        kept = self._kept[name]
        while self._messages[name] > limits.DIRECT_MESSAGES or len(kept) > limits.DIRECT_ENTRIES:
            gone = kept.popleft()
            self._rooms[name].floor = gone.seq
            was_message = isinstance(gone, events.Message)
            self._messages[name] -= was_message
            self.left_out += was_message

    def logs(self) -> DirectLogs:
        for name, room in self._rooms.items():
            room.events = [msgspec.Raw(codec.encode(event)) for event in self._kept[name]]
        return DirectLogs(
            rooms=[self._rooms[name] for name in sorted(self._rooms)],
            last_time=self._last_time,
            last_seq=self._last_seq,
        )


async def _load(loader: Loader, layout: Layout, hall: WholeHall) -> _Pairs:
    async def put(event: LoggedEvent, kept: Kept, spent: Sequence[Spent] = ()) -> None:
        body = proposals.encode(event, (), kept, spent)
        await loader.put(layout.place(event.room).subject, body)

    nonces = spent_of(hall)
    for room in hall.rooms:
        spent = nonces.get(room.room, ())
        if room.room.startswith("@") or not (room.floor or room.topic):
            continue
        for start in range(0, len(spent) or 1, SPENT_AT_ONCE):
            part = spent[start : start + SPENT_AT_ONCE]
            await put(floor_of(room, spent), "floor", part)
    pairs = _Pairs()
    for event in checked(hall):
        pairs.events += 1
        if event.room.startswith("@"):
            pairs.add(event)
        else:
            await put(event, "event")
    await loader.flush()
    return pairs


# -- who is known ---------------------------------------------------------------------------------


class _Records:
    def __init__(self, hall: WholeHall) -> None:
        self._rooms = {
            room.room: RoomRecord(room.room, room.head, room.topic) for room in hall.rooms
        }

    def record(self, room: str) -> RoomRecord:
        return self._rooms[room]

    def follows(self, room: str) -> bool:
        return False


def _replica(whole: WholeHall, logs: DirectLogs) -> Replica:
    """The Hall as a node would have it in which nobody is."""
    records = _Records(whole)
    config = HallConfig(server="", manual="")
    replica = Replica(config, whole.epoch, "", SYSTEM_CLOCK, lambda peer: False, records)
    hall = replica.hall
    hall.own(whole.facts)
    hall.conduct = Conduct(whole.facts)
    gate = Gate(whole.facts, lambda: "")
    hall.gate.level, hall.gate.invites = gate.level, gate.invites
    kept = charters(whole.facts)
    for begun in whole.rooms:
        if begun.room.startswith("@"):
            hall.directs.found(records.record(begun.room))
        else:
            room = hall.open_room(begun.room)
            room.charter = kept.get(room.key) or Charter()
    replica.direct.restore(logs)
    return replica


async def _keep(link: Link, name: str, data: bytes) -> None:
    """As the snapshot with which the Hall's log begins."""
    log = HallLog(link, name, lambda *_: None, lambda why: None)
    await log.open()
    publisher = Publisher(link, secrets.token_hex(8))
    publisher.open()
    try:
        await log.keep(publisher, 0, data)
    finally:
        await publisher.close()
