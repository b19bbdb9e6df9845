"""User: one person in the Hall, who outlives a broken connection for a while."""

from typing import TYPE_CHECKING

from pychat.protocol import names
from pychat.protocol.replies import Member

if TYPE_CHECKING:
    from pychat.server.effects import Peer
    from pychat.server.room import Room


class User:
    """Somebody with a name. Called `new` until they take one."""

    __slots__ = ("away", "key", "name", "peer", "rooms", "skeleton", "token", "typed_at")

    def __init__(self, name: str, peer: "Peer", token: str) -> None:
        self.call(name)
        self.peer: Peer | None = peer
        """The connection; None while the user lingers."""
        self.token = token
        """What takes this session over, once."""
        self.away = False
        """As the user said; who lingers is away in any case."""
        self.rooms: dict[str, Room] = {}
        """By key; where the user is a member, whether this connection has joined again or not."""
        self.typed_at: dict[str, float] = {}
        """When typing was last passed on, by the room's key; monotonic seconds."""

    def call(self, name: str) -> None:
        self.name = name
        self.key = names.fold(name)
        self.skeleton = names.skeleton(name)

    @property
    def connection(self) -> "Peer":
        """Of a user who has one, as everybody has whose command is being handled."""
        assert self.peer is not None
        return self.peer

    def member(self) -> Member:
        """The user as others see them."""
        return Member(name=self.name, away=self.away or self.peer is None)
