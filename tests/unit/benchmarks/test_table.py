"""Runs become medians, ratios and lines."""

from typing import Any

import pytest

from benchmarks import table, targets
from benchmarks.targets import Target


def run(server: str, rate: float | None, workload: str = "W1") -> dict[str, Any]:
    figures: dict[str, Any] = {"kdeliv/s": rate, "faults": [], "load CPU": 0.5}
    return {"workload": workload, "server": server, "figures": figures}


def test_the_median_of_the_rounds_is_taken_per_server() -> None:
    medians = table.medians([run("pychat", 3), run("nats", 8), run("pychat", 1), run("pychat", 2)])
    assert medians["W1"]["pychat"]["kdeliv/s"] == 2
    assert medians["W1"]["nats"]["kdeliv/s"] == 8


def test_what_is_no_number_has_no_median() -> None:
    assert table.medians([run("pychat", None)])["W1"]["pychat"] == {"load CPU": 0.5}


def test_a_ratio_is_ours_by_theirs() -> None:
    medians = table.medians([run("pychat", 3), run("nats", 2)])
    assert table.ratio(medians, "W1", "kdeliv/s", "nats") == 1.5


@pytest.mark.parametrize(("workload", "peer"), [("W1", "redis"), ("W2", "nats")])
def test_there_is_no_ratio_to_what_was_not_measured(workload: str, peer: str) -> None:
    medians = table.medians([run("pychat", 3), run("nats", 2)])
    assert table.ratio(medians, workload, "kdeliv/s", peer) is None


def test_a_peer_is_shown_with_ours_divided_by_its_figure() -> None:
    medians = table.medians([run("pychat", 3), run("nats", 2)])
    lines = table.render("a room", "W1", ["kdeliv/s", "p50 ms"], medians)
    assert lines[0] == "W1: a room"
    assert lines[2].split()[:3] == ["pychat", "3", "-"]
    assert lines[3].split()[:4] == ["nats", "2", "[1.50]", "-"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.123"), (9.876, "9.88"), (99.94, "99.9"), (12345.6, "12,346")]
)
def test_numbers_have_three_digits_that_count(value: float, text: str) -> None:
    assert table.number(value) == text


def target(*, at_least: bool) -> Target:
    def value(medians: table.Medians) -> float | None:
        return table.ratio(medians, "W1", "kdeliv/s", "nats")

    return Target("W1", "rate", value, 1.5, at_least, "×")


@pytest.mark.parametrize(
    ("ours", "most", "least"), [(2.9, "met", "MISSED"), (3.0, "met", "met"), (3.1, "MISSED", "met")]
)
def test_a_target_is_met_up_to_its_bound(ours: float, most: str, least: str) -> None:
    medians = table.medians([run("pychat", ours), run("nats", 2)])
    assert target(at_least=False).line(medians).endswith(most)
    assert target(at_least=True).line(medians).endswith(least)


def test_a_target_says_that_nothing_was_measured_for_it() -> None:
    assert all(each.line({}).endswith("not measured") for each in targets.ALL)
