"""A plan on paper: what a Hall of so many people would take, computed from measured units.

    python -m benchmarks.cluster_units.plan FILE

FILE is what `python -m benchmarks.cluster_units` has written. What people do is assumed, and stands
in `People`; all else is measured, or follows.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pychat.server.cluster.housekeeping import BEAT, NEWS
from pychat.server.cluster.snapshot import EVERY

SIZES = (10_000, 100_000, 1_000_000)

Unit = Callable[[str, str], float]
"""The median of a figure, by its row and its name."""


@dataclass(frozen=True)
class People:
    """What each is assumed to do."""

    to_a_node: int = 5_000
    rooms: int = 10
    """That each is in."""
    room: int = 50
    """Who are in each, at any node."""
    says: float = 0.008
    """Messages a second in rooms; and to one other alone:"""
    says_to_one: float = 0.002
    comes: float = 2 / 3_600
    """Times a second, and goes as often."""
    away: float = 4 / 3_600
    looks: float = 0.25
    """Of them at a room at any time; what comes there is told to be read, three seconds later."""


HERE = People()


def units(file: Path) -> Unit:
    found = json.loads(file.read_text())["found"]

    def unit(row: str, name: str) -> float:
        part, _, title = row.partition(": ")
        return median(found[part][title][name])

    return unit


def plan(people: int, unit: Unit) -> Iterator[tuple[str, float, str]]:
    """What, how much, and its unit."""
    nodes = people / HERE.to_a_node
    said = people * HERE.says
    here = nodes * (1 - (1 - 1 / nodes) ** HERE.room)
    events = said * here / nodes
    yield "nodes", nodes, ""
    yield "messages in rooms", said, "/s"
    yield "nodes with members of a room", here, ""
    yield "  so to each node", events, "/s"
    rate = "200/s" if events < 600 else "1,000/s"
    follows = unit(f"three: {rate}: 20 at one, 1 at two", "two, µs")
    yield "  CPU of a core there", events * follows / 1e4, "%"
    proposed = said / nodes
    slow = unit("three: 200/s: 20 at one", "one, µs") if proposed < 600 else follows
    yield "  CPU of a core to propose what is said there", proposed * slow / 1e4, "%"
    crossing = said * here * unit("three: 1,000/s: 20 at one, 1 at two", "to two, bytes")
    yield "  from NATS to the nodes", crossing / 1e6, "MB/s"
    yield from _of_the_log(people, nodes, unit)


def _of_the_log(people: int, nodes: float, unit: Unit) -> Iterator[tuple[str, float, str]]:
    row = "plane: 50,000 people"
    in_a_room = HERE.says / HERE.rooms * HERE.room
    read = HERE.looks * min(in_a_room, 1 / 3)
    kinds = {
        "hello": HERE.comes,
        "join": HERE.comes * HERE.rooms,
        "lost": HERE.comes,
        "read": read,
        "away": HERE.away,
        "send of two": HERE.says_to_one,
    }
    entries = people * sum(kinds.values())
    cpu = people * sum(rate * unit(row, f"{kind}, µs") for kind, rate in kinds.items())
    cpu += people * HERE.comes * unit(row, "gone, µs")
    size = people * sum(rate * unit(row, f"{kind}, bytes") for kind, rate in kinds.items())
    yield "entries of the Hall's log", entries, "/s"
    yield "  of them `read`", people * read, "/s"
    yield "  CPU of a core at each node", cpu / 1e4, "%"
    yield "  of that `read`", people * read * unit(row, "read, µs") / 1e4, "%"
    yield "  to each node", size / 1e6, "MB/s"
    yield "  from NATS to the nodes", nodes * size / 1e6, "MB/s"
    rooms = people * HERE.rooms / HERE.room
    followed = rooms * (1 - (1 - 1 / nodes) ** HERE.room)
    changed = followed * (1 - math.exp(-in_a_room * BEAT))
    news = nodes * min(changed, NEWS) / BEAT
    yield "rooms that a node follows", followed, ""
    yield "  until news of all that have changed are told", max(BEAT, changed / NEWS * BEAT), "s"
    yield "  CPU of a core for news at each node", news * unit(row, "news of a room, µs") / 1e4, "%"
    memory = unit("plane: memory", "of one in 10 rooms of 50, KiB")
    yield "memory of a node for all people", people * memory / 1024**2, "GiB"
    made = people * unit(row, "snapshot made, µs/person") / 1e6
    yield "a snapshot: size", people * unit(row, "snapshot, bytes/person") / 1e6, "MB"
    yield "  for which the node that makes it stands still", made, "s"
    yield "  every (or later, where entries go together)", EVERY / entries, "s"
    loaded = people * unit(row, "snapshot loaded, µs/person") / 1e6
    yield "  loaded by a node that starts, seconds of a core", loaded, "s"
    came = people * unit(row, "hello, 32 together, µs") / 1e6
    joined = people * HERE.rooms * unit(row, "join, 32 together, µs") / 1e6
    yield "all come anew, seconds of a core at each node", came, "s"
    yield "  and join their rooms", joined, "s"


def table(unit: Unit) -> Iterator[str]:
    columns = [list(plan(size, unit)) for size in SIZES]
    yield f"{'':50}" + "".join(f"{size:>14,}" for size in SIZES)
    for row in zip(*columns, strict=True):
        cells = [f"{_digits(value)} {of}".strip() for _, value, of in row]
        yield f"{row[0][0]:50}" + "".join(f"{cell:>14}" for cell in cells)


def _digits(value: float) -> str:
    """Two that count: more are not known."""
    if value <= 0:
        return "0"
    places = 1 - math.floor(math.log10(value))
    return f"{round(value, places):,.{max(0, places)}f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    sys.stdout.writelines(f"{line}\n" for line in table(units(parser.parse_args().file)))


if __name__ == "__main__":
    main()
