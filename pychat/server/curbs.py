"""What keeps a member from saying something for a while: a mute, and a room's slow mode. Pure."""

from math import ceil

from pychat.protocol.errors import Refused
from pychat.server import limits, rights
from pychat.server.hall import Hall
from pychat.server.room import Room
from pychat.server.sanctions import Sanction
from pychat.server.user import User


def mute_of(hall: Hall, user: User, room: Room) -> tuple[Sanction, str] | None:
    """The one by which the user may say nothing there, and where it holds."""
    mute = rights.means(hall, room.charter.mutes, user, room)
    if mute is not None:
        return mute, f"in {room.name!r}"
    mute = rights.means(hall, hall.conduct.mutes, user, room)
    return (mute, "in this Hall") if mute is not None else None


def check_curbs(hall: Hall, user: User, room: Room) -> None:
    """Raises Refused `not-allowed` of who is muted there or in the Hall."""
    found = mute_of(hall, user, room)
    if found is not None:
        mute, where = found
        raise Refused("not-allowed", f"you are muted {where} {mute.words(hall.clock.wall())}")


def check_pace(hall: Hall, user: User, room: Room) -> None:
    """Count something said, in a slow room. Raises Refused `rate-limited`."""
    slow = room.charter.settings.slow
    if not slow or rights.rank(hall, user, room) >= rights.OPERATOR:
        return
    now, who = hall.clock.monotonic(), user.identity
    last = room.spoke.get(who)
    if last is not None and now < last + slow:
        left = last + slow - now
        raise Refused(
            "rate-limited",
            f"{room.name!r} is slow, one message in {slow} s: you may write again in "
            f"{ceil(left)} s",
            retry_after=ceil(1000 * left),
        )
    room.spoke.pop(who, None)
    room.spoke[who] = now
    if len(room.spoke) > limits.SLOW_SPEAKERS:
        del room.spoke[next(iter(room.spoke))]
