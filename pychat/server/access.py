"""Access: who may come into the Hall at all. Pure.

First the level of lock-down, which is changed while the Hall is open, then what the configuration
asks for. An invitation stands for a password, a list and being invited, not for the level.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence

import msgspec

from pychat.protocol.codec import encode
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.attempts import Attempts
from pychat.server.backplane.interface import Fact

OPEN, NO_NEWCOMERS, OWNED_NAMES, OPERATORS = range(4)
"""Levels of lock-down: everybody; who owns a name, and who comes back; who owns a name; operators.
Who is in the Hall already stays."""

_LEVEL = "lock-down"

_CLOSED = {
    NO_NEWCOMERS: "the Hall takes no newcomers at this time; come back later",
    OWNED_NAMES: "the Hall is open only to those who own a name at this time; come back later",
    OPERATORS: "the Hall is open only to its operators at this time; come back later",
}


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """As configured. A fresh Hall lets anybody in."""

    password: str | None = None
    """Asked of all but those who were invited."""
    guests: bool = True
    """Whether those may come in who own no name."""
    invite_only: bool = False
    """Whether newcomers need an invitation."""
    allowed_names: frozenset[str] = frozenset()
    """Folded. With these or `allowed_keys` nobody else may come in but who is invited."""
    allowed_keys: frozenset[str] = frozenset()
    """Public keys as `proofs.written` writes them."""

    @property
    def is_open(self) -> bool:
        """Whether newcomers need nothing to get in."""
        listed = self.allowed_names or self.allowed_keys
        return self.password is None and not self.invite_only and not listed


class Entrant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who says `hello`, and what is known of them."""

    name: str
    """Folded; empty if none was given."""
    key: str
    """Proved; or empty."""
    owns: bool
    """The name is theirs."""
    claims: bool
    """The name will be."""
    invited: bool
    """An invitation let them in when they made it theirs."""
    operator: bool
    place: str
    password: str | None
    token: str | None


class Invite(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As it is kept, under its token's hash: who reads the file cannot use it."""

    by: str
    made: int
    """Milliseconds."""
    until: int | None = None
    """None: until it is used up."""
    uses: int = 1


class Gate:
    """The level, the invitations, and who has tried a wrong password too often."""

    def __init__(self, facts: Iterable[Fact], new_token: Callable[[], str]) -> None:
        """Raises RegistryError."""
        self._new_token = new_token
        self.level = OPEN
        self.invites: dict[str, Invite] = {}
        """By the token's hash."""
        self.wrong = Attempts(limits.PASSWORD_ATTEMPTS, limits.ATTEMPTS_TIME)
        """Passwords, by place."""
        for fact in facts:
            if fact.body is None:
                continue
            if fact.bucket == "token":
                self.invites[fact.key] = fact.read(Invite)
            elif (fact.bucket, fact.key) == ("hall", _LEVEL):
                self.level = fact.read(int)

    def set_level(self, level: int) -> Fact:
        self.level = level
        return Fact("hall", _LEVEL, encode(level))

    def invite(
        self, by: str, now: int, *, seconds: int | None = None, uses: int = 1
    ) -> tuple[str, Sequence[Fact]]:
        """The token of a new invitation, and what is to be kept. Raises Refused `too-many`."""
        over = [key for key, each in self.invites.items() if _is_over(each, now)]
        if len(self.invites) - len(over) >= limits.INVITES:
            most = limits.INVITES
            raise Refused("too-many", f"{most} invitations are not used up; there can be no more")
        for key in over:
            del self.invites[key]
        token = self._new_token()
        until = None if seconds is None else now + 1000 * seconds
        made = self.invites[_hash(token)] = Invite(by=by, made=now, until=until, uses=uses)
        return token, [
            *(Fact("token", key, None) for key in over),
            Fact("token", _hash(token), encode(made)),
        ]

    def check_return(self, *, owns: bool, operator: bool) -> None:
        """Of somebody who comes back by their session's token. Raises Refused."""
        needed = OPEN if self.level == NO_NEWCOMERS else self.level
        _check_level(needed, owns=owns, operator=operator)

    def admits(self, access: Access, entrant: Entrant, now: int, monotonic: float) -> str:
        """The invitation that it takes, to be spent; empty if none. Raises Refused."""
        _check_level(self.level, owns=entrant.owns, operator=entrant.operator)
        if not (access.guests or entrant.owns or entrant.claims):
            raise Refused(
                "not-allowed", "the Hall takes no guests: give a name, and the proof of a key"
            )
        if entrant.operator or entrant.invited:
            return ""
        try:
            self._check(access, entrant, monotonic)
        except Refused:
            if not self.holds(entrant.token, now):
                raise
            return _hash(entrant.token or "")
        return ""

    def holds(self, token: str | None, now: int) -> bool:
        """Whether the token is an invitation that can be used."""
        found = self.invites.get(_hash(token)) if token is not None else None
        return found is not None and not _is_over(found, now)

    def spend(self, invite: str) -> list[Fact]:
        """One use of it; what is to be kept of that."""
        found = self.invites.pop(invite)
        if found.uses == 1:
            return [Fact("token", invite, None)]
        rest = self.invites[invite] = msgspec.structs.replace(found, uses=found.uses - 1)
        return [Fact("token", invite, encode(rest))]

    def _check(self, access: Access, entrant: Entrant, now: float) -> None:
        if access.password is not None:
            self._check_password(access.password, entrant, now)
        if access.invite_only and not entrant.owns:
            raise Refused("not-allowed", "the Hall is entered by invitation; ask somebody for one")
        allowed = entrant.name in access.allowed_names or entrant.key in access.allowed_keys
        if (access.allowed_names or access.allowed_keys) and not allowed:
            raise Refused("not-allowed", "you are not on the list of those whom the Hall lets in")

    def _check_password(self, password: str, entrant: Entrant, now: float) -> None:
        wait = self.wrong.wait(entrant.place, now)
        given = hashlib.sha256((entrant.password or "").encode()).digest()
        right = hmac.compare_digest(given, hashlib.sha256(password.encode()).digest())
        if wait:
            text = "too many wrong passwords came from your address; try again later"
            raise Refused("rate-limited", text, round(1000 * wait))
        if right:
            return
        if entrant.password is None:
            raise Refused("wrong-password", "the Hall is entered with its password; give it")
        self.wrong.count(entrant.place, now)
        raise Refused("wrong-password", "this is not the Hall's password")


def _check_level(level: int, *, owns: bool, operator: bool) -> None:
    if level == OPEN or operator or (owns and level < OPERATORS):
        return
    raise Refused("not-allowed", _CLOSED[level])


def _is_over(invite: Invite, now: int) -> bool:
    return invite.until is not None and invite.until <= now


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
