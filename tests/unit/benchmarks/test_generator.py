"""What goes to the load generator, and what comes back."""

import shutil
import subprocess
from typing import Any

import pytest

from benchmarks import generator
from benchmarks.workloads.talk import faults, figures

REPORT: dict[str, Any] = {
    "seconds": 2.0,
    "server_cpu": 1.0,
    "own_cpu": 0.5,
    "deliveries": 1_000_000,
    "reads": 250_000,
    "all_sends": 20_000,
    "all_deliveries": 2_000_000,
    "all_due": 2_000_000,
    "confirms": 1,
    "confirmed": 20_000,
    "closed": 0,
    "disorder": 0,
    "latency_ms": {"samples": 3, "p50": 0.5, "p99": 2.0, "p999": 3.0},
}


def test_options_are_spelled_for_the_command_line() -> None:
    expected = ["talk", "--in-flight", "8", "--warmup", "0.5"]
    assert generator.arguments("talk", in_flight=8, warmup=0.5) == expected


def test_counts_become_rates() -> None:
    made = figures(REPORT)
    assert made["kdeliv/s"] == 500
    assert made["CPU s/M"] == 1.0
    assert made["deliv/read"] == 4
    assert (made["p50 ms"], made["p99 ms"], made["p99.9 ms"]) == (0.5, 2.0, 3.0)
    assert (made["server CPU"], made["load CPU"]) == (0.5, 0.25)
    assert made["faults"] == []


def test_a_window_without_deliveries_has_no_cost_per_delivery() -> None:
    made = figures(REPORT | {"deliveries": 0, "latency_ms": {"samples": 0}})
    assert made["CPU s/M"] is None
    assert made["p50 ms"] is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"all_deliveries": 1_999_999}, "1 of 2,000,000 deliveries did not come"),
        ({"all_deliveries": 2_000_003}, "3 deliveries more came than were due"),
        ({"closed": 2}, "2 connections were closed"),
        ({"disorder": 5}, "5 messages came out of order"),
        ({"confirmed": 19_999}, "19,999 of 20,000 sends were confirmed"),
    ],
)
def test_what_went_wrong_is_told(change: dict[str, Any], words: str) -> None:
    (fault,) = faults(REPORT | change)
    assert fault.startswith(words)


def test_a_protocol_without_confirmations_owes_none() -> None:
    assert faults(REPORT | {"confirms": 0, "confirmed": 0}) == []


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
@pytest.mark.skipif(generator.missing() is not None, reason="it needs Linux")
def test_the_generator_compiles_without_a_warning() -> None:
    command = ["cc", "-fsyntax-only", "-Wall", "-Wextra", *map(str, generator.SOURCES.glob("*.c"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
