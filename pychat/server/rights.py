"""Who may do what in which room: one table, and the questions to it. Pure.

RIGHTS says which rank an act takes in a room of each kind. A rank has the rights of those below
it, with one exception: to hear and to be heard (`says`) one has to be in the room, whoever one is.
Besides, by a room's settings its topic may take an operator; who is muted says nothing; and to
delete what others said takes a name that is proved to be one's own, since it cannot be undone.

What one may not see does not exist: it is `no-such-room`, as is a room that is not there. What one
sees and is not in is `not-in-room`, all else `not-allowed`.
"""

from enum import IntEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

from pychat.protocol import limits, names
from pychat.protocol.errors import Refused
from pychat.server.room import Room
from pychat.server.sanctions import Sanction, Sanctions, who
from pychat.server.user import User

if TYPE_CHECKING:
    from pychat.server.hall import Hall

Act = Literal[
    "see",
    "join",
    "read",
    "say",
    "topic",
    "invite",
    "delete",
    "kick",
    "ban",
    "mute",
    "role",
    "settings",
]


class Rank(IntEnum):
    OUTSIDER = 0
    """Somebody in the Hall who is not in the room."""
    INVITED = 1
    """The same, who may come in."""
    MEMBER = 2
    OPERATOR = 3
    OWNER = 4
    HALL = 5
    """An operator of the Hall, in the room or not."""
    NOBODY = 6


class Right(NamedTuple):
    """The least rank for an act, by the kind of room."""

    public: Rank
    unlisted: Rank
    locked: Rank
    direct: Rank


OUTSIDER, INVITED, MEMBER, OPERATOR, OWNER, HALL, NOBODY = Rank

RIGHTS: dict[Act, Right] = {
    # That there is such a room: it is in `rooms`.
    "see": Right(OUTSIDER, INVITED, INVITED, MEMBER),
    "join": Right(OUTSIDER, OUTSIDER, INVITED, MEMBER),
    # `history`, `search`, `members`, `read`, `leave`; for those in the room only.
    "read": Right(MEMBER, MEMBER, MEMBER, MEMBER),
    # `send`, `edit` and `delete` of one's own, `react`, `typing`; for those in the room only.
    "say": Right(MEMBER, MEMBER, MEMBER, MEMBER),
    # For those in the room only.
    "topic": Right(MEMBER, MEMBER, MEMBER, NOBODY),
    "invite": Right(MEMBER, MEMBER, OPERATOR, NOBODY),
    # Of what others said, but never of those of an equal or higher rank; for those in the room
    # only whose name is proved to be theirs.
    "delete": Right(OPERATOR, OPERATOR, OPERATOR, NOBODY),
    # Never against an equal or higher rank. `bans` takes what `ban` takes, and so on.
    "kick": Right(OPERATOR, OPERATOR, OPERATOR, NOBODY),
    "ban": Right(OPERATOR, OPERATOR, OPERATOR, NOBODY),
    "mute": Right(OPERATOR, OPERATOR, OPERATOR, NOBODY),
    "role": Right(OWNER, OWNER, OWNER, NOBODY),
    "settings": Right(OWNER, OWNER, OWNER, NOBODY),
}

_WHO = {
    MEMBER: "its members",
    OPERATOR: "its operators",
    OWNER: "its owners",
}

_RANKS = {"owner": OWNER, "operator": OPERATOR, "member": MEMBER}


def is_hall_operator(hall: "Hall", user: User) -> bool:
    """A name that nobody has proved to be theirs gives no power."""
    return user.verified and names_hall_operator(hall, user.key)


def names_hall_operator(hall: "Hall", key: str) -> bool:
    return key in hall.config.operators or key in hall.conduct.granted


def rank(hall: "Hall", user: User, room: Room) -> Rank:
    if is_hall_operator(hall, user):
        return HALL
    charter = room.charter
    role = charter.role_of(user)
    if role != "member":
        return _RANKS[role]
    if user.party.within(room) is not None:
        return MEMBER
    return INVITED if user.identity in charter.invited else OUTSIDER


