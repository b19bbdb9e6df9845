"""From settings to what holds."""

from collections.abc import Iterator

import pytest

from pychat.server import limits
from pychat.server.access import Access
from pychat.server.backplane.interface import Retention
from pychat.server.deadlines import Deadlines
from pychat.server.flood import FloodLimits
from pychat.server.settings.applying import (
    access,
    adopt,
    changes,
    deadlines,
    flood,
    operators,
    retention,
    without,
)
from pychat.server.settings.reading import Source
from pychat.server.settings.schema import Settings


def settings(**given: object) -> Settings:
    return Source(given={key.replace("__", "."): value for key, value in given.items()}).read()


@pytest.fixture
def _bounds() -> Iterator[None]:
    """As they were, whatever is adopted."""
    before = {name: value for name, value in vars(limits).items() if name.isupper()}
    yield
    vars(limits).update(before)


@pytest.mark.usefixtures("_bounds")
def test_the_defaults_change_no_bound() -> None:
    before = dict(vars(limits))

    adopt(Settings())

    assert vars(limits) == before
    assert deadlines(Settings()) == Deadlines()
    assert flood(Settings()) == FloodLimits()
    assert retention(Settings()) == Retention()


@pytest.mark.usefixtures("_bounds")
def test_bounds_become_the_operators_and_with_them_those_that_follow() -> None:
    adopt(
        settings(
            limits__users=3,
            limits__backlog_bytes=4 * limits.MIB,
            limits__direct_messages=7,
            flood__patience=2,
            deadlines__silence=5,
        )
    )

    assert (limits.USERS, limits.FLOOD_PATIENCE, limits.SILENCE) == (3, 2, 5)
    assert limits.BACKLOG_BYTES == 4 * limits.MIB
    assert limits.PASSING_BACKLOG_BYTES == 2 * limits.MIB
    assert limits.UNREAD_REPLIES_BYTES == limits.MIB
    assert (limits.DIRECT_MESSAGES, limits.DIRECT_ENTRIES) == (7, 28)


def test_what_is_kept_and_how_fast_one_may_speak_are_as_set() -> None:
    assert retention(settings(keep__days=2)) == Retention(max_age=2 * 24 * 3600 * 1000)
    assert retention(settings(keep__messages=9)) == Retention(max_messages=9)
    assert flood(settings(flood__burst=3, flood__rate=0.5)) == FloodLimits(3, 0.5)
    assert flood(settings(flood__control=False)) is None
    assert deadlines(settings(deadlines__backlog_time=3)).backlog == 3


def test_who_may_come_in_is_as_set() -> None:
    assert access(Settings()) == Access()
    assert operators(Settings()) == frozenset()
    key = "k" * 43

    told = settings(
        access__password="sesame",
        access__guests=False,
        access__invite_only=True,
        access__allowed_names=["Ada"],
        access__allowed_keys=[key],
        access__operators=["Bo"],
    )

    assert access(told) == Access(
        password="sesame",
        guests=False,
        invite_only=True,
        allowed_names=frozenset({"ada"}),
        allowed_keys=frozenset({key}),
    )
    assert operators(told) == {"bo"}


def test_changes_are_what_differs_and_can_be_left_out_again() -> None:
    before, after = settings(), settings(limits__users=3, listen__port=4000)

    changed = changes(before, after)

    assert {each.option.key: each.after for each in changed} == {
        "listen.port": 4000,
        "limits.users": 3,
    }
    assert changes(before, before) == []
    later = [each for each in changed if each.option.needs_restart]
    assert without(after, later) == settings(limits__users=3)
