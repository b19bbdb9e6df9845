"""Reading a long log over the socket: one command after the other, from request to whole reply."""

import json
import os
import random
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from time import perf_counter
from typing import Any

from benchmarks import library, procs
from benchmarks.servers.base import Server
from benchmarks.workloads.base import Figures, Pace, Workload

_COLD = 300
_WARMUP = 50
_PAGES = 1_000
_SEARCHES = 500
_PAGE = 50
_HEADER = struct.Struct(">I")


@dataclass(frozen=True)
class Pages(Workload):
    """pychat alone: its peers keep no log, or none that clients read by place."""

    only: frozenset[str] = frozenset({"pychat"})

    columns = (
        "page p50 ms",
        "page p99 ms",
        "page CPU ms",
        "cold p50 ms",
        "cold p99 ms",
        "search p50 ms",
        "search p99 ms",
        "search max ms",
    )

    def run(self, server: Server, pace: Pace) -> Figures:
        with procs.running(server, data=library.folder()) as process, _Reader(process.port) as hall:
            dice = random.Random(7)

            def read(count: int) -> list[float]:
                places = [dice.randrange(1, library.MESSAGES + 2) for _ in range(count)]
                return [hall.page(before) for before in places]

            log = library.folder() / "data" / "hall.db"
            _forget(log)
            cold = read(_COLD)
            _recall(log)
            read(_WARMUP)
            cpu = process.cpu()
            pages = read(_PAGES)
            page_cpu = (process.cpu() - cpu) / len(pages)
            # Words of all ranks, the commonest as likely as the rarest: harder than people do.
            wanted = _queries(dice, library.words())
            searches = [hall.search(text) for text in wanted]
        slowest = max(range(len(wanted)), key=lambda at: searches[at])
        return {
            "page p50 ms": quantile(pages, 0.5),
            "page p99 ms": quantile(pages, 0.99),
            "page CPU ms": page_cpu * 1e3,
            "cold p50 ms": quantile(cold, 0.5),
            "cold p99 ms": quantile(cold, 0.99),
            "search p50 ms": quantile(searches, 0.5),
            "search p99 ms": quantile(searches, 0.99),
            "search max ms": max(searches),
            "slowest search": wanted[slowest],
            "faults": hall.faults,
        }


def _queries(dice: random.Random, vocabulary: list[str]) -> list[str]:
    """One word, two words, and the beginning of one, in turn."""
    queries = []
    for number in range(_SEARCHES):
        one, two = (vocabulary[int(len(vocabulary) ** dice.random()) - 1] for _ in range(2))
        queries.append((one, f"{one} {two}", one[:3])[number % 3])
    return queries


def _forget(file: Path) -> None:
    """Take the file out of the kernel's memory, so that what is read comes from the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def _recall(file: Path) -> None:
    with file.open("rb", buffering=0) as source:
        while source.read(1 << 20):
            pass


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


class _Reader:
    """A client that asks, and looks at the answers when the clock has stopped."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((procs.HOST, port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.faults: list[str] = []
        # A name of its own: the reader of the run before may linger in this log.
        self._ask(
            {
                "type": "hello",
                "id": 1,
                "protocol": [1],
                "client": "load",
                "name": "r" + token_hex(8),
            }
        )
        self._ask({"type": "join", "id": 2, "room": library.ROOM})

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def page(self, before: int) -> float:
        """Milliseconds."""
        command = {"type": "history", "id": 3, "room": library.ROOM, "before": before}
        took, reply = self._ask(command | {"limit": _PAGE})
        places = [message["seq"] for message in reply.get("messages", [])]
        if places != list(range(max(1, before - _PAGE), before)):
            self.faults.append(f"the page before {before} has {places[:1]} to {places[-1:]}")
        return took

    def search(self, text: str) -> float:
        """Milliseconds."""
        took, reply = self._ask({"type": "search", "id": 4, "text": text})
        said = [message["text"] for message in reply.get("messages", [])]
        if not all(word in one for one in said for word in text.split()):
            self.faults.append(f"a search for {text!r} found what does not have it")
        return took

    def _ask(self, command: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        payload = json.dumps(command).encode()
        begun = perf_counter()
        self._socket.sendall(_HEADER.pack(len(payload)) + payload)
        while True:
            raw = self._receive(*_HEADER.unpack(self._receive(4)))
            took = perf_counter() - begun
            reply = json.loads(raw)
            if reply.get("id") == command["id"]:
                if reply["type"] == "error":
                    self.faults.append(reply["text"])
                return took * 1e3, reply

    def _receive(self, count: int) -> bytes:
        raw = bytearray()
        while len(raw) < count:
            part = self._socket.recv(count - len(raw))
            if not part:
                raise procs.ServerError("it closed the connection of the reader")
            raw += part
        return bytes(raw)
