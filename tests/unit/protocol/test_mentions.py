"""Whom a text names."""

import pytest

from pychat.protocol import limits, mentions, names
from pychat.protocol.mentions import named

KNOWN = {names.fold(name) for name in ["bob", "bob-2", "ann.", "Straße", "all", "x" * 32, "12"]}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("@bob", ["bob"]),
        ("hi @Bob, and @BOB!", ["bob"]),
        ("ask @bob.", ["bob"]),
        ("ask @bob...", ["bob"]),
        ("_@bob_ and (@bob-)", ["bob"]),
        ("@bob's cup", ["bob"]),
        ("@@bob", ["bob"]),
        ("@bob@bob-2", ["bob"]),
        ("@bob-2", ["bob-2"]),
        ("@bob-2. @bob", ["bob-2", "bob"]),
        ("@bob--and", ["bob"]),
        ("@ann.", ["ann."]),
        ("@ann", []),
        ("@ＢＯＢ", ["bob"]),
        ("@STRASSE", ["strasse"]),
        ("bob: look", ["bob"]),
        ("Bob, look", ["bob"]),
        ("bob-2:", ["bob-2"]),
        ("@bob: look", ["bob"]),
        ("12:30", ["12"]),
        ("@" + "x" * 32, ["x" * 32]),
        ("@" + "x" * 33, []),
        ("bob look", []),
        ("look, bob", []),
        (" bob: look", []),
        ("a@bob", []),
        ("é@bob", []),
        ("e\u0301@bob", []),
        ("@bobby", []),
        ("@bob\u0301", []),
        ("@bob-x", []),
        ("@bob.2", []),
        ("@ bob", []),
        ("@", []),
        ("", []),
        ("nobody at all", []),
    ],
)
def test_a_text_names_whom_it_addresses(text: str, keys: list[str]) -> None:
    assert named(text, KNOWN) == keys


def test_all_is_nobody_special() -> None:
    assert named("@all @here", {"here"}) == ["here"]
    assert named("@all @here", set()) == []


@pytest.mark.parametrize(
    ("count", "found"),
    [
        (limits.MENTIONS - 1, limits.MENTIONS - 1),
        (limits.MENTIONS, limits.MENTIONS),
        (limits.MENTIONS + 1, limits.MENTIONS),
    ],
)
def test_no_more_are_named_than_can_be_told(count: int, found: int) -> None:
    people = [f"p{number}" for number in range(count)]

    assert named(" ".join(f"@{name}" for name in people), set(people)) == people[:found]


def test_a_text_that_is_all_signs_and_joints_looks_up_little() -> None:
    class Counting(set[str]):
        lookups = 0

        def __contains__(self, key: object) -> bool:
            Counting.lookups += 1
            return super().__contains__(key)

    text = ("@a" + "-" * 126) * 62

    assert named(text, Counting()) == []
    assert Counting.lookups <= mentions._PIECES + 128
