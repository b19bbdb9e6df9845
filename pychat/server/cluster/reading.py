"""A Hall's log as a node that starts reads it, by somebody who is no node. Changes nothing."""

import asyncio
import time

import msgspec

from pychat.server.backplane.interface import RoomRecord
from pychat.server.backplane.jetstream.hall_log import HallLog
from pychat.server.backplane.jetstream.link import Link, LinkError
from pychat.server.cluster import entries, snapshot
from pychat.server.cluster.entries import VersionError
from pychat.server.cluster.node_server import LEASE
from pychat.server.cluster.replica import Replica
from pychat.server.cluster.spans import span
from pychat.server.lifecycle import hall_config
from pychat.server.server import SYSTEM_CLOCK

READING_SECONDS = 60.0
"""For the whole log, which a node that starts reads in a second or two."""


class ReadHall(msgspec.Struct):
    replica: Replica
    at: int
    """Up to here the snapshot goes that was begun with; 0 without one."""
    last: int
    """The log's last message."""

    def silent(self) -> dict[str, float]:
        """The nodes that are there, and for how many seconds each has said nothing."""
        # What has passed since the last message of all counts by this machine's clock.
        still = max(0.0, time.time() - self.replica.time.latest / 1000)
        passed = self.replica.time.passed
        return {
            name: still + (passed - node.heard) / 1000 for name, node in self.replica.nodes.items()
        }

    def serving(self) -> str:
        """A node that may be open, and since when it was heard; empty where there is none."""
        for name, seconds in self.silent().items():
            if seconds < LEASE:
                return f"the node {name} was heard {span(seconds)} ago"
        return ""


class _NoRooms:
    """The logs of rooms, of which nothing is asked here."""

    def record(self, room: str) -> RoomRecord:
        return RoomRecord(room, 0, "")

    def follows(self, room: str) -> bool:
        return False


async def read(link: Link, hall: str, epoch: str) -> ReadHall:
    """Raises LinkError, HallLogError, SnapshotError, VersionError."""
    replica = Replica(hall_config(hall), epoch, "", SYSTEM_CLOCK, lambda peer: False, _NoRooms())
    faults: list[VersionError] = []

    def decided(sequence: int, stored_at: int, body: bytes) -> None:
        try:
            batch = entries.decode(body)
        except VersionError as fault:
            faults.append(fault)
            return
        for _ in replica.decide(stored_at, batch):
            pass

    log = HallLog(link, hall, decided, lambda why: None)
    found = await log.look()
    at = 0
    if found is not None:
        at, data = found
        snapshot.load(replica, data)
    try:
        async with asyncio.timeout(READING_SECONDS):
            await log.catch_up(at)
    except TimeoutError:
        raise LinkError(f"the Hall's log was not read in {READING_SECONDS:g} s") from None
    finally:
        await log.close()
    if faults:
        raise faults[0]
    return ReadHall(replica, at, log.info.last)
