"""From a key to its echo on the terminal, while others write 1,000 messages a second.

Measured by the other end of the terminal. A sample is clean if, while it was taken, neither the
client nor this program had to wait for a processor for more than a millisecond.
"""

import os
import random
import time
from collections.abc import Iterator

from benchmarks.client.crowd import Crowd
from benchmarks.client.figures import Figure, quantile
from benchmarks.client.hall import ROOM, hall, in_room
from benchmarks.client.terminal import Terminal, waited

RATE = 1_000
KEYS = 150
TARGET = 16
_SECONDS = 60
"""More than it takes."""
_CLEAN_MS = 1.0
# Letters that nothing else on the screen has, each used once.
_LETTERS = [
    chr(code)
    for begin, end in ((0x410, 0x450), (0x391, 0x3CA), (0x531, 0x557))
    for code in range(begin, end)
    if code != 0x3A2
][:KEYS]


def measure(runs: int) -> Iterator[Figure]:
    everything: list[float] = []
    clean: list[float] = []
    shares: list[float] = []
    for _ in range(runs):
        with hall() as port, in_room(port) as terminal:
            people = Crowd(port, ROOM, RATE * _SECONDS, rate=RATE, last="last-of-all")
            people.talk()
            terminal.drain(1.5)
            began, before = time.monotonic(), terminal.cpu()
            for letter in _LETTERS:
                terminal.drain(random.uniform(0.03, 0.07))
                took, undisturbed = _echo(terminal, letter)
                everything.append(took)
                if undisturbed:
                    clean.append(took)
            shares.append((terminal.cpu() - before) / (time.monotonic() - began) / 10)
            people.fall_silent()
    name = f"key to echo at {RATE:,} messages/s"
    yield Figure(f"{name}, p50", quantile(everything, 0.5), "ms")
    yield Figure(f"{name}, p99", quantile(everything, 0.99), "ms", TARGET)
    yield Figure(
        f"{name}, p99 of {len(clean)} clean of {len(everything)}", quantile(clean, 0.99), "ms"
    )
    yield Figure(f"CPU at {RATE:,} messages/s", sum(shares) / len(shares), "%")


def _echo(terminal: Terminal, letter: str) -> tuple[float, bool]:
    """Milliseconds, and whether nobody had to wait for a processor."""
    before = terminal.waited() + waited(os.getpid())
    began = time.perf_counter()
    terminal.write(letter.encode())
    terminal.wait_for(letter, 5.0)
    took = (time.perf_counter() - began) * 1_000
    return took, terminal.waited() + waited(os.getpid()) - before < _CLEAN_MS
