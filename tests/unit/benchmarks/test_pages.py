"""Latencies of single requests."""

import pytest

from benchmarks.workloads.pages import quantile


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 51), (0.99, 100), (1.0, 100)])
def test_a_quantile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert quantile([float(n) for n in range(100, 0, -1)], share) == value
