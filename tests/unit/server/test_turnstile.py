"""Those who come are let in a few at a time, in order, and whoever comes alone at once."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.server import turnstile
from pychat.server.turnstile import PERIOD, QUIET, SLICE, Turnstile


class Loop:
    """Time that passes where a test says so, and as work takes it."""

    def __init__(self) -> None:
        self.now = self.began = 0.0
        self.due: list[Callable[[], None]] = []
        self.done: list[int] = []
        self.paused = 0.0
        self.turnstile = Turnstile(self._call_later, lambda: self.now)
        self.turnstile.others_spoke()

    def _call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.paused = seconds
        self.began = self.now
        self.due.append(callback)

    def come(self, number: int, takes: float = 0.0, later: float = 0.0) -> None:
        def work() -> float:
            self.now += takes
            self.done.append(number)
            return later

        self.turnstile.put(work)

    def turn(self, late: float = 0.0) -> None:
        """The period is over, and so much longer, in which others speak."""
        (callback,) = self.due
        self.due.clear()
        assert self.paused == PERIOD
        self.now = max(self.now, self.began + PERIOD) + late
        self.turnstile.others_spoke()
        callback()


@pytest.fixture
def loop() -> Loop:
    return Loop()


def test_who_comes_alone_does_not_wait(loop: Loop) -> None:
    loop.come(1, takes=10 * SLICE)
    assert loop.done == [1]

    loop.turn()
    assert loop.due == []
    loop.come(2, takes=10 * SLICE)

    assert loop.done == [1, 2]


@pytest.mark.parametrize("kind", ["takes", "later"])
def test_of_a_crowd_as_many_come_in_as_a_slice_has_room_for(loop: Loop, kind: str) -> None:
    for number in range(7):
        loop.come(number, **{kind: SLICE / 3 * 1.01})
    assert loop.done == [0, 1, 2]

    loop.turn()
    assert loop.done == [0, 1, 2, 3, 4, 5]
    loop.come(7)
    loop.turn()

    assert loop.done == [0, 1, 2, 3, 4, 5, 6, 7]


def test_who_comes_later_does_not_overtake_those_who_wait(loop: Loop) -> None:
    loop.come(0, takes=SLICE)
    loop.come(1, takes=SLICE)
    loop.come(2)
    assert loop.done == [0]

    loop.turn()
    loop.come(3)
    loop.turn()

    assert loop.done == [0, 1, 2, 3]


@pytest.mark.parametrize(("silence", "is_quiet"), [(-0.001, False), (0.0, True), (0.001, True)])
def test_where_nobody_talks_one_slice_follows_the_other(
    loop: Loop, silence: float, is_quiet: bool
) -> None:
    # Ten thousand who came back to a Hall in which nobody spoke took eleven seconds.
    loop.now += QUIET + silence
    for number in range(7):
        loop.come(number, takes=SLICE / 3 * 1.01)

    assert loop.done == [0, 1, 2]
    assert loop.paused == (0.0 if is_quiet else PERIOD)


def test_with_the_first_that_is_said_those_who_come_have_a_quarter_again(loop: Loop) -> None:
    loop.now += QUIET
    for number in range(3):
        loop.come(number, takes=1.01 * SLICE)
    assert loop.paused == 0.0

    loop.turnstile.others_spoke()
    (callback,) = loop.due
    loop.due.clear()
    callback()

    assert loop.done == [0, 1]
    assert loop.paused == PERIOD


@pytest.mark.parametrize(("periods", "come_in"), [(0.5, 2), (1, 2), (6, 7), (7, 8), (8, 8)])
def test_where_the_machine_is_late_more_come_in_at_once_and_no_more_than_so_many(
    loop: Loop, periods: float, come_in: int
) -> None:
    for number in range(20):
        loop.come(number, takes=SLICE)

    loop.turn(late=periods * PERIOD * 0.999)

    assert len(loop.done) == 1 + come_in
    assert turnstile.MOST_SLICES == 8


def test_a_fault_of_one_is_not_the_end_of_those_behind(loop: Loop) -> None:
    def fails() -> float:
        raise RuntimeError

    loop.come(0, takes=SLICE)
    loop.turnstile.put(fails)
    loop.come(1)

    with pytest.raises(RuntimeError):
        loop.turn()
    loop.turn()

    assert loop.done == [0, 1]


@given(st.lists(st.tuples(st.floats(0, 3 * SLICE), st.floats(0, 3 * SLICE), st.integers(0, 2))))
def test_whatever_they_cost_all_come_in_once_and_in_order(
    crowd: list[tuple[float, float, int]],
) -> None:
    loop = Loop()
    for number, (takes, later, turns) in enumerate(crowd):
        for _ in range(turns):
            _turn_within_the_slice(loop)
        loop.come(number, takes, later)
    while loop.due:
        _turn_within_the_slice(loop)

    assert loop.done == list(range(len(crowd)))


def _turn_within_the_slice(loop: Loop) -> None:
    began = max(loop.now, loop.began + PERIOD)
    late = max(0.0, loop.now - loop.began - PERIOD) / PERIOD
    if loop.due:
        loop.turn()
    # What began within the slices is carried out, and that is one thing at most.
    assert loop.now - began <= SLICE * min(turnstile.MOST_SLICES, 1 + late) + 3 * SLICE + 1e-9
