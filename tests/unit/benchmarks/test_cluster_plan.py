"""A plan is computed from what was measured, and says what it takes for granted."""

import json
from pathlib import Path

import pytest

from benchmarks.cluster_units import plan

UNIT = 100.0


def of(size: int) -> dict[str, float]:
    """A plan where all that was measured came to UNIT."""
    return {name: value for name, value, _ in plan.plan(size, lambda row, name: UNIT)}


def test_what_goes_to_a_node_grows_less_than_what_all_carry_out() -> None:
    small, large = of(100_000), of(1_000_000)

    assert large["entries of the Hall's log"] == pytest.approx(
        10 * small["entries of the Hall's log"]
    )
    assert large["  so to each node"] < 4 * small["  so to each node"]
    assert small["nodes with members of a room"] < 20
    assert large["nodes with members of a room"] < plan.HERE.room


def test_two_nodes_have_members_of_every_room() -> None:
    found = of(2 * plan.HERE.to_a_node)

    assert found["nodes"] == 2
    assert found["nodes with members of a room"] == pytest.approx(2)
    assert found["  so to each node"] == pytest.approx(found["messages in rooms"])


def test_the_median_of_the_rounds_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "units.json"
    file.write_text(json.dumps({"found": {"plane": {"memory": {"KiB": [1.0, 9.0, 2.0]}}}}))

    assert plan.units(file)("plane: memory", "KiB") == 2.0


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (0.01234, "0.012"), (1.96, "2.0"), (12.6, "13"), (1_960_000.0, "2,000,000")],
)
def test_two_digits_are_told(value: float, shown: str) -> None:
    assert plan._digits(value) == shown
