"""What a newcomer does, in a room with 10,000 messages loaded: the CPU of each key.

The keys are those of `tests/tui/test_newcomer.py`, with the shorter ways of who has read the
bottom line. A key has its answer when nothing is painted any more.
"""

from collections.abc import Iterator
from statistics import median

from benchmarks.client.crowd import Crowd
from benchmarks.client.figures import Figure
from benchmarks.client.hall import ROOM, hall, in_room
from benchmarks.client.terminal import Terminal

COUNT = 10_000
TARGET = 50
_FOUND = "number 9999"
"""Words of a message that is there once."""

_WALK: tuple[tuple[str, str], ...] = (
    ("F1 shows what can be done", "\x1bOP"),
    ("a letter narrows it", "s"),
    ("Esc goes back", "\x1b"),
    ("a letter is written", "h"),
    ("Enter says it", "\r"),
    ("Alt+Up chooses the last message", "\x1b[1;3A"),
    ("r answers it", "r"),
    ("a letter is written to it", "i"),
    ("Enter sends the answer", "\r"),
    ("Alt+Up chooses the answer", "\x1b[1;3A"),
    ("+ shows emoji", "+"),
    ("Enter reacts", "\r"),
    ("Up has the last to be changed", "\x1b[A"),
    ("a letter changes it", "!"),
    ("Enter sends the change", "\r"),
    ("Ctrl+F searches", "\x06"),
    ("a word is found", _FOUND),
    ("Enter goes to it", "\r"),
    ("Ctrl+End goes to the end", "\x1b[1;5F"),
    ("Ctrl+K shows the rooms", "\x0b"),
    ("Esc goes back from them", "\x1b"),
)


def measure(runs: int) -> Iterator[Figure]:
    with hall() as port, in_room(port) as terminal:
        people = Crowd(port, ROOM, COUNT, last=_FOUND)
        people.talk()
        terminal.wait_for(_FOUND)
        people.leave()
        terminal.rest()
        costs = {name: [_cost(terminal, keys)] for name, keys in _WALK}
        for _ in range(runs):
            for name, keys in _WALK:
                costs[name].append(_cost(terminal, keys))
    # The first time a screen is shown, its module is loaded: that is somebody's key, too.
    first = {name: each[0] for name, each in costs.items()}
    worst = max(first, key=lambda name: first[name])
    yield Figure(f"the dearest key the first time: {worst}", first[worst], "ms", TARGET)
    again = {name: median(each[1:]) for name, each in costs.items()}
    for name, cost in again.items():
        yield Figure(name, cost, "ms", TARGET)


def _cost(terminal: Terminal, keys: str) -> float:
    before = terminal.cpu()
    terminal.write(keys.encode())
    # Longer than what is typed rests before it is searched for.
    terminal.rest(0.6)
    return terminal.cpu() - before
