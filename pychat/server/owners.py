"""Owners: whose each name is, also while they are away. Pure.

The first who takes a free name and proves a key owns it. A name is compared by its key and by what
it looks like, so that nobody can be taken for an owner who is away.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from pychat.protocol import names, replies
from pychat.protocol.codec import encode
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.backplane.interface import Fact

_NOBODYS = re.compile(r"new(-[0-9]+)?\Z")
"""What those are called who give no name."""


OwnerId = tuple[str, int]
"""Who owns a name, for good: its key and since when, in milliseconds. Whoever has the name after
them, since what is known of owners was lost, is another."""


class Owner(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Of one name, as it is kept."""

    name: str
    since: int
    """Milliseconds."""
    keys: list[replies.Key] = []
    passphrase: str = ""
    """As `passphrases` writes it; empty: it is no way in."""
    invited: bool = False
    """Whether an invitation let them into the Hall: they need no password then."""

    @property
    def id(self) -> OwnerId:
        return names.fold(self.name), self.since

    def has(self, key: str) -> bool:
        return any(each.key == key for each in self.keys)

    def used(self, key: str, now: int) -> bool:
        """They have come by that key; whether it is worth keeping when."""
        for each in self.keys:
            if each.key == key and now >= each.used + limits.KEY_USED_AGAIN:
                each.used = now
                return True
        return False

    def fact(self) -> Fact:
        return Fact("owner", names.fold(self.name), encode(self))


class Owners:
    """All that there are, in memory as they are on disk."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        """Raises RegistryError."""
        self._by_key: dict[str, Owner] = {}
        self._by_look: dict[str, Owner] = {}
        self._names: Counter[str] = Counter()
        """How many a key has."""
        for fact in facts:
            if fact.bucket == "owner" and fact.body is not None:
                self._add(fact.read(Owner))

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Owner]:
        return iter(self._by_key.values())

    def find(self, name: str) -> Owner | None:
        return self._by_key.get(names.fold(name))

    def proved(self, name: str, key: str) -> Owner | None:
        """Who owns the name and has the key."""
        owner = self.find(name)
        return owner if key and owner is not None and owner.has(key) else None

    def like(self, name: str) -> Owner | None:
        """Who owns the name, or one that looks like it."""
        owner = self.find(name)
        if owner is not None:
            return owner
        found = (self._by_look.get(look) for look in sorted(names.looks(name)))
        return next(filter(None, found), None)

    def may_claim(self, name: str, key: str) -> bool:
        """Whether a free name may become that key's."""
        return (
            bool(key)
            and self._names[key] < limits.NAMES_PER_KEY
            and len(self) < limits.OWNED_NAMES
            and _NOBODYS.match(names.fold(name)) is None
        )

    def claim(self, name: str, key: str, now: int, *, invited: bool) -> Owner:
        """The name, which is free, is this key's from now on."""
        first = replies.Key(key=key, label="", added=now, used=now)
        owner = Owner(name=name, since=now, keys=[first], invited=invited)
        self._add(owner)
        return owner

    def add_key(self, owner: Owner, key: str, label: str, now: int) -> None:
        """Raises Refused."""
        if owner.has(key):
            raise Refused("not-allowed", "this key is one of the name's already; `keys` tells all")
        if len(owner.keys) >= limits.KEYS_PER_NAME:
            most = limits.KEYS_PER_NAME
            raise Refused("too-many", f"a name has at most {most} keys; revoke one first")
        if self._names[key] >= limits.NAMES_PER_KEY:
            most = limits.NAMES_PER_KEY
            raise Refused("too-many", f"that key has {most} names already, and can have no more")
        owner.keys.append(replies.Key(key=key, label=label, added=now, used=0))
        self._names[key] += 1

    def revoke_key(self, owner: Owner, key: str) -> None:
        """Raises Refused."""
        rest = [each for each in owner.keys if each.key != key]
        if len(rest) == len(owner.keys):
            raise Refused("not-allowed", "this key is none of the name's; `keys` tells which are")
        if not rest and not owner.passphrase:
            raise Refused(
                "not-allowed",
                "this key is the only way to the name; add another or set a passphrase first",
            )
        owner.keys = rest
        self._names[key] -= 1
        if not self._names[key]:
            del self._names[key]

    def set_passphrase(self, owner: Owner, stored: str) -> None:
        """Empty takes it away. Raises Refused."""
        if not stored and not owner.keys:
            raise Refused(
                "not-allowed", "the passphrase is the only way to the name; add a key first"
            )
        owner.passphrase = stored

    def _add(self, owner: Owner) -> None:
        self._by_key[names.fold(owner.name)] = owner
        self._by_look.update(dict.fromkeys(names.looks(owner.name), owner))
        self._names.update(each.key for each in owner.keys)


def taken(name: str, holder: str) -> Refused:
    """The same whether the holder is here or away."""
    if names.fold(name) == names.fold(holder):
        return Refused("name-taken", f"the name {name!r} is taken; choose another")
    return Refused(
        "name-taken", f"the name {name!r} looks like {holder!r}, which is taken; choose another"
    )
