"""Register: who is in the Hall, by name, by what the name looks like, and by token."""

import hashlib
from collections.abc import Callable

from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.bearers import Bearers
from pychat.server.effects import Peer
from pychat.server.user import User


class Register:
    """Users, connected and lingering. No two have names that are, or look, the same."""

    def __init__(self, new_token: Callable[[], str]) -> None:
        self._new_token = new_token
        self.by_key: dict[str, User] = {}
        self._by_look: dict[str, User] = {}
        self._by_token: dict[str, User] = {}
        """By the token's hash."""
        self._bearers = Bearers()
        self._last_id = 0

    def enrol(self, name: str | None, peer: Peer, now: int) -> tuple[User, str, User | None]:
        """A newcomer, their token, and who was still known by their name until now, if anybody.
        Without a name they are called `new`. Raises Refused."""
        if len(self.by_key) >= limits.USERS:
            raise Refused("too-many", f"the Hall has its {limits.USERS} users; try again later")
        if name is not None:
            self._check_free(name)
        token = self._new_token()
        user = User(self._last_id + 1, name or self._free_name(), peer, _hash(token))
        self.restore(user)
        return user, token, self._bearers.takes_name(user, None, now)

    def restore(self, user: User) -> None:
        """Somebody who was in the Hall before its restart."""
        self._last_id = max(self._last_id, user.id)
        self._know(user)
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
        """Who was still known by the name until now, if anybody. Raises Refused `name-taken`."""
        self._check_free(name, besides=user)
        was = user.key
        self._unknow(user)
        user.call(name)
        self._know(user)
        return self._bearers.takes_name(user, was, now)

    def strike(self, user: User) -> None:
        """The user is gone; name and token are nobody's."""
        self._unknow(user)
        self._bearers.remove(user)
        for key in _tokens(user):
            del self._by_token[key]

    def _know(self, user: User) -> None:
        self.by_key[user.key] = user
        self._by_look.update(dict.fromkeys(user.looks, user))

    def _unknow(self, user: User) -> None:
        del self.by_key[user.key]
        for look in user.looks:
            del self._by_look[look]

    def _check_free(self, name: str, besides: User | None = None) -> None:
        holder = self.by_key.get(names.fold(name))
        if holder is not None and holder is not besides:
            raise Refused("name-taken", f"the name {name!r} is taken; choose another")
        for look in names.looks(name):
            holder = self._by_look.get(look)
            if holder is not None and holder is not besides:
                text = f"the name {name!r} looks like {holder.name!r}, which is taken"
                raise Refused("name-taken", f"{text}; choose another")

    def _free_name(self) -> str:
        number, name = 1, "new"
        while not names.looks(name).isdisjoint(self._by_look):
            number += 1
            name = f"new-{number}"
        return name


def _tokens(user: User) -> list[str]:
    return [key for key in (user.token_hash, user.spent_hash) if key]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
