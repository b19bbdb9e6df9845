"""What the Hall's log costs a node that nobody is connected to: each entry, a snapshot, a person.

In this process, without sockets and engine: entries are decoded and carried out as they come from
the log, one to a message and many to one, in a Hall of a growing number of people.
"""

import gc
import os
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from time import process_time

from pychat.protocol import commands
from pychat.server import limits
from pychat.server.access import Access
from pychat.server.backplane.interface import RoomRecord
from pychat.server.cluster import entries, snapshot
from pychat.server.cluster.entries import AnyEntry, Batch, Beat, Came, Given, Lost, RoomNews, Rules
from pychat.server.cluster.housekeeping import NEWS
from pychat.server.cluster.replica import Replica
from pychat.server.lifecycle import hall_config
from pychat.server.server import SYSTEM_CLOCK

SIZES = (5_000, 20_000, 50_000)
"""People in the Hall."""
EVENTS = 2_000
"""Of each kind, between two looks at the clock."""
TOGETHER = 32
"""Entries to a message, where a node is busy enough to gather them."""
ROOM_PEOPLE = 50
ROOMS_OF_ONE = 10
"""That a person who settles is in."""
LINGER = 10.0
"""Seconds; as much as the log's time moves on between two entries."""

Figures = dict[str, float]


class _NoRooms:
    """The logs of rooms, of which nothing comes here."""

    def record(self, room: str) -> RoomRecord:
        return RoomRecord(room, 0, "")

    def follows(self, room: str) -> bool:
        return False


def fresh() -> Replica:
    return Replica(hall_config("bench"), "epoch", "me", SYSTEM_CLOCK, lambda _: False, _NoRooms())


class Log:
    """What another node puts there, and what it costs to carry that out."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.milliseconds = 1_000_000
        self.batches = 0
        bounds: dict[str, int | float] = {"USERS": 1_000_000, "ROOMS": 1_000_000}
        rules = Rules(linger=LINGER, access=Access(), operators=[], bounds=bounds)
        self.carry_out([Came(rules=rules)], 1)

    def carry_out(self, what: Iterable[AnyEntry], together: int) -> tuple[float, float]:
        """Seconds of CPU, and bytes, of one entry."""
        whole = list(what)
        bodies = [self._encoded(whole[at : at + together]) for at in range(0, len(whole), together)]
        began = process_time()
        for body in bodies:
            self.milliseconds += 1
            for _ in self.replica.decide(self.milliseconds, entries.decode(body)):
                pass
        return (process_time() - began) / len(whole), sum(map(len, bodies)) / len(whole)

    def _encoded(self, some: Sequence[AnyEntry]) -> bytes:
        self.batches += 1
        return entries.encode(Batch(node="other", number=self.batches, entries=list(some)))


def hellos(numbers: range) -> Iterator[AnyEntry]:
    """Tokens are as long as those that are made for people."""
    for number in numbers:
        hello = commands.Hello(id=1, protocol=[1], client="bench/1", name=f"person{number}")
        yield Given(peer=number, command=hello, token=f"{number:032}", place="192.0.2.1")


def joins(numbers: Iterable[int], room: int) -> Iterator[AnyEntry]:
    for number in numbers:
        yield Given(peer=number, command=commands.Join(id=2, room=f"room-{room}"))


def settle(log: Log, numbers: range) -> None:
    """Each joins ROOMS_OF_ONE rooms of ROOM_PEOPLE; names and rooms do not go together."""
    dice = random.Random(numbers.start)
    rooms = len(numbers) // ROOM_PEOPLE
    for turn in range(ROOMS_OF_ONE):
        mixed = dice.sample(numbers, len(numbers))
        for at in range(rooms):
            some = mixed[at * ROOM_PEOPLE : (at + 1) * ROOM_PEOPLE]
            first = numbers.start * ROOMS_OF_ONE // ROOM_PEOPLE + turn * rooms
            log.carry_out(joins(some, first + at), TOGETHER)


def memory() -> int:
    """Bytes that this process has of the machine's."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def measure() -> dict[str, Figures]:
    """By how many people there are."""
    # In a process of its own, which has no memory left over from what was before.
    with get_context("spawn").Pool(1) as pool:
        found = {"memory": pool.apply(_of_memory)}
    log = Log(fresh())
    people = 0
    for size in SIZES:
        new = range(people, size)
        log.carry_out(hellos(new), TOGETHER)
        settle(log, new)
        people = size
        assert len(log.replica.hall.register.sessions) == size
        gc.collect()
        figures = _of_snapshots(log.replica, size)
        gc.freeze()
        found[f"{size:,} people"] = figures | _of_entries(log, size)
        gc.unfreeze()
    return found


