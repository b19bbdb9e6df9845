"""Who comes and goes in one room: told at once while little happens, else once a second."""

import msgspec

from pychat.protocol.events import Change, Parting, Presence
from pychat.protocol.limits import LISTED_MEMBERS
from pychat.protocol.replies import Member
from pychat.server import limits
from pychat.server.user import User


class _Net(msgspec.Struct):
    """What became of one user since the room was last told."""

    known_as: str | None
    """The name under which the room knows the user; None: as no member."""
    now: Member | None
    reason: str = ""


class PresenceGatherer:
    """Changes of one room's membership, netted: who comes and goes within a gap is not told."""

    __slots__ = ("_net", "_told", "_window")

    def __init__(self) -> None:
        self._net: dict[User, _Net] = {}
        self._window = float("-inf")
        """When the current gap began; monotonic seconds."""
        self._told = 0
        """Events told in it."""

    def joined(self, user: User) -> None:
        net = self._net.setdefault(user, _Net(None, None))
        net.now = user.member()

    def left(self, user: User, reason: str) -> None:
        net = self._net.setdefault(user, _Net(user.name, None))
        net.now, net.reason = None, reason

    def changed(self, user: User, was: str) -> None:
        """`was` is the name before the change, or the same."""
        net = self._net.setdefault(user, _Net(was, None))
        net.now = user.member()

    @property
    def waits(self) -> bool:
        """Whether something is gathered that the room was not told."""
        return bool(self._net)

    def take(self, room: str, now: float) -> list[Presence]:
        """What is to be told at this moment; no event has more members than a page of them."""
        if not self._net:
            return []
        elapsed = now - self._window
        if elapsed < limits.PRESENCE_GAP:
            if self._told >= limits.PRESENCE_BURST:
                return []
            self._told += 1
        else:
            # Straight after a full gap the room is busy still: once a second, not five times.
            busy = self._told >= limits.PRESENCE_BURST and elapsed < 2 * limits.PRESENCE_GAP
            self._window, self._told = now, limits.PRESENCE_BURST if busy else 1
        nets = [net for net in self._net.values() if net.known_as is not None or net.now]
        self._net = {}
        size = LISTED_MEMBERS
        return [_event(room, nets[at : at + size]) for at in range(0, len(nets), size)]


def _event(room: str, nets: list[_Net]) -> Presence:
    event = Presence(room=room)
    for net in nets:
        if net.now is None:
            assert net.known_as is not None
            event.left.append(Parting(name=net.known_as, reason=net.reason))
        elif net.known_as is None:
            event.joined.append(net.now)
        else:
            event.changed.append(Change(name=net.known_as, member=net.now))
    return event
