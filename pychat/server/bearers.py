"""Who had which name before, of those in the Hall. Pure.

As long as somebody is in the Hall, what they said is theirs, though they have changed their name,
and though another has taken the name since. When they are gone, it is whose the name is.
"""

from collections import Counter

import msgspec

from pychat.server import limits
from pychat.server.backplane.interface import Bearing, Person
from pychat.server.user import User


class Bearers:
    """Keeps `User.person`."""

    def __init__(self) -> None:
        self._had: Counter[str] = Counter()
        """How many had a name, by its key, before the one that they have."""
        self._last: dict[str, User] = {}
        """Who had a name last, where nobody has taken it since."""

    def had(self, key: str) -> bool:
        """Whether somebody in the Hall had that name before."""
        return self._had[key] > 0

    def add(self, user: User) -> None:
        for key in _earlier_keys(user):
            self._had[key] += 1
        for bearing in user.person[1:]:
            if bearing.until is None:
                self._last[bearing.key] = user

    def remove(self, user: User) -> None:
        for key in _earlier_keys(user):
            self._had[key] -= 1
            if not self._had[key]:
                del self._had[key]
            if self._last.get(key) is user:
                del self._last[key]

    def takes_name(self, user: User, was: str | None, now: int) -> User | None:
        """The user has the name `user.key` from now on, in milliseconds, and had the one with the
        key `was` until now. Who had it last is no more known by it for what comes, and returned."""
        if user.key == was:
            return None
        self.remove(user)
        others = self._had[user.key] > 0
        user.person = _person(user, was, others, now)
        last = self._last.pop(user.key, None)
        if last is not None:
            last.person = _without(last.person, user.key, now)
        self.add(user)
        return last


def _person(user: User, was: str | None, others: bool, now: int) -> Person:
    earlier = user.person or ((Bearing(was),) if was is not None else ())
    first = Bearing(user.key, now if others else 0)
    if not others:
        earlier = tuple(each for each in earlier if each.key != user.key)
    for each in earlier:
        if each.key == user.key and each.until is None:
            # Nobody had it meanwhile.
            first = each
            earlier = tuple(one for one in earlier if one is not each)
    if not earlier and not others:
        return ()
    return (first, *earlier[: limits.EARLIER_NAMES])


def _without(person: Person, key: str, now: int) -> Person:
    return tuple(
        msgspec.structs.replace(each, until=now) if each.key == key and each.until is None else each
        for each in person
    )


def _earlier_keys(user: User) -> set[str]:
    return {bearing.key for bearing in user.person[1:]}