def _of_memory() -> Figures:
    """What people are to a node that they are not connected to."""
    log, people = Log(fresh()), range(SIZES[1])
    gc.collect()
    before = memory()
    log.carry_out(hellos(people), TOGETHER)
    bare = memory()
    settle(log, people)
    settled = memory()
    per = 1024 * len(people)
    return {
        "of a person, KiB": (bare - before) / per,
        f"of one in {ROOMS_OF_ONE} rooms of {ROOM_PEOPLE}, KiB": (settled - before) / per,
    }


def _of_entries(log: Log, size: int) -> Figures:
    """What is measured is undone, so that the Hall is as large afterwards."""
    figures: Figures = {}
    # Fewer than can stay in a room together.
    new = range(1_000_000, 1_000_000 + EVENTS)
    for together in (1, TOGETHER):
        said = f", {together} together" if together > 1 else ""
        for kind, what in kinds(new):
            seconds, size_ = log.carry_out(what, together)
            figures[f"{kind}{said}, µs"] = 1e6 * seconds
            figures[f"{kind}{said}, bytes"] = size_
        # Who is lost lingers, and is gone with one of the entries after that.
        log.milliseconds += int(2_000 * LINGER)
        seconds, _ = log.carry_out([Beat()] * (EVENTS // limits.LET_GO_PER_TURN + 1), 1)
        figures[f"gone{said}, µs"] = 1e6 * seconds / limits.LET_GO_PER_TURN
        assert len(log.replica.hall.register.sessions) == size
    news = [RoomNews(f"room-{number}", size, "") for number in range(NEWS)]
    seconds, size_ = log.carry_out([Beat(rooms=news)] * 20, 1)
    figures["news of a room, µs"] = 1e6 * seconds / NEWS
    figures["news of a room, bytes"] = size_ / NEWS
    seconds, size_ = log.carry_out([Beat()] * EVENTS, 1)
    figures["beat, µs"], figures["beat, bytes"] = 1e6 * seconds, size_
    return figures


def kinds(new: range) -> Iterator[tuple[str, list[AnyEntry]]]:
    """What people do, each of them once; in pairs where it takes two."""
    yield "hello", list(hellos(new))
    rooms = [_room_of(new, at) for at in range(0, EVENTS, ROOM_PEOPLE)]
    yield "join", [each for room in rooms for each in room]
    read = [commands.Read(id=3, room=f"room-{_room(new, number)}", seq=1) for number in new]
    # The first to say how far the room is is the first to have read so far.
    yield "read", [Given(peer=p, command=c, head=1) for p, c in zip(new, read, strict=True)]
    yield "away", [Given(peer=p, command=commands.Away(id=4, away=True)) for p in new]
    pairs = {number: f"@person{number + 1 if number % 2 == 0 else number - 1}" for number in new}
    begun = [commands.Join(id=5, room=room) for room in pairs.values()]
    yield "join of two", [Given(peer=p, command=c) for p, c in zip(new, begun, strict=True)]
    text = ("lorem ipsum dolor " * 6)[:100]
    said = [
        commands.Send(id=6, room=room, text=text, nonce=f"{number:016}")
        for number, room in pairs.items()
    ]
    yield "send of two", [Given(peer=p, command=c) for p, c in zip(new, said, strict=True)]
    yield "lost", [Lost(peer=number) for number in new]


def _room(numbers: range, number: int) -> int:
    """In which somebody is."""
    return 900_000 + (number - numbers.start) // ROOM_PEOPLE * ROOM_PEOPLE


def _room_of(numbers: range, at: int) -> Iterator[AnyEntry]:
    return joins(numbers[at : at + ROOM_PEOPLE], _room(numbers, numbers[at]))


def _of_snapshots(replica: Replica, size: int) -> Figures:
    began = process_time()
    data = snapshot.dump(replica)
    dumped = process_time()
    other = fresh()
    loading = process_time()
    snapshot.load(other, data)
    return {
        "snapshot, bytes/person": len(data) / size,
        "snapshot made, µs/person": 1e6 * (dumped - began) / size,
        "snapshot loaded, µs/person": 1e6 * (process_time() - loading) / size,
    }


if __name__ == "__main__":
    for title, figures in measure().items():
        sys.stdout.write(f"{title}\n")
        for name, value in figures.items():
            sys.stdout.write(f"  {name:32} {value:,.1f}\n")
