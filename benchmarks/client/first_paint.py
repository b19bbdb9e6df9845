"""From the start of the process to the Hall's screen, painted whole.

Beside it a program of Textual with nothing but a line of text, from the same minutes: a machine
that is slow today is slow for both.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.client.bare import HELLO
from benchmarks.client.figures import Figure, of_runs
from benchmarks.client.hall import BOARD, hall, program
from benchmarks.client.terminal import Terminal

TARGET = 220
_CTRL_Q = b"\x11"


def measure(runs: int) -> Iterator[Figure]:
    bare, painted = [], []
    with hall() as port:
        for run in range(2 * runs + 1):
            floor, whole = _bare(), _painted(port)
            if run:  # the first only warms the caches of the disk
                bare.append(floor)
                painted.append(whole)
    yield of_runs("a bare program of Textual to its paint, CPU", bare, "ms")
    yield of_runs("start to the Hall painted, CPU", painted, "ms", TARGET)
    yield Figure("the one, of the other", median(painted) / median(bare), "x")


def _painted(port: int) -> float:
    with program(port) as terminal:
        terminal.wait_for(BOARD)
        return terminal.cpu()


def _bare() -> float:
    with Terminal([sys.executable, "-m", "benchmarks.client.bare"], {}, Path()) as terminal:
        terminal.wait_for(HELLO)
        cost = terminal.cpu()
        terminal.write(_CTRL_Q)
        return cost
