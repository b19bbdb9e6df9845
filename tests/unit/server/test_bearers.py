"""Who is known by which names: those of one's stay, for as long as nobody else took them."""

import pytest

from pychat.server import limits
from pychat.server.backplane.interface import Bearing
from pychat.server.bearers import Bearers
from pychat.server.user import User


class Street:
    """People who take names, at times that rise by ten."""

    def __init__(self) -> None:
        self.bearers = Bearers()
        self.now = 0
        self.ids = 0

    def enter(self, name: str) -> User:
        self.ids += 1
        self.now += 10
        user = User(self.ids, name, None, "")
        self.bearers.takes_name(user, None, self.now)
        return user

    def rename(self, user: User, name: str) -> User | None:
        self.now += 10
        was = user.key
        user.call(name)
        return self.bearers.takes_name(user, was, self.now)


@pytest.fixture
def street() -> Street:
    return Street()


def test_who_never_changes_their_name_is_that_name(street: Street) -> None:
    assert street.enter("ann").person == ()


def test_writing_the_own_name_another_way_changes_nothing(street: Street) -> None:
    ann = street.enter("ann")

    assert street.rename(ann, "Ann") is None
    assert ann.person == ()


def test_earlier_names_are_known_the_latest_first(street: Street) -> None:
    ann = street.enter("ann")

    street.rename(ann, "anna")
    street.rename(ann, "Anne")

    assert ann.person == (Bearing("anne"), Bearing("anna"), Bearing("ann"))


def test_who_goes_back_to_an_earlier_name_has_it_once(street: Street) -> None:
    ann = street.enter("ann")
    street.rename(ann, "anna")

    street.rename(ann, "ann")

    assert ann.person == (Bearing("ann"), Bearing("anna"))


def test_who_takes_a_name_left_behind_has_it_from_then_on_and_who_left_it_until_then(
    street: Street,
) -> None:
    ann = street.enter("ann")
    street.rename(ann, "anna")

    bob = street.enter("ann")

    assert bob.person == (Bearing("ann", since=street.now),)
    assert ann.person == (Bearing("anna"), Bearing("ann", until=street.now))


def test_the_same_by_a_change_of_name_which_tells_whose_changed(street: Street) -> None:
    ann, bob = street.enter("ann"), street.enter("bob")
    street.rename(ann, "anna")

    assert street.rename(bob, "ann") is ann

    assert bob.person == (Bearing("ann", since=street.now), Bearing("bob"))
    assert ann.person[1] == Bearing("ann", until=street.now)


def test_two_who_swap_names_keep_what_each_said(street: Street) -> None:
    ann, bob = street.enter("ann"), street.enter("bob")
    street.rename(ann, "swap")
    street.rename(bob, "ann")
    bob_took = street.now
    street.rename(ann, "bob")

    assert ann.person == (
        Bearing("bob", since=street.now),
        Bearing("swap"),
        Bearing("ann", until=bob_took),
    )
    assert bob.person == (
        Bearing("ann", since=bob_took),
        Bearing("bob", until=street.now),
    )


def test_a_name_goes_through_many_hands_and_each_has_its_time(street: Street) -> None:
    people = []
    for number in range(3):
        people.append(street.enter("ann"))
        street.rename(people[-1], f"other-{number}")

    times = [(each.person[1].since, each.person[1].until) for each in people]

    assert times == [(0, 30), (30, 50), (50, None)]


def test_who_takes_back_what_another_had_meanwhile_has_both_times(street: Street) -> None:
    ann = street.enter("ann")
    street.rename(ann, "anna")
    bob = street.enter("ann")
    lent = street.now
    street.rename(bob, "bob")

    street.rename(ann, "ann")

    assert ann.person == (
        Bearing("ann", since=street.now),
        Bearing("anna"),
        Bearing("ann", until=lent),
    )
    assert bob.person[1] == Bearing("ann", since=lent, until=street.now)


def test_who_takes_back_a_name_that_nobody_had_meanwhile_goes_on_with_it(street: Street) -> None:
    ann = street.enter("ann")
    street.rename(ann, "anna")
    bob = street.enter("ann")
    since = street.now
    street.rename(bob, "bob")

    street.rename(bob, "ann")

    assert bob.person == (Bearing("ann", since=since), Bearing("bob"))
    assert ann.person[1].until == since


def test_what_somebody_said_who_is_gone_is_whose_the_name_is(street: Street) -> None:
    ann = street.enter("ann")
    street.rename(ann, "anna")
    street.bearers.remove(ann)

    assert street.enter("ann").person == ()


def test_people_found_again_after_a_restart_are_known_by_their_names(street: Street) -> None:
    ann = street.enter("ann")
    street.rename(ann, "anna")
    street.bearers = Bearers()
    street.bearers.add(ann)

    bob = street.enter("ann")

    assert bob.person == (Bearing("ann", since=street.now),)
    assert ann.person[1].until == street.now


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_so_many_earlier_names_are_known_and_the_oldest_is_forgotten(
    street: Street, more: int
) -> None:
    ann = street.enter("name-0")
    for number in range(1, 1 + limits.EARLIER_NAMES + more):
        street.rename(ann, f"name-{number}")

    known = [bearing.key for bearing in ann.person]

    assert known[0] == f"name-{limits.EARLIER_NAMES + more}"
    assert known[-1] == ("name-1" if more > 0 else "name-0")
    assert len(known) == 1 + limits.EARLIER_NAMES + min(more, 0)
    # Nobody is told from who had the oldest any more.
    assert street.enter("name-0").person == (() if more > 0 else (Bearing("name-0", street.now),))


def test_nothing_is_kept_of_those_who_are_gone(street: Street) -> None:
    people = [street.enter("ann")]
    for name in ("bob", "cyd", "ann", "bob"):
        street.rename(people[0], name)
    people.append(street.enter("cyd"))
    street.rename(people[1], "ann")
    for each in people:
        street.bearers.remove(each)

    assert not street.bearers._had
    assert not street.bearers._last
