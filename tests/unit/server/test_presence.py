"""Presence is told at once while little happens, else once a second, and adds up in any case."""

from pychat.protocol.events import Presence
from pychat.server import limits
from pychat.server.presence import PresenceGatherer
from pychat.server.user import User

GAP = limits.PRESENCE_GAP
BURST = limits.PRESENCE_BURST


def user(number: int, name: str | None = None) -> User:
    return User(number, name or f"user-{number}", object(), "hash")


def busy(now: float = 0.0) -> PresenceGatherer:
    """One that has told all it may in this second."""
    gatherer = PresenceGatherer()
    for number in range(BURST):
        gatherer.joined(user(1000 + number), user(1000 + number).member())
        assert gatherer.take("room", now)
    return gatherer


def only(told: list[Presence]) -> Presence:
    (event,) = told
    return event


def names(event: Presence) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    return (
        [member.name for member in event.joined],
        [parting.name for parting in event.left],
        [(change.name, change.member.name) for change in event.changed],
    )


def test_nothing_happened_so_nothing_is_told() -> None:
    gatherer = PresenceGatherer()

    assert not gatherer.waits
    assert gatherer.take("room", 0.0) == []


def test_a_few_are_told_at_once_and_the_rest_after_the_gap() -> None:
    gatherer = busy(now=0.0)
    for number in range(3):
        gatherer.joined(user(number), user(number).member())
        assert gatherer.take("room", 0.5) == []
    assert gatherer.waits

    assert gatherer.take("room", GAP - 0.01) == []
    told = only(gatherer.take("room", GAP))

    assert names(told) == (["user-0", "user-1", "user-2"], [], [])
    assert not gatherer.waits


def test_while_it_goes_on_it_is_told_once_a_second() -> None:
    gatherer = busy(now=0.0)
    told = 0

    for tenth in range(1, 51):
        gatherer.joined(user(tenth), user(tenth).member())
        told += len(gatherer.take("room", tenth / 10 * GAP))

    assert told == 5


def test_after_a_quiet_while_it_is_told_at_once_again() -> None:
    gatherer = busy(now=0.0)

    for number in range(BURST):
        gatherer.joined(user(number), user(number).member())
        assert gatherer.take("room", 2 * GAP)


def test_who_comes_and_goes_unseen_is_not_told() -> None:
    gatherer = busy()
    ann = user(1, "ann")

    gatherer.joined(ann, ann.member())
    gatherer.left(ann, "left")

    assert gatherer.take("room", GAP) == []
    assert not gatherer.waits


def test_who_goes_and_comes_is_told_as_a_change() -> None:
    gatherer = busy()
    ann = user(1, "ann")

    gatherer.left(ann, "left")
    gatherer.joined(ann, ann.member())

    assert names(only(gatherer.take("room", GAP))) == ([], [], [("ann", "ann")])


def test_several_new_names_are_told_as_one() -> None:
    gatherer = busy()
    ann = user(1, "ann")
    for name in ("anna", "anne", "annette"):
        was = ann.name
        ann.call(name)
        gatherer.changed(ann, was, ann.member())

    assert names(only(gatherer.take("room", GAP))) == ([], [], [("ann", "annette")])


def test_two_who_swap_names_are_told_in_one_event() -> None:
    gatherer = busy()
    ann, bob = user(1, "ann"), user(2, "bob")
    for who, name in ((ann, "x"), (bob, "ann"), (ann, "bob")):
        was = who.name
        who.call(name)
        gatherer.changed(who, was, who.member())

    told = only(gatherer.take("room", GAP))

    assert names(told) == ([], [], [("ann", "bob"), ("bob", "ann")])


def test_a_name_given_up_by_one_who_left_and_taken_by_one_who_came() -> None:
    gatherer = busy()
    gatherer.left(user(1, "ann"), "left")
    gatherer.joined(user(2, "ann"), user(2, "ann").member())

    assert names(only(gatherer.take("room", GAP))) == (["ann"], ["ann"], [])


def test_an_event_has_no_more_entries_than_a_page_of_members() -> None:
    gatherer = busy()
    for number in range(2_001):
        gatherer.joined(user(number), user(number).member())

    told = gatherer.take("room", GAP)

    assert [len(event.joined) for event in told] == [1000, 1000, 1]


def test_who_was_seen_before_being_told_of_is_told_to_have_left() -> None:
    # A newcomer's `joined` named somebody whose coming was never told: the going has to be.
    gatherer = busy()
    ann = user(1, "ann")
    gatherer.joined(ann, ann.member())
    gatherer.looked()
    gatherer.left(ann, "left")

    assert names(only(gatherer.take("room", GAP))) == ([], ["ann"], [])


def test_who_was_seen_under_another_name_leaves_no_ghost_of_it() -> None:
    gatherer = busy()
    ann = user(1, "ann")
    gatherer.joined(ann, ann.member())
    gatherer.looked()
    ann.call("anna")
    gatherer.changed(ann, "ann", ann.member())

    told = only(gatherer.take("room", GAP))

    assert names(told) == (["anna"], ["ann"], [])
    assert told.left[0].reason == "is now anna"


def test_a_name_that_was_seen_and_is_borne_again_is_not_told_to_have_left() -> None:
    gatherer = busy()
    ann = user(1, "ann")
    gatherer.joined(ann, ann.member())
    gatherer.looked()
    for name in ("anna", "ann"):
        was = ann.name
        ann.call(name)
        gatherer.changed(ann, was, ann.member())

    assert names(only(gatherer.take("room", GAP))) == (["ann"], [], [])


def test_what_was_seen_and_then_told_is_forgotten() -> None:
    gatherer = busy()
    ann = user(1, "ann")
    gatherer.joined(ann, ann.member())
    gatherer.looked()
    gatherer.take("room", GAP)

    gatherer.left(ann, "left")

    assert names(only(gatherer.take("room", 2 * GAP))) == ([], ["ann"], [])


def test_what_was_told_does_not_change_with_what_happens_later() -> None:
    gatherer = PresenceGatherer()
    ann = user(1, "ann")
    gatherer.joined(ann, ann.member())
    told = only(gatherer.take("room", 0.0))

    ann.call("anna")
    ann.away = True

    assert (told.joined[0].name, told.joined[0].away) == ("ann", False)
