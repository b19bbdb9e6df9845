"""A room of 100,000 messages, said while one is in it: what a resize costs then, and memory.

Memory is what the process grew by over the last two thirds, for each message. That is more than the
mirror and the log hold, which `pipeline` tells: Textual keeps the look of up to 16,384 pieces of
text that were painted, and fills that meanwhile.
"""

from collections.abc import Iterator

from benchmarks.client.crowd import Crowd
from benchmarks.client.figures import Figure, of_runs
from benchmarks.client.hall import ROOM, hall, in_room
from benchmarks.client.terminal import COLUMNS, LINES, Terminal

_PARTS, _PART = 9, 11_000
COUNT = _PARTS * _PART
"""As many as the client keeps of an open room, with room for what comes besides."""
TARGET_RESIZE = 30


def measure(runs: int) -> Iterator[Figure]:
    with hall() as port, in_room(port) as terminal:
        sizes = [terminal.resident()]
        for part in range(_PARTS):
            _listen(terminal, port, _PART + part)
            sizes.append(terminal.resident())
        costs = [_resize(terminal, columns) for columns in (119, 100, 110, COLUMNS) * runs]
    third = _PARTS // 3
    held = (sizes[-1] - sizes[third]) / (COUNT - third * _PART)
    yield Figure(f"RSS for each of {COUNT:,}, with all caches", held, "B")
    yield Figure(f"RSS with {COUNT:,} messages", sizes[-1] / (1 << 20), "MiB")
    yield Figure("RSS in an empty room", sizes[0] / (1 << 20), "MiB")
    yield of_runs(f"resize with {COUNT:,} messages, CPU", costs, "ms", TARGET_RESIZE)


def _listen(terminal: Terminal, port: int, count: int) -> None:
    """Until all of so many messages have been painted."""
    last = f"last-of-{count}"
    people = Crowd(port, ROOM, count, last=last)
    people.talk()
    terminal.wait_for(last)
    people.leave()
    terminal.rest()


def _resize(terminal: Terminal, columns: int) -> float:
    before = terminal.cpu()
    terminal.resize(columns, LINES)
    terminal.rest()
    return terminal.cpu() - before
