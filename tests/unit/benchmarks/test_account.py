"""The account of a run, and its place in a document."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import account, table, workloads

RUNS: list[dict[str, Any]] = [
    {"workload": "W1", "server": "pychat", "round": 1, "figures": {"kdeliv/s": 9, "faults": []}},
    {
        "workload": "W1",
        "server": "inspircd",
        "round": 1,
        "figures": {"kdeliv/s": 10, "faults": ["5 messages came out of order"]},
    },
    {"workload": "W1", "server": "redis", "round": 1, "fault": "it did not start"},
]


def told() -> str:
    medians = table.medians(run for run in RUNS if "figures" in run)
    return account.tell([workloads.BY_NAME["W1"], workloads.BY_NAME["W2"]], RUNS, medians)


def test_what_was_measured_is_shown_and_judged() -> None:
    lines = told().splitlines()
    assert lines[0].startswith("W1: one room of 100")
    assert not any(line.startswith("W2:") for line in lines)
    assert [line.split()[-1] for line in lines if "inspircd's ≥ 0.9×" in line] == ["met"]
    assert not any(line.startswith("W5 ") for line in lines)


def test_what_went_wrong_is_told_with_its_run() -> None:
    lines = told().splitlines()
    assert "W1 inspircd, round 1: 5 messages came out of order" in lines
    assert "W1 redis, round 1: it did not start" in lines


def test_the_account_replaces_the_one_before_in_a_document(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"Before\n\n{account.BEGIN}\nold\n{account.END}\n\nAfter\n")
    for words in ("first", "second"):
        account.put_into(document, words, {"cpu": "fast", "cores": 2})
    text = document.read_text()
    assert "old" not in text
    assert "first" not in text
    assert ": cpu fast, cores 2.\n\n```\nsecond\n```" in text
    assert text.startswith("Before\n\n")
    assert text.endswith(f"{account.END}\n\nAfter\n")


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "notes.md"
    document.write_text("nothing here\n")
    with pytest.raises(SystemExit):
        account.put_into(document, "words", {})
    assert document.read_text() == "nothing here\n"
