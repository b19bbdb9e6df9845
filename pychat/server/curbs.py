"""What keeps a member from saying something for a while: a mute, and a room's slow mode. Pure."""

from math import ceil

from pychat.protocol.errors import Refused
from pychat.server import limits, rights
from pychat.server.hall import Hall
from pychat.server.room import Room
from pychat.server.sanctions import who
from pychat.server.user import User


def check_curbs(hall: Hall, user: User, room: Room) -> None:
    """Raises Refused `not-allowed` of who is muted there or in the Hall."""
    if not (room.charter.mutes or hall.conduct.mutes):
        return
    now = hall.clock.wall()
    mute, where = room.charter.mutes.against(who(user), now), f"in {room.name!r}"
    if mute is None:
        mute, where = hall.conduct.mutes.against(who(user), now), "in this Hall"
    if mute is not None and rights.rank(hall, user, room) < rights.HALL:
        raise Refused("not-allowed", f"you are muted {where} {mute.words(now)}")


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
