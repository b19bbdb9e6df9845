"""Bans and mutes: who is meant by one, and until when. Pure.

One means a person (a session, or an owned name), a name and what looks like it, and where they came
from: guests who enter the Hall from there afterwards, and those who have made a name theirs there
since. So neither another name nor another key leads around it; who owned a name before is not
touched by what a neighbour did.
"""

from collections.abc import Iterable

import msgspec

from pychat.protocol import limits, names, replies
from pychat.protocol.errors import Refused
from pychat.server.user import User


class Sanction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As it is kept."""

    name: str
    since: int
    """Milliseconds."""
    by: str
    until: int | None = None
    """None: for good."""
    reason: str = ""
    identity: str = ""
    """`User.identity`, where somebody of that name was in the Hall."""
    places: list[str] = []
    """Where they were connected from."""

    def told(self) -> replies.Sanction:
        return replies.Sanction(
            name=self.name, since=self.since, by=self.by, until=self.until, reason=self.reason
        )

    def words(self, now: int) -> str:
        """By whom, how much longer and why, to be told who is meant."""
        lasts = "for good" if self.until is None else f"for another {_span(self.until - now)}"
        return f"{lasts}, by {self.by}" + (f": {self.reason}" if self.reason else "")

    def is_over(self, now: int) -> bool:
        return self.until is not None and self.until <= now


class Who(msgspec.Struct, frozen=True):
    """Somebody who may be meant."""

    identity: str
    """As `User.identity`; empty of a guest who is not in the Hall yet."""
    looks: frozenset[str]
    """Of a guest's name; what an owned name looks like says nothing."""
    place: str
    """As `User.place`."""
    came: int
    """When a guest came into the Hall, or from when on the name is theirs; milliseconds."""


def who(user: User) -> Who:
    if user.verified:
        return Who(user.identity, frozenset(), user.place, user.owned_since)
    return Who(user.identity, user.looks, user.place, user.entered)


class Sanctions:
    """Of one kind, in one room or the Hall: one a name, and found in the time of a few look-ups."""

    def __init__(self, kept: Iterable[Sanction] = ()) -> None:
        self.by_name = {names.fold(each.name): each for each in kept}
        """To be read only; by key."""
        self._index()

    def impose(self, sanction: Sanction, now: int) -> None:
        """In place of the one that the name has. Raises Refused `too-many`."""
        self._forget_old(now)
        key = names.fold(sanction.name)
        if key not in self.by_name and len(self.by_name) >= limits.SANCTIONS:
            raise Refused(
                "too-many", f"there are {limits.SANCTIONS} here, and can be no more; lift one first"
            )
        # A new one is the newest.
        self.by_name.pop(key, None)
        self.by_name[key] = sanction
        self._index()

    def lift(self, name: str, now: int) -> Sanction | None:
        """The one that the name had; None if it had none."""
        self._forget_old(now)
        lifted = self.by_name.pop(names.fold(name), None)
        self._index()
        return lifted

    def passes(self, was: str, now: str) -> bool:
        """Somebody has another identity from now on. Whether one of these means them."""
        found = self._by_identity.get(was)
        if found is None:
            return False
        means = msgspec.structs.replace(found, identity=now)
        self.by_name[names.fold(found.name)] = means
        self._index()
        return True

    def standing(self, now: int) -> list[Sanction]:
        """Those that are not over, oldest first."""
        return [each for each in self.by_name.values() if not each.is_over(now)]

    def against(self, whom: Who, now: int) -> Sanction | None:
        """The one that means them."""
        for found in self._candidates(whom):
            if not found.is_over(now):
                return found
        return None

    def _candidates(self, whom: Who) -> Iterable[Sanction]:
        if (found := self._by_identity.get(whom.identity)) is not None:
            yield found
        for look in whom.looks:
            if (found := self._by_look.get(look)) is not None:
                yield found
        for found in self._by_place.get(whom.place, ()):
            if whom.came >= found.since:
                yield found

    def _forget_old(self, now: int) -> None:
        self.by_name = {key: each for key, each in self.by_name.items() if not each.is_over(now)}

    def _index(self) -> None:
        everything = self.by_name.values()
        self._by_identity = {each.identity: each for each in everything if each.identity}
        self._by_look = {look: each for each in everything for look in names.looks(each.name)}
        self._by_place: dict[str, list[Sanction]] = {}
        for each in everything:
            for place in each.places:
                self._by_place.setdefault(place, []).append(each)


def _span(milliseconds: int) -> str:
    """In the largest unit of which it is two at least; rounded up."""
    seconds = -(-milliseconds // 1000)
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{-(-seconds // length)} {unit}"
    return f"{seconds} s"
