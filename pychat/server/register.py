"""Register: who is in the Hall, by name, by what the name looks like, and by token."""

import hashlib
from collections.abc import Callable

from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.server import limits
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
        self._last_id = 0

    def enrol(self, name: str | None, peer: Peer) -> tuple[User, str]:
        """A newcomer, and their token. Without a name they are called `new`. Raises Refused."""
        if len(self.by_key) >= limits.USERS:
            raise Refused("too-many", f"the Hall has its {limits.USERS} users; try again later")
        if name is not None:
            self._check_free(name)
        token = self._new_token()
        user = User(self._last_id + 1, name or self._free_name(), peer, _hash(token))
        self.restore(user)
        return user, token

    def restore(self, user: User) -> None:
        """Somebody who was in the Hall before its restart."""
        self._last_id = max(self._last_id, user.id)
        self._know(user)
        self._by_token[user.token_hash] = user

    def find(self, token: str) -> User | None:
        return self._by_token.get(_hash(token))

    def renew(self, user: User) -> str:
        """The user's token from now on, in place of the one before."""
        del self._by_token[user.token_hash]
        token = self._new_token()
        user.token_hash = _hash(token)
        self._by_token[user.token_hash] = user
        return token

    def rename(self, user: User, name: str) -> None:
        """Raises Refused `name-taken`."""
        self._check_free(name, besides=user)
        self._unknow(user)
        user.call(name)
        self._know(user)

    def strike(self, user: User) -> None:
        """The user is gone; name and token are nobody's."""
        self._unknow(user)
        del self._by_token[user.token_hash]

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


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
