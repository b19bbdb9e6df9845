"""10,000 messages that arrive at once in the room that is open, until the last is painted.

The Hall has taken and sent them all before; a relay holds them back and passes them on as fast as
the client reads. What is counted is the client's CPU from then until it has nothing left to paint:
framing, decoding, mirror, log and all frames in between.
"""

import threading
from collections.abc import Iterator

from benchmarks.client.crowd import Crowd
from benchmarks.client.figures import Figure, of_runs
from benchmarks.client.hall import ROOM, hall, in_room
from benchmarks.client.relay import relay

COUNT = 10_000
TARGET = 50


def measure(runs: int) -> Iterator[Figure]:
    spent = []
    for run in range(runs):
        with hall() as port, relay(port) as between, in_room(between.port) as terminal:
            last = f"last-{run}-of-all"
            people = Crowd(port, ROOM, COUNT, last=last)
            terminal.rest(1.0)
            between.hold(until=last)
            people.talk()
            between.wait()
            before = terminal.cpu()
            letting_go = threading.Thread(target=between.release)
            letting_go.start()
            terminal.wait_for(last)
            terminal.rest()
            spent.append(terminal.cpu() - before)
            letting_go.join()
            people.leave()
    yield of_runs(f"burst of {COUNT:,} to painted, CPU", spent, "ms", TARGET)
