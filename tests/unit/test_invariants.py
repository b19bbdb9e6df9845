"""The oracle finds each fault that is planted, and none in what is whole."""

from collections.abc import Callable

import pytest

from tests.support.invariants import Hearing, Invariants
from tests.support.wire import Json


def said(seq: int, sender: str = "ann", **changed: object) -> Json:
    fields: Json = {
        "type": "message",
        "room": "lobby",
        "seq": seq,
        "prev": seq - 1,
        "time": 1_000 + seq,
        "sender": sender,
        "nonce": f"n{seq}",
        "text": f"words {seq}",
    }
    return fields | changed


def whole(count: int = 6) -> list[Json]:
    return [said(seq, "ann" if seq % 2 else "bob") for seq in range(1, count + 1)]


def account(log: list[Json], heard: list[Json] | None = None) -> tuple[Invariants, Hearing]:
    """Six messages were meant, promised and heard by bob; `log` is what is stored of them."""
    oracle = Invariants()
    for each in whole():
        oracle.meant(each["sender"], "lobby", each["nonce"], each["text"])
        oracle.acknowledged(each["sender"], "lobby", each["nonce"], each["seq"])
    hearing = oracle.hearing("bob", "lobby")
    for each in whole() if heard is None else heard:
        hearing.heard(each)
    oracle.stored("lobby", log)
    return oracle, hearing


def kinds(oracle: Invariants) -> set[str]:
    return {violation.split(":")[0] for violation in oracle.violations()}


def test_a_whole_log_that_all_have_heard_is_fine() -> None:
    oracle, _ = account(whole())
    oracle.shown("lobby", whole())

    oracle.hold()


def test_who_came_later_or_left_earlier_need_not_have_heard_all() -> None:
    oracle, _ = account(whole())
    late = oracle.hearing("cleo", "lobby", after=4)
    brief = oracle.hearing("dan", "lobby")
    brief.to_the_end = False
    for each in whole()[4:]:
        late.heard(each)
    brief.heard(whole()[0])

    oracle.hold()


def replaced(at: int, **changed: object) -> Callable[[list[Json]], list[Json]]:
    return lambda log: [*log[:at], log[at] | changed, *log[at + 1 :]]


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("lost", lambda log: log[:-1]),
        ("lost", replaced(2, sender="mallory")),
        ("moved", replaced(5, seq=9)),
        ("doubled", lambda log: [*log, said(7, nonce="n1", text="words 1")]),
        ("doubled", lambda log: [*log, said(7, sender="ANN", nonce="n1", text="words 1")]),
        ("chain", lambda log: log[1:]),
        ("chain", lambda log: log[:2] + log[3:]),
        ("chain", replaced(3, prev=2)),
        ("chain", replaced(3, seq=3)),
        ("time", replaced(3, time=1)),
        ("room", replaced(3, room="den")),
        ("invented", lambda log: [*log, said(7)]),
        ("impersonated", replaced(2, sender="bob")),
        ("changed", replaced(2, text="other words")),
        ("out of order", lambda log: [log[2], log[1], log[0], *log[3:]]),
        ("delivery", lambda log: [*log, said(7)]),
    ],
)
def test_a_fault_of_the_log_is_found(kind: str, damage: Callable[[list[Json]], list[Json]]) -> None:
    oracle, _ = account(damage(whole()))

    assert kind in kinds(oracle)
    with pytest.raises(AssertionError, match=kind):
        oracle.hold()


@pytest.mark.parametrize(
    "damage",
    [
        lambda heard: heard[:-1],
        lambda heard: heard[1:],
        lambda heard: [*heard[:2], *heard[3:]],
        lambda heard: [*heard, heard[-1]],
        lambda heard: [*heard[:3], heard[2], *heard[3:]],
        lambda heard: [heard[1], heard[0], *heard[2:]],
        lambda heard: [*heard, said(7)],
        replaced(1, text="other words"),
        replaced(1, time=3),
    ],
)
def test_a_fault_of_the_delivery_is_found(damage: Callable[[list[Json]], list[Json]]) -> None:
    oracle, _ = account(whole(), damage(whole()))

    assert kinds(oracle) == {"delivery"}


def test_who_left_earlier_must_have_heard_what_came_before_that() -> None:
    oracle, hearing = account(whole(), [whole()[0], whole()[2]])
    hearing.to_the_end = False

    assert kinds(oracle) == {"delivery"}


def test_a_history_that_shows_something_else_is_found() -> None:
    oracle, _ = account(whole())
    oracle.shown("lobby", whole()[1:])

    assert kinds(oracle) == {"history"}


def test_a_failure_lists_no_more_than_one_can_read() -> None:
    oracle = Invariants()
    for number in range(1_000):
        oracle.acknowledged("ann", "lobby", f"n{number}")

    with pytest.raises(AssertionError, match="and 980 more"):
        oracle.hold()
