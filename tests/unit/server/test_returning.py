"""When those who are sent away are to come back."""

import pytest

from pychat.server import limits
from pychat.server.returning import spread


def test_one_comes_back_at_once_and_a_few_soon() -> None:
    assert list(spread(0)) == []
    assert list(spread(1)) == [0]
    assert list(spread(3)) == [0, 5, 10]


@pytest.mark.parametrize("count", [1, 199, 200, 1_999, 2_000, 2_001, 10_000])
def test_nobody_waits_longer_than_the_time_and_no_second_has_too_many(count: int) -> None:
    waits = list(spread(count))

    assert len(waits) == count
    assert waits == sorted(waits)
    assert max(waits) < 1000 * limits.RETURN_TIME
    fair = max(limits.RETURN_RATE, count / limits.RETURN_TIME)
    for second in range(int(limits.RETURN_TIME)):
        assert sum(1000 * second <= wait < 1000 * (second + 1) for wait in waits) <= fair + 1
