"""A budget of flood control is a session's, and coming and going earns nobody another."""

import pytest

from pychat.protocol import commands
from pychat.server import limits
from pychat.server.budgets import Budgets
from pychat.server.flood import FloodControl, FloodLimits

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def budgets() -> Budgets:
    return Budgets(FloodLimits(burst=10, rate=5))


def spend(flood: FloodControl, now: float, most: int = 100) -> int:
    """Say things until one would have to wait; how many."""
    said = 0
    while said < most and flood.wait(commands.Typing(id=1, room="tea"), now, now) == 0.0:
        said += 1
    return said


def test_a_session_has_one_budget_over_all_its_connections(budgets: Budgets) -> None:
    first = budgets.of_session(7, budgets.of_newcomer(HERE, 0.0))
    assert spend(first, 0.0) == 10

    again = budgets.of_session(7, budgets.of_newcomer(ELSEWHERE, 1.0))

    assert again is first
    assert spend(again, 1.0) == 5


def test_another_session_has_another(budgets: Budgets) -> None:
    assert spend(budgets.of_session(1, budgets.of_newcomer(HERE, 0.0)), 0.0) == 10
    assert spend(budgets.of_session(2, budgets.of_newcomer(HERE, 0.0)), 0.0) == 10


def test_who_comes_where_somebody_has_just_gone_goes_on_with_what_that_one_left(
    budgets: Budgets,
) -> None:
    gone = budgets.of_newcomer(HERE, 0.0)
    spend(gone, 0.0)
    budgets.left(HERE, gone, 0.0)

    assert spend(budgets.of_newcomer(ELSEWHERE, 1.0), 1.0) == 10
    assert spend(budgets.of_newcomer(HERE, 1.0), 1.0) == 5
    assert spend(budgets.of_newcomer(HERE, 2.0), 2.0) == 10


def test_the_scantiest_that_was_left_counts(budgets: Budgets) -> None:
    first, second = budgets.of_newcomer(HERE, 0.0), budgets.of_newcomer(HERE, 0.0)
    spend(first, 0.0)
    spend(second, 0.0, most=2)
    budgets.left(HERE, first, 0.0)
    budgets.left(HERE, second, 0.0)

    assert spend(budgets.of_newcomer(HERE, 0.2), 0.2) == 1


def test_what_was_left_is_as_it_was_though_its_session_goes_on_elsewhere(budgets: Budgets) -> None:
    flood = budgets.of_session(1, budgets.of_newcomer(HERE, 0.0))
    spend(flood, 0.0)
    budgets.left(HERE, flood, 0.0)
    spend(flood, 2.0)

    assert spend(budgets.of_newcomer(HERE, 2.0), 2.0) == 10


def test_coming_and_going_a_thousand_times_is_no_quicker_than_staying(budgets: Budgets) -> None:
    said, now = 0, 0.0
    for number in range(1_000):
        flood = budgets.of_session(number, budgets.of_newcomer(HERE, now))
        said += spend(flood, now)
        budgets.left(HERE, flood, now)
        budgets.ended(number)
        now += 0.01

    assert said == pytest.approx(10 + 5 * now, abs=2)


def test_reading_is_counted_as_well(budgets: Budgets) -> None:
    gone = budgets.of_newcomer(HERE, 0.0)
    look = commands.Ping(id=1)
    while gone.wait(look, 0.0, 0.0) == 0.0:
        pass
    budgets.left(HERE, gone, 0.0)

    newcomer = budgets.of_newcomer(HERE, 0.0)

    assert newcomer.wait(look, 0.0, 0.0)
    assert spend(newcomer, 0.0) == 10


def test_a_newcomer_is_not_refused_what_another_was_refused(budgets: Budgets) -> None:
    gone = budgets.of_newcomer(HERE, 0.0)
    spend(gone, 0.0)
    late = limits.FLOOD_PATIENCE
    spend(gone, late)
    assert gone.wait(commands.Typing(id=1, room="tea"), 0.0, late) is None
    budgets.left(HERE, gone, late)

    wait = budgets.of_newcomer(HERE, late).wait(commands.Typing(id=1, room="tea"), late, late)

    assert wait == pytest.approx(0.2)


def test_a_network_of_ipv6_is_one_place_since_its_owner_has_all_its_addresses(
    budgets: Budgets,
) -> None:
    gone = budgets.of_newcomer("2001:db8::1", 0.0)
    spend(gone, 0.0)
    budgets.left("2001:db8::1", gone, 0.0)

    assert spend(budgets.of_newcomer("2001:db8::2", 0.0), 0.0) == 0
    assert spend(budgets.of_newcomer("2001:db8:0:1::1", 0.0), 0.0) == 10


@pytest.mark.parametrize(("more", "left"), [(-1, 0), (0, 0), (1, 10)])
def test_so_many_places_are_known_and_the_one_left_longest_ago_goes_first(
    budgets: Budgets, monkeypatch: pytest.MonkeyPatch, more: int, left: int
) -> None:
    monkeypatch.setattr(limits, "FLOOD_PLACES", 3)
    gone = budgets.of_newcomer(HERE, 0.0)
    spend(gone, 0.0)
    for number in range(1, 4 + more):
        budgets.left(f"192.0.2.{number}", gone, 0.0)

    assert spend(budgets.of_newcomer(HERE, 0.0), 0.0) == left
    assert spend(budgets.of_newcomer("192.0.2.2", 0.0), 0.0) == 0


def test_nothing_is_kept_of_places_and_sessions_that_owe_nothing(budgets: Budgets) -> None:
    flood = budgets.of_session(1, budgets.of_newcomer(HERE, 0.0))
    spend(flood, 0.0)
    budgets.left(HERE, flood, 0.0)
    budgets.left(HERE, flood, 2.0)
    budgets.ended(1)
    budgets.ended(1)

    assert not budgets._left
    assert not budgets._sessions


def test_another_pace_holds_for_who_is_there_for_who_comes_and_for_who_went(
    budgets: Budgets,
) -> None:
    here = budgets.of_session(1, budgets.of_newcomer(HERE, 0.0))
    spend(here, 0.0)
    budgets.left(ELSEWHERE, here, 0.0)

    budgets.adopt(FloodLimits(burst=20, rate=15))

    # Nobody is given a burst for it.
    assert spend(here, 0.0) == 0
    assert spend(here, 1.0) == 15
    assert spend(budgets.of_newcomer(ELSEWHERE, 1.0), 1.0) == 15
    assert spend(budgets.of_newcomer("192.0.2.3", 1.0), 1.0) == 20
    assert spend(here, 100.0) == 20


def test_a_smaller_burst_takes_what_is_left_beyond_it(budgets: Budgets) -> None:
    here = budgets.of_newcomer(HERE, 0.0)

    budgets.adopt(FloodLimits(burst=3, rate=1))

    assert spend(here, 0.0) == 3


def test_another_pace_of_reading_holds_for_who_is_there(
    budgets: Budgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, look = budgets.of_newcomer(HERE, 0.0), commands.Ping(id=1)
    monkeypatch.setattr(limits, "RESYNC_BURST", 2)
    monkeypatch.setattr(limits, "RESYNC_RATE", 0.5)

    budgets.adopt(FloodLimits())

    assert [here.wait(look, 0.0, 0.0) for _ in range(3)] == [0.0, 0.0, 2.0]
