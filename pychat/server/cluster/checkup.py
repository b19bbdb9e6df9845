"""What `pychat doctor --cluster` looks at: the engine, the Hall's streams, its log and its nodes.
Changes nothing.

A Hall's log is carried out as a node that starts would do it: that tells which nodes there are.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence

import msgspec

from pychat.server.backplane.checkup import Finding
from pychat.server.backplane.interface import RoomRecord
from pychat.server.backplane.jetstream import stored
from pychat.server.backplane.jetstream.hall_log import HallLog, HallLogError
from pychat.server.backplane.jetstream.link import (
    Link,
    LinkError,
    Message,
    NobodyAnswersError,
    shown,
)
from pychat.server.backplane.jetstream.streams import StreamInfo
from pychat.server.cluster import durability, entries, lag, snapshot
from pychat.server.cluster.entries import VersionError
from pychat.server.cluster.lag import NodeLag
from pychat.server.cluster.node_server import LEASE
from pychat.server.cluster.replica import Replica
from pychat.server.cluster.snapshot import SnapshotError
from pychat.server.cluster.spans import span
from pychat.server.lifecycle import hall_config
from pychat.server.server import SYSTEM_CLOCK

ANSWER_SECONDS = 2.0
"""For all nodes to tell how far they are."""

READING_SECONDS = 60.0
"""For the whole log, which a node that starts reads in a second or two."""

LATE_SECONDS = 10.0
"""For which a node that is well has always seen the whole log: an election takes up to nine."""

_MAJORITY = "see that most of NATS's servers are there, and reach each other"


async def check(servers: Sequence[str], hall: str, monitors: Sequence[str] = ()) -> list[Finding]:
    """Further checks are left out where one needs another. `hall` is what streams begin with;
    `monitors` are the servers' addresses for monitoring."""
    links = [Link([server], "pychat doctor") for server in servers]
    reached = await asyncio.gather(*map(_reach, links))
    opened = [link for link, fault in zip(links, reached, strict=True) if fault is None]
    findings = list(_on_servers(servers, reached))
    try:
        if opened:
            findings += await _in_engine(opened[0], hall, monitors)
    finally:
        for link in opened:
            await link.close()
    return findings


def _on_servers(servers: Sequence[str], reached: Sequence[str | None]) -> Iterator[Finding]:
    alone = all(fault is not None for fault in reached)
    for server, fault in zip(servers, reached, strict=True):
        if fault is None:
            yield Finding("ok", "nats", f"NATS answers at {shown(server)}")
        else:
            yield Finding("fault" if alone else "warning", "nats", fault)


async def _reach(link: Link) -> str | None:
    """Why not."""
    try:
        await link.open()
    except LinkError as fault:
        return str(fault)
    return None


async def _in_engine(link: Link, hall: str, monitors: Sequence[str]) -> list[Finding]:
    findings: list[Finding] = []
    try:
        found = await durability.find(link, hall)
        findings += _on_streams(hall, found)
        there = [info for info in found.values() if info is not None]
        findings += await durability.look(monitors, there)
        rooms = found[f"{hall}-ROOMS-0"]
        if rooms is not None and all(found.values()):
            epoch = rooms.metadata.get("pychat-epoch", "")
            findings += await _in_hall(link, hall, epoch)
    except NobodyAnswersError as fault:
        findings.append(Finding("fault", "streams", str(fault)))
    except LinkError as fault:
        findings.append(Finding("fault", "streams", str(fault), _MAJORITY))
    except (HallLogError, SnapshotError, VersionError) as fault:
        findings.append(Finding("fault", "log", str(fault)))
    return findings


# -- streams --------------------------------------------------------------------------------------


def _on_streams(hall: str, found: dict[str, StreamInfo | None]) -> Iterator[Finding]:
    if not any(found.values()):
        text = f"there is no Hall whose streams begin with {hall} yet"
        yield Finding("warning", "streams", text, "start its first node, or correct --streams")
        return
    for name, info in found.items():
        yield _on_stream(name, info)


