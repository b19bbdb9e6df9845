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
from pychat.server.backplane.jetstream import half_made, stored
from pychat.server.backplane.jetstream.hall_log import HallLogError
from pychat.server.backplane.jetstream.link import (
    Link,
    LinkError,
    Message,
    NobodyAnswersError,
    shown,
)
from pychat.server.backplane.jetstream.streams import StreamInfo
from pychat.server.cluster import durability, lag, reading, snapshot
from pychat.server.cluster.entries import VersionError
from pychat.server.cluster.lag import NodeLag
from pychat.server.cluster.node_server import LEASE
from pychat.server.cluster.reading import ReadHall
from pychat.server.cluster.snapshot import SnapshotError
from pychat.server.cluster.spans import span

ANSWER_SECONDS = 2.0
"""For all nodes to tell how far they are."""

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
        if rooms is not None and half_made.is_half_made(rooms):
            advice = "run `pychat import --cluster` anew: it begins from the start"
            text = "a Hall is being imported, or was and not to the end"
            findings.append(Finding("fault", "streams", text, advice))
        elif rooms is not None and all(found.values()):
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
    first = found[f"{hall}-ROOMS-0"]
    coming = first is not None and half_made.is_half_made(first)
    for name, info in found.items():
        if info is not None or not coming:
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


async def _in_hall(link: Link, hall: str, epoch: str) -> list[Finding]:
    """Raises LinkError, HallLogError, SnapshotError, VersionError."""
    found = await reading.read(link, hall, epoch)
    kept = await stored.last(link, f"{hall}-SNAP", [f"{hall}.snap"])
    age = time.time() - kept[0].time / 1000 if kept else None
    return [_on_snapshot(age, found.last - found.at), *await _on_nodes(link, hall, found)]


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


async def _on_nodes(link: Link, hall: str, found: ReadHall) -> list[Finding]:
    """Raises LinkError."""
    silent = found.silent()
    if not silent:
        return [
            Finding("warning", "nodes", "no node is there", "start one: pychat serve --cluster")
        ]
    told = await _asked(link, hall, set(silent))
    return [_on_node(name, seconds, told.get(name)) for name, seconds in silent.items()]


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
