"""What a message that arrives costs the client, part by part, without a screen.

Each part is measured on what the one before it gave: bytes to arrivals (framing and decoding),
arrivals to the mirror, changes to the log's rows. The sum is also told as a multiple of a fixed
loop in the same process, which says more on another machine, or on a busy one.
"""

import asyncio
import tracemalloc
from collections.abc import Iterator
from datetime import UTC
from statistics import median
from time import process_time

from benchmarks.client.figures import Figure
from benchmarks.client.talk import NAMES, talk
from pychat.client import Address, Changes
from pychat.client.connection import Arrival, Connection
from pychat.client.session import Session
from pychat.client.supervisor import Supervisor
from pychat.client.timing import SYSTEM_TIMING
from pychat.protocol import codec, commands, events, replies
from pychat.tui.log.days import Calendar
from pychat.tui.log.layout import Layout
from pychat.tui.log.transcript import Transcript

COUNT = 10_000
ROOM = "general"
TARGET_BYTES = 350
_CHUNK = 262_144
"""Bytes that a loop reads at a time."""
_LOOPS = 1_000_000


def measure(runs: int) -> Iterator[Figure]:
    chunks = wire(1, COUNT)
    parts = [asyncio.run(_run(chunks)) for _ in range(runs)]
    frames, mirror, log = (median(part) / COUNT * 1_000 for part in zip(*parts, strict=True))
    yield Figure("a message from bytes to arrival, CPU", frames, "µs")
    yield Figure("a message from arrival to mirror, CPU", mirror, "µs")
    yield Figure("a message from mirror to log, CPU", log, "µs")
    loop = median([reference() for _ in range(runs)])
    ratio = (frames + mirror + log) * COUNT / 1_000 / loop
    yield Figure(f"{COUNT:,} messages, of a loop of {_LOOPS:,} turns", ratio, "x")
    held, rows = asyncio.run(_memory(chunks))
    yield Figure("a message in the mirror, tracemalloc", held, "B")
    yield Figure("a message in mirror and log, tracemalloc", held + rows, "B", TARGET_BYTES)


def wire(first: int, count: int) -> list[bytes]:
    """The frames of so many messages, in the chunks in which they are read."""
    stream = b"".join(
        codec.encode_frame(
            events.Message(
                room=ROOM,
                seq=seq,
                prev=seq - 1,
                time=1_700_000_000_000 + seq * 7_000,
                sender=NAMES[seq % len(NAMES)],
                nonce=f"{seq:032x}",
                text=text,
            )
        )
        for seq, text in enumerate(talk(first, count), first)
    )
    return [stream[at : at + _CHUNK] for at in range(0, len(stream), _CHUNK)]


def reference() -> float:
    """Milliseconds of CPU for a loop that never changes."""
    start = process_time()
    total = 0
    for number in range(_LOOPS):
        total += number & 3
    return (process_time() - start) * 1_000


class _Client:
    """What is behind a Client and its log, with nobody at the other end."""

    def __init__(self) -> None:
        self.connection = Connection(Address("nowhere", 1))
        self.session = Session(self.connection, SYSTEM_TIMING)
        self.session.supervisor = Supervisor(
            self.session, password=None, client="", seconds=1, identity=None, passphrase=None
        )
        self.to_mirror = self.connection.on_arrivals
        self.arrivals: list[list[Arrival]] = []
        self.changes: list[Changes] = []
        self.connection.on_arrivals = self.arrivals.append
        self.session.audience.subscribe(self.changes.append)
        joined = replies.Joined(
            id=1,
            room=ROOM,
            topic="",
            members=[],
            count=0,
            seq=0,
            recovered=False,
            missed=0,
            more=False,
            messages=[],
        )
        self.to_mirror([Arrival(joined, commands.Join(id=1, room=ROOM), [])])
        self.session.mirror.open_room = ROOM
        self.changes.clear()
        self.transcript = Transcript(Calendar(UTC))
        self.transcript.resize(Layout.of(99, narrow=False, margin=1), 36)

    def show(self) -> None:
        for changes in self.changes:
            if ROOM in changes.reset:
                continue
            self.transcript.append(changes.appended.get(ROOM, ()))
        self.transcript.settle()


async def _run(chunks: list[bytes]) -> tuple[float, float, float]:
    """Milliseconds for each part."""
    client = _Client()
    began = process_time()
    for chunk in chunks:
        client.connection.data_received(chunk)
    framed = process_time()
    for arrivals in client.arrivals:
        client.to_mirror(arrivals)
    mirrored = process_time()
    client.show()
    shown = process_time()
    return (framed - began) * 1_000, (mirrored - framed) * 1_000, (shown - mirrored) * 1_000


async def _memory(chunks: list[bytes]) -> tuple[float, float]:
    """Bytes that a message costs in the mirror, and in the log besides."""
    client = _Client()
    client.connection.on_arrivals = client.to_mirror
    view = client.session.mirror.rooms[ROOM]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for chunk in chunks:
        client.connection.data_received(chunk)
    told = [list(changes.appended.get(ROOM, ())) for changes in client.changes]
    client.changes.clear()
    mirrored, _ = tracemalloc.get_traced_memory()
    for messages in told:
        client.transcript.append(messages)
    client.transcript.settle()
    shown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    count = len(view.messages)
    return (mirrored - before) / count, (shown - mirrored) / count
