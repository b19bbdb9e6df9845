"""Whatever bytes come, they are refused with a sentence: a million damaged frames."""

import gc
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz import wire
from tests.support.procfs import MIB, resident

Measured = Callable[[str], None]


@pytest.mark.parametrize(
    "count", [8_000, pytest.param(1_000_000, marks=[pytest.mark.faults, pytest.mark.timeout(900)])]
)
def test_damaged_frames_raise_nothing_but_refusals_and_leave_nothing_behind(
    measured: Measured, count: int
) -> None:
    rng = random.Random(count)
    corpus = wire.corpus()
    # What is made once is made before the counting: decoders, tables of look-alikes.
    for _ in range(5_000):
        wire.run_one(wire.mutated(rng.choice(corpus), rng))
    gc.collect()
    before = most = resident(os.getpid())

    outcomes = {"refused": 0, "obeyed": 0, "ended": 0}
    for number in range(count):
        for outcome in wire.run_one(wire.mutated(rng.choice(corpus), rng)):
            outcomes[outcome] += 1
        if number % 100 == 0:
            most = max(most, resident(os.getpid()))

    grown = (most - before) / MIB
    measured(f"{count} damaged streams: {outcomes}, {grown:.1f} MiB more at the peak")
    assert all(outcomes.values())
    assert grown < 5


@pytest.mark.parametrize("path", sorted(wire.CORPUS.iterdir()), ids=lambda path: path.name)
def test_each_stream_of_the_corpus_is_survived(path: Path) -> None:
    wire.run_one(path.read_bytes())
