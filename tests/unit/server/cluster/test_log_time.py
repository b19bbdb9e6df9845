import pytest

from pychat.server.cluster.logtime import STRIDE, LogTime
from pychat.server.hall import Clock


class Hands:
    wall = 500
    monotonic = 7.0


def log_time() -> tuple[LogTime, Hands]:
    hands = Hands()
    return LogTime(Clock(lambda: hands.wall, lambda: hands.monotonic)), hands


@pytest.mark.parametrize(
    ("later", "passed"), [(STRIDE - 1, STRIDE - 1), (STRIDE, STRIDE), (STRIDE + 1, STRIDE)]
)
def test_no_more_than_a_stride_passes_between_two_entries(later: int, passed: int) -> None:
    time, _ = log_time()
    time.advance(1_000_000)

    time.advance(1_000_000 + later)

    assert time.passed == passed
    assert time.latest == 1_000_000 + later


def test_a_clock_that_is_set_back_takes_nothing_back() -> None:
    time, _ = log_time()
    for told in (1_000, 3_000, 2_000):
        time.advance(told)

    assert (time.latest, time.passed) == (3_000, 2_000)


def test_while_an_entry_is_carried_out_the_nodes_own_clocks_do_not_count() -> None:
    time, hands = log_time()
    time.advance(1_000)
    time.advance(2_000)
    hands.monotonic += 5

    assert (time.wall(), time.seconds()) == (500, 6.0)
    time.stands = True
    assert (time.wall(), time.seconds()) == (2_000, 1.0)


@pytest.mark.parametrize(
    ("later", "passed"), [(STRIDE - 1, STRIDE - 1), (STRIDE, STRIDE), (STRIDE + 1, STRIDE)]
)
def test_where_nobody_writes_no_more_than_a_stride_passes_either(later: int, passed: int) -> None:
    time, hands = log_time()
    time.advance(1_000_000)

    hands.monotonic += later / 1000
    waited = time.seconds()
    time.advance(1_000_000 + later)

    assert waited == pytest.approx(passed / 1000)
    assert time.seconds() == pytest.approx(waited)


def test_ages_go_on_as_time_passes_and_a_clock_set_ahead_makes_nothing_old() -> None:
    time, _ = log_time()
    time.advance(1_000_000)
    time.advance(1_005_000)

    time.advance(90_000_000)
    assert time.reckoned == 1_005_000 + STRIDE

    # What was there while no node was is as old as it says.
    time.begin_anew()
    time.advance(180_000_000)
    assert time.reckoned == 90_000_000 + STRIDE
