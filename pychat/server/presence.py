"""Who comes and goes in one room: told at once while little happens, else once a second."""

import msgspec

from pychat.protocol.events import Change, Parting, Presence
from pychat.protocol.limits import LISTED_MEMBERS
from pychat.protocol.replies import Member
from pychat.server import limits
from pychat.server.user import Party, User


class _Net(msgspec.Struct):
    """What became of one person since the room was last told."""

    known_as: str | None
    """The name under which the room knows them; None: as no member."""
    now: Member | None = None
    reason: str = ""
    seen_as: set[str] = set()
    """Names under which some have seen them meanwhile, and which are not theirs now."""
    since: int = 0
    """What `_looks` was when `now` became so."""


class PresenceGatherer:
    """Changes of one room's membership, netted: who comes and goes within a gap is not told.

    But whoever looks at the members in the gap sees them as they are at that moment, and has to
    be told what became of these as well.
    """

    __slots__ = ("_looks", "_net", "_told", "_window")

    def __init__(self) -> None:
        self._net: dict[Party, _Net] = {}
        self._window = float("-inf")
        """When the current gap began; monotonic seconds."""
        self._told = 0
        """Events told in it."""
        self._looks = 0

    def joined(self, user: User, now: Member) -> None:
        self._update(user, _Net(known_as=None), now)

    def left(self, user: User, reason: str, was: str | None = None) -> None:
        """`was` is the name under which they left, where it is another than theirs now."""
        net = self._update(user, _Net(known_as=was or user.name), None)
        net.reason = reason

    def changed(self, user: User, was: str, now: Member) -> None:
        """`was` is the name before the change, or the same."""
        self._update(user, _Net(known_as=was), now)

    def looked(self) -> None:
        """Somebody has been shown the members as they are now."""
        self._looks += 1

    def _update(self, user: User, fresh: _Net, now: Member | None) -> _Net:
        net = self._net.setdefault(user.party, fresh)
        if net.now is not None and net.since < self._looks:
            net.seen_as.add(net.now.name)
        net.now, net.since = now, self._looks
        return net

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
        nets = [net for net in self._net.values() if net.known_as or net.now or net.seen_as]
        self._net = {}
        size = LISTED_MEMBERS
        return [_event(room, nets[at : at + size]) for at in range(0, len(nets), size)]


def _event(room: str, nets: list[_Net]) -> Presence:
    """To be taken in this order: who left, who changed, who joined. A name may be in all three."""
    event = Presence(room=room)
    for net in nets:
        gone = net.seen_as - {net.known_as, net.now.name if net.now else None}
        reason = f"is now {net.now.name}" if net.now else net.reason
        event.left += [Parting(name=name, reason=reason) for name in sorted(gone)]
        if net.known_as is None:
            event.joined += [net.now] if net.now else []
        elif net.now is None:
            event.left.append(Parting(name=net.known_as, reason=net.reason))
        else:
            event.changed.append(Change(name=net.known_as, member=net.now))
    return event
