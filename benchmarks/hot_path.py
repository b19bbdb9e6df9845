"""What a message costs the server: CPU from its frame to the last write, without any socket.

    python -m benchmarks.hot_path [--guard]

A hundred people are in a room of a real Server with a log on disk; their transports write nothing.
Ten speak, with eight messages on their way each. The cost is told in rounds of a fixed loop of
Python, which takes its turn every few milliseconds in the same process: so it means the same on a
fast machine and a slow one, and nearly the same on a busy one and a quiet one. With --guard it
fails where a message costs more than MARGIN times BASELINE, each of ATTEMPTS times.
"""

import argparse
import asyncio
import gc
import itertools
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import TextIO

import msgspec

from pychat.protocol.framing import frame
from pychat.server.backplane import disk
from pychat.server.lifecycle import hall_config, loop_factory, sqlite_backplane
from pychat.server.report import OperatorReport
from pychat.server.server import Server

MEMBERS, SPEAKERS, IN_FLIGHT = 100, 10, 8
TURN = 800
"""Messages between two turns of the reference loop: some 20 ms of each."""
TURNS = 60

BASELINE = 41.0
"""Rounds of the reference loop that a message cost when this was last looked at (2026-11-22): the
quarter of its turns in which it cost least, since whatever disturbs makes it dearer."""
MARGIN = 1.3
ATTEMPTS = 8
"""Neighbours of the machine made a message a third dearer in two runs of five; what has grown
dearer is so in each."""


class _NoSocket:
    def setsockopt(self, *_: int) -> None: ...


class Sink(asyncio.Transport):
    """Takes everything, and tells of the acknowledgements in it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "socket": _NoSocket()})
        self.acknowledged = 0
        self.counts = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.counts:
            self.acknowledged += bytes(data).count(b'"type":"sent"')

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Crowd:
    """People on sinks, in one room."""

    def __init__(self, server: Server) -> None:
        self._numbers = iter(range(1 << 40))
        self.people = [self._enter(server, f"person{number}") for number in range(MEMBERS)]

    def _enter(self, server: Server, name: str) -> tuple[object, Sink]:
        connection, sink = server.new_connection(), Sink()
        connection.connection_made(sink)
        for command in (
            {"type": "hello", "id": 1, "protocol": [1], "client": "benchmark", "name": name},
            {"type": "join", "id": 2, "room": "bench"},
        ):
            connection.data_received(frame(msgspec.json.encode(command)))
        return connection, sink

    def frames(self, count: int) -> list[bytes]:
        """Messages of a hundred letters, under nonces that come in no order."""
        return [frame(msgspec.json.encode(self._message())) for _ in range(count)]

    def _message(self) -> dict[str, object]:
        number = next(self._numbers)
        nonce = f"{number * 2_654_435_761 % 2**32:08x}{number:08x}"
        text = "lorem ipsum dolor sit amet " * 4
        return {"type": "send", "id": 3, "room": "bench", "text": text[:100], "nonce": nonce}

    async def speak(self, frames: list[bytes]) -> None:
        """Say all of it, IN_FLIGHT of each speaker at a time."""
        left: Iterator[bytes] = iter(frames)
        speakers = self.people[:SPEAKERS]
        for _, sink in speakers:
            sink.counts, sink.acknowledged = True, IN_FLIGHT
        acknowledged = -SPEAKERS * IN_FLIGHT
        while acknowledged < len(frames):
            for connection, sink in speakers:
                free, sink.acknowledged = sink.acknowledged, 0
                acknowledged += free
                said = b"".join(itertools.islice(left, free))
                if said:
                    connection.data_received(said)
            await asyncio.sleep(0)


class _Record(msgspec.Struct):
    number: int
    text: str


def reference(rounds: int) -> int:
    """Calls, attributes, dicts, lists and a little JSON: what Python does all day."""
    known: dict[str, _Record] = {}
    encode, total = msgspec.json.encode, 0
    for number in range(rounds):
        key = f"key{number % 97}"
        record = known.get(key)
        if record is None:
            record = known[key] = _Record(number, key * 8)
        record.number += number
        parts = [record.number, number]
        parts.append(len(key))
        total += len(encode(record)) + sum(parts) % 7
    return total


async def measure(nowhere: TextIO) -> list[float]:
    """What a message cost in each turn, in rounds of the reference loop."""
    disk.QUICK = disk.SLOW = float("inf")  # commits are made on the loop, whatever the disk does
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        backplane = sqlite_backplane(Path(folder))
        server = Server(hall_config("bench"), backplane, OperatorReport(nowhere))
        await server.start()
        crowd = Crowd(server)
        await asyncio.sleep(1.5)  # until presence is told
        gc.collect()
        gc.freeze()
        rounds = 20_000
        for _ in range(TURNS):
            frames = crowd.frames(TURN)
            start = process_time()
            reference(rounds)
            middle = process_time()
            await crowd.speak(frames)
            end = process_time()
            costs.append((end - middle) / TURN / ((middle - start) / rounds))
    return costs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--guard", action="store_true", help="fail where it has grown too dear")
    guard = parser.parse_args().guard
    for _ in range(ATTEMPTS if guard else 1):
        with (
            Path(os.devnull).open("w") as nowhere,
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            cost = statistics.quantiles(runner.run(measure(nowhere)), n=4)[0]
        print(
            f"a message to {MEMBERS} people costs {cost:.1f} rounds of the reference loop, "
            f"{cost / BASELINE:.2f} times what it did ({BASELINE})"
        )
        if cost <= MARGIN * BASELINE:
            return 0
    return int(guard)


if __name__ == "__main__":
    sys.exit(main())
