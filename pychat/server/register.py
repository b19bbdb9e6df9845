"""Register: who is in the Hall, by name, by what the name looks like, and by token.

What names are whose while they are away, the Owners know.
"""

import hashlib
import random
from collections.abc import Callable

from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.bearers import Bearers
from pychat.server.effects import Peer
from pychat.server.owners import Owner, Owners, taken
from pychat.server.user import User

_NEW_IN_ORDER = 10
"""Of those without a name are numbered one after the other."""


class Register:
    """Users, connected and lingering. No two persons have names that are, or look, the same."""

    def __init__(self, new_token: Callable[[], str], owners: Owners) -> None:
        self._new_token = new_token
        self.owners = owners
        self.by_key: dict[str, User] = {}
        """One session of each person."""
        self.sessions: dict[int, User] = {}
        """By id."""
        self._by_look: dict[str, User] = {}
        self._by_token: dict[str, User] = {}
        """By the token's hash."""
        self._bearers = Bearers()
        self.last_id = 0
        """Of all sessions, also those that are over."""

    def enrol(
        self, name: str | None, owner: Owner | None, peer: Peer, now: int
    ) -> tuple[User, str, User | None]:
        """A newcomer, their token, and who was still known by their name until now, if anybody.
        Without a name they are called `new`; `owner` if they have proved that it is theirs.
        Raises Refused."""
        if len(self.sessions) >= limits.USERS:
            raise Refused("too-many", f"the Hall has its {limits.USERS} users; try again later")
        present = self.by_key.get(names.fold(name)) if name is not None and owner else None
        if present is not None:
            if len(present.party.users) >= limits.SESSIONS_PER_PERSON:
                most = limits.SESSIONS_PER_PERSON
                raise Refused("too-many", f"you are here {most} times already; leave once first")
            name = present.name
        elif name is not None:
            self._check_free(name, owner=owner)
        token = self._new_token()
        user = User(self.last_id + 1, name or self._free_name(), peer, _hash(token))
        if owner is not None:
            user.party.owned_since = owner.since
        self.restore(user)
        if owner is not None:
            # Whatever they are called by is the name alone, in all sessions and for good.
            return user, token, None
        return user, token, self._bearers.takes_name(user, None, now)

    def restore(self, user: User) -> None:
        """A session that begins, or that there was before a restart. Of a name that is here, which
        the session has proved as well, it is one more. Raises Refused `name-taken`."""
        present = self.by_key.get(user.key)
        if present is not None and present.verified and user.verified:
            user.party = present.party
            user.party.users.append(user)
        else:
            owner = self.owners.find(user.key) if user.verified else None
            self._check_free(user.name, owner=owner)
            self._know(user)
        self.sessions[user.id] = user
        self.last_id = max(self.last_id, user.id)
        self._by_token.update(dict.fromkeys(_tokens(user), user))
        self._bearers.add(user)

    def find(self, token: str, unconfirmed: Callable[[Peer], bool]) -> User | None:
        """Whose session the token takes over. A used one does if the `welcome` that it was used
        for may be lost: where that connection has ended, `confirm` would have been called else."""
        key = _hash(token)
        user = self._by_token.get(key)
        if user is not None and key == user.spent_hash and user.peer is not None:
            return user if unconfirmed(user.peer) else None
        return user

    def renew(self, user: User, spent: str) -> str:
        """The user's token from now on; `spent` is the one that was just used."""
        for key in _tokens(user):
            del self._by_token[key]
        token = self._new_token()
        user.token_hash, user.spent_hash = _hash(token), _hash(spent)
        self._by_token.update(dict.fromkeys(_tokens(user), user))
        return token

    def confirm(self, user: User) -> None:
        """The user has the new token: the one before is good no more."""
        del self._by_token[user.spent_hash]
        user.spent_hash = ""

    def rename(self, user: User, name: str, now: int) -> User | None:
        """Who was still known by the name until now, if anybody. It is the user's own if they have
        proved that. Raises Refused `name-taken`."""
        owner = self.owners.proved(name, user.proof)
        if user.verified and names.fold(name) == user.key:
            owner = self.owners.find(name)
        self._check_free(name, besides=user, owner=owner)
        user.party.owned_since = owner.since if owner is not None else None
        was = user.key
        self._unknow(user)
        user.call(name)
        self._know(user)
        return self._bearers.takes_name(user, was, now)

    def strike(self, user: User) -> User | None:
        """The session is over; another of the same person, if there is one. Else the name is
        nobody's here."""
        user.party.users.remove(user)
        rest = user.party.users[0] if user.party.users else None
        self._unknow(user)
        if rest is not None:
            self._know(rest)
        self._bearers.remove(user)
        del self.sessions[user.id]
        for key in _tokens(user):
            del self._by_token[key]
        return rest

    def knows(self, session_id: int) -> bool:
        return session_id in self.sessions

    def is_free(self, name: str, besides: User | None = None) -> bool:
        """For somebody who would make it theirs: nobody has it or what looks like it, here or away,
        nor had it a moment ago and is still here."""
        try:
            self._check_free(name, besides=besides)
        except Refused:
            return False
        return not self._bearers.had(names.fold(name))

    def _know(self, user: User) -> None:
        self.by_key[user.key] = user
        self._by_look.update(dict.fromkeys(user.looks, user))

    def _unknow(self, user: User) -> None:
        del self.by_key[user.key]
        for look in user.looks:
            del self._by_look[look]

    def _check_free(
        self, name: str, besides: User | None = None, owner: Owner | None = None
    ) -> None:
        """`owner` is who asks, if the name is known to be theirs."""
        holder = self.by_key.get(names.fold(name))
        if holder is not None and holder is not besides:
            raise taken(name, holder.name)
        for look in names.looks(name):
            holder = self._by_look.get(look)
            if holder is not None and holder is not besides:
                raise taken(name, holder.name)
        absent = self.owners.like(name)
        if absent is not None and absent is not owner:
            raise taken(name, absent.name)

    def _free_name(self) -> str:
        """The first that is free of a few, else one by chance: where a crowd without names is here
        it would take ever longer to find the first. All nodes of a Hall choose the same."""
        if self._is_nobodys("new"):
            return "new"
        for number in range(2, _NEW_IN_ORDER + 1):
            if self._is_nobodys(f"new-{number}"):
                return f"new-{number}"
        most = 2 * len(self.sessions)
        chance = random.Random(self.last_id)  # noqa: S311  # nothing is secret of it
        while not self._is_nobodys(name := f"new-{_NEW_IN_ORDER + chance.randint(1, most)}"):
            most *= 2
        return name

    def _is_nobodys(self, name: str) -> bool:
        return names.looks(name).isdisjoint(self._by_look) and not self.owners.like(name)


def _tokens(user: User) -> list[str]:
    return [key for key in (user.token_hash, user.spent_hash) if key]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