def _on_stream(name: str, info: StreamInfo | None) -> Finding:
    if info is None:
        advice = "restore all of the Hall's streams from one backup"
        return Finding("fault", "streams", f"the stream {name} is not there", advice)
    if info.faults:
        text = f"the stream {name} {'; it '.join(info.faults)}"
        return Finding("fault", "streams", text, "change it back: no node starts with it")
    text = f"{name}: {info.messages:,} messages, {info.copies} of {info.replicas} copies"
    if info.copies < info.replicas:
        advice = "see that all of NATS's servers are there; one that is back takes its time"
        return Finding("warning", "streams", text, advice)
    if few := durability.on_copies(info):
        return Finding("warning", "streams", text, f"it {few}; {durability.MORE}")
    return Finding("ok", "streams", text)


# -- the Hall's log -------------------------------------------------------------------------------


class _NoRooms:
    """The logs of rooms, of which nothing is asked here."""

    def record(self, room: str) -> RoomRecord:
        return RoomRecord(room, 0, "")

    def follows(self, room: str) -> bool:
        return False


async def _in_hall(link: Link, hall: str, epoch: str) -> list[Finding]:
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
    kept = await stored.last(link, f"{hall}-SNAP", [f"{hall}.snap"])
    age = time.time() - kept[0].time / 1000 if kept else None
    return [_on_snapshot(age, log.info.last - at), *await _on_nodes(link, hall, replica)]


def _on_snapshot(age: float | None, since: int) -> Finding:
    if age is None:
        text = f"none yet, after {since:,} messages of the log"
    else:
        text = f"kept {span(age)} ago, {since:,} messages of the log before now"
    if since > 2 * snapshot.EVERY:
        text += f"; one is due every {snapshot.EVERY:,}"
        return Finding("warning", "snapshot", text, "see what the nodes report of it")
    return Finding("ok", "snapshot", text)


# -- nodes ----------------------------------------------------------------------------------------


async def _on_nodes(link: Link, hall: str, replica: Replica) -> list[Finding]:
    """Raises LinkError."""
    if not replica.nodes:
        return [
            Finding("warning", "nodes", "no node is there", "start one: pychat serve --cluster")
        ]
    told = await _asked(link, hall, set(replica.nodes))
    # What has passed since the last message of all counts by this machine's clock.
    still = max(0.0, time.time() - replica.time.latest / 1000)
    return [
        _on_node(name, still + (replica.time.passed - node.heard) / 1000, told.get(name))
        for name, node in replica.nodes.items()
    ]


async def _asked(link: Link, hall: str, nodes: set[str]) -> dict[str, NodeLag]:
    """What the nodes tell, of those that do so in time. Raises LinkError."""
    told: dict[str, NodeLag] = {}
    whole = asyncio.Event()

    def answered(message: Message) -> None:
        with contextlib.suppress(msgspec.DecodeError):
            answer = msgspec.json.decode(message.body, type=NodeLag)
            told[answer.node] = answer
            if nodes <= told.keys():
                whole.set()

    expected = link.expect(answered)
    try:
        await link.send(lag.subject(hall), reply=expected.reply, headers=None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await whole.wait()
    finally:
        expected.end()
    return told


def _on_node(name: str, silent: float, told: NodeLag | None) -> Finding:
    text = f"{name} was last heard {span(silent)} ago"
    if silent >= LEASE:
        advice = f"start it, if it does not run; others miss one after {LEASE:g} s"
        return Finding("warning", "nodes", text, advice)
    if told is None:
        text += f" and has not answered within {ANSWER_SECONDS:g} s"
        return Finding("warning", "nodes", text, "see what it reports, and how busy its machine is")
    rooms = told.rooms
    text += (
        f"; {told.behind:,} messages of the Hall's log behind; {rooms.followed:,} rooms followed, "
        f"{rooms.behind:,} of them behind; {rooms.under_way:,} proposals not settled"
    )
    late = max(told.unseen, rooms.oldest)
    if late >= LATE_SECONDS:
        text += f"; it has waited for NATS for {span(late)}"
        return Finding("warning", "nodes", text, _MAJORITY)
    return Finding("ok", "nodes", text)
