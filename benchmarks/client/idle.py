"""What it costs to be in a room in which nothing happens."""

from collections.abc import Iterator

from benchmarks.client.figures import Figure, of_runs
from benchmarks.client.hall import hall, in_room

SECONDS = 12
TARGET = 2


def measure(runs: int) -> Iterator[Figure]:
    shares = []
    for _ in range(runs):
        with hall() as port, in_room(port) as terminal:
            terminal.drain(2.0)
            before = terminal.cpu()
            terminal.drain(SECONDS)
            shares.append((terminal.cpu() - before) / SECONDS)
    yield of_runs("idle in a room, CPU a second", shares, "ms", TARGET)
