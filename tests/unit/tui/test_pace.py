"""When the log is painted again."""

import pytest

from pychat.tui.log.pace import FLOOD_PAUSE, PAUSE, Pace

LINES = 24


def test_what_comes_after_a_rest_is_painted_at_once() -> None:
    pace = Pace()
    pace.painted(100.0)
    pace.came(1)

    assert pace.wait(100.0 + PAUSE, LINES) == 0


def test_what_comes_soon_after_waits_for_its_turn() -> None:
    pace = Pace()
    pace.painted(100.0)
    pace.came(1)

    assert pace.wait(100.01, LINES) == pytest.approx(PAUSE - 0.01)


def test_what_nobody_can_read_along_waits_for_longer() -> None:
    pace = Pace()
    pace.painted(100.0)
    pace.came(LINES // 2)
    assert pace.wait(100.01, LINES) == pytest.approx(PAUSE - 0.01)

    pace.came(1)

    assert pace.wait(100.01, LINES) == pytest.approx(FLOOD_PAUSE - 0.01)
    assert pace.wait(100.0 + FLOOD_PAUSE, LINES) == 0


def test_what_was_painted_counts_no_more() -> None:
    pace = Pace()
    pace.came(1_000)
    pace.painted(100.0)

    assert pace.wait(100.0, LINES) == pytest.approx(PAUSE)