def rank_of_absent(hall: "Hall", key: str, room: Room) -> Rank:
    """Of whoever owns that name."""
    role = room.charter.roles.get(key)
    return max(rank_in_hall(hall, key, None), OUTSIDER if role is None else _RANKS[role])


def rank_in_hall(hall: "Hall", key: str, user: User | None) -> Rank:
    """Of somebody outside of all rooms; of whoever owns the name, where nobody has it now."""
    if user is None:
        return HALL if names_hall_operator(hall, key) else OUTSIDER
    return HALL if is_hall_operator(hall, user) else OUTSIDER


def least(room: Room, act: Act) -> Rank:
    right = RIGHTS[act]
    if room.is_direct:
        return right.direct
    settings = room.charter.settings
    if act == "topic" and settings.topic == "operator":
        return OPERATOR
    rank: Rank = getattr(right, settings.kind)
    return rank


def may(hall: "Hall", user: User, room: Room, act: Act) -> bool:
    return rank(hall, user, room) >= least(room, act)


def no_such_room(name: str) -> Refused:
    """The same for a room that is not there and for one that is not to be seen."""
    return Refused("no-such-room", f"there is no room {name[: limits.ROOM_CHARS]!r}")


def find(hall: "Hall", user: User, name: str) -> Room:
    """A room that the user sees. Raises Refused `no-such-room`."""
    if name.startswith("@"):
        return hall.directs.find(user, name)
    room = hall.rooms.get(names.fold(name))
    if room is None or not may(hall, user, room, "see"):
        raise no_such_room(name)
    return room


def allowed(hall: "Hall", user: User, name: str, act: Act) -> Room:
    """The room in which the user may do that. Raises Refused `no-such-room`, `not-in-room`,
    `not-allowed`."""
    room = find(hall, user, name)
    needed = least(room, act)
    if rank(hall, user, room) >= needed:
        return room
    if room.key not in user.rooms:
        raise not_in(room)
    if room.is_direct:
        raise Refused("not-allowed", "in a room of two neither has any power over the other")
    raise Refused("not-allowed", f"in {room.name!r} that is for {_WHO[needed]}; ask one of them")


def not_in(room: Room) -> Refused:
    return Refused("not-in-room", f"you are not in the room {room.name!r}; join it first")


def floor(hall: "Hall", user: User, room: Room) -> int:
    """The `seq` up to which the user may read nothing; 0 where all may be read."""
    if room.charter.settings.history or rank(hall, user, room) >= OPERATOR:
        return 0
    return user.since.get(room.key, 0)


def means(hall: "Hall", sanctions: Sanctions, user: User, room: Room) -> Sanction | None:
    """The ban or mute that means the user. Those with a role only one means that was imposed on
    them by themselves: nobody bans an owner by banning what looks like the name."""
    now = hall.clock.wall()
    found = sanctions.against(who(user), now) if sanctions.by_name else None
    if found is None:
        return None
    theirs = rank(hall, user, room)
    if theirs == HALL or (theirs >= OPERATOR and found.identity != user.identity):
        return None
    return found


def check_entry(hall: "Hall", user: User, room: Room, asked: str) -> None:
    """Raises Refused `no-such-room`, `not-allowed`."""
    if not may(hall, user, room, "join"):
        raise no_such_room(asked)
    ban = means(hall, room.charter.bans, user, room)
    if ban is not None:
        words = ban.words(hall.clock.wall())
        raise Refused("not-allowed", f"you are banned from {room.name!r} {words}")


def enters_by_power(hall: "Hall", user: User, room: Room) -> bool:
    """Whether only being an operator of the Hall opens the room to the user."""
    charter = room.charter
    shut = charter.settings.kind == "locked" and user.party.within(room) is None
    return shut and not (charter.role_of(user) != "member" or user.identity in charter.invited)
