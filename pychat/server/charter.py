"""Charter: who has which role in a room, who is invited, banned and muted, and how it is set. Pure.

It is kept as one fact of the bucket `room`. And Conduct: the same of the whole Hall.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import msgspec

from pychat.protocol import names, replies
from pychat.protocol.codec import encode
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.backplane.interface import Fact
from pychat.server.sanctions import Sanction, Sanctions
from pychat.server.user import User

Role = Literal["owner", "operator", "member"]

DEFAULTS = replies.RoomSettings()


class _Kept(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A charter on disk."""

    roles: dict[str, Role] = {}
    invited: dict[str, str] = {}
    bans: list[Sanction] = []
    mutes: list[Sanction] = []
    settings: replies.RoomSettings = DEFAULTS


class _KeptConduct(msgspec.Struct, kw_only=True, omit_defaults=True):
    bans: list[Sanction] = []
    mutes: list[Sanction] = []


class Charter:
    """Of one room. People are in it by `User.identity`: so the role of a guest is of one stay, and
    that of an owned name lasts."""

    __slots__ = ("bans", "curbs", "invited", "mutes", "roles", "settings")

    def __init__(self, kept: Fact | None = None) -> None:
        """Raises RegistryError."""
        known = kept.read(_Kept) if kept is not None else _Kept()
        self.roles = known.roles
        """Of owners and operators."""
        self.invited = known.invited
        """Their names, as they were then."""
        self.bans = Sanctions(known.bans)
        self.mutes = Sanctions(known.mutes)
        self.settings = known.settings
        self.look()

    def look(self) -> None:
        """Something has changed: see whether some members may say less than all others."""
        settings = self.settings
        self.curbs = bool(self.mutes.by_name) or settings.slow > 0 or settings.topic != "member"

    def fact(self, key: str, now: int) -> Fact:
        """As it is to be kept of the room with that key."""
        kept = _Kept(
            roles=self.roles,
            invited=self.invited,
            bans=self.bans.standing(now),
            mutes=self.mutes.standing(now),
            settings=self.settings,
        )
        return Fact("room", key, encode(kept))

    def role_of(self, user: User) -> Role:
        return self.roles.get(user.identity, "member")

    def appoint(self, identity: str, role: Role) -> None:
        """Raises Refused `too-many`, and `not-allowed` where nobody would own the room any more."""
        was = self.roles.get(identity, "member")
        if was == "owner" != role and Counter(self.roles.values())["owner"] == 1:
            raise Refused(
                "not-allowed", "a room keeps its last owner: make somebody else an owner first"
            )
        if role == "member":
            self.roles.pop(identity, None)
            return
        if identity not in self.roles and len(self.roles) >= limits.ROOM_OFFICERS:
            raise Refused(
                "too-many",
                f"a room has at most {limits.ROOM_OFFICERS} owners and operators; "
                "make one of them a member first",
            )
        self.roles[identity] = role

    def expel(self, identity: str) -> None:
        """Whoever it is has neither a role nor an invitation any more."""
        self.roles.pop(identity, None)
        self.invited.pop(identity, None)

    def invite(self, user: User) -> bool:
        """Whether the user was not yet. Raises Refused `too-many`."""
        if user.identity in self.invited:
            return False
        if len(self.invited) >= limits.INVITATIONS:
            raise Refused(
                "too-many",
                f"{limits.INVITATIONS} people are invited and have not come; there can be no more",
            )
        self.invited[user.identity] = user.name
        return True

    def passes(self, was: str, now: str) -> bool:
        """Somebody has another identity from now on, and all that goes with it. Whether there was
        anything."""
        role, invited = self.roles.pop(was, None), self.invited.pop(was, None)
        if role is not None:
            self.roles[now] = role
        if invited is not None:
            self.invited[now] = invited
        meant = (self.bans.passes(was, now), self.mutes.passes(was, now))
        return role is not None or invited is not None or any(meant)

    def forget_guests(self, besides: Iterable[User]) -> None:
        """Those who were not to be found again after a restart."""
        here = {user.identity for user in besides}
        self.roles = {
            identity: role
            for identity, role in self.roles.items()
            if identity[0] != "#" or identity in here
        }

    def left_by(self, user: User) -> bool:
        """A guest's role is of one stay. True if that changes anything."""
        return not user.verified and self.roles.pop(user.identity, None) is not None


class Conduct:
    """Of the Hall: who its operators are, and who is banned and muted everywhere."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        """Raises RegistryError."""
        known = _KeptConduct()
        self.granted: set[str] = set()
        """Names by key: whoever owns one is an operator."""
        for fact in facts:
            if fact.bucket == "hall" and fact.body is not None:
                if fact.key == _SANCTIONS:
                    known = fact.read(_KeptConduct)
                elif fact.key.startswith(_OPERATOR):
                    self.granted.add(fact.key.removeprefix(_OPERATOR))
        self.bans = Sanctions(known.bans)
        self.mutes = Sanctions(known.mutes)

    def fact(self, now: int) -> Fact:
        kept = _KeptConduct(bans=self.bans.standing(now), mutes=self.mutes.standing(now))
        return Fact("hall", _SANCTIONS, encode(kept))


_SANCTIONS = "sanctions"
_OPERATOR = "operator:"


def grant(name: str) -> Fact:
    """Whoever owns the name is an operator of the Hall."""
    return Fact("hall", _OPERATOR + names.fold(name), encode(name))


def revoke(name: str) -> Fact:
    return Fact("hall", _OPERATOR + names.fold(name), None)


def charters(facts: Iterable[Fact]) -> dict[str, Charter]:
    """Those that are kept, by the rooms' keys. Raises RegistryError."""
    return {
        fact.key: Charter(fact) for fact in facts if fact.bucket == "room" and fact.body is not None
    }
