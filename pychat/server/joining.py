"""`join`: no event between the head that `joined` tells and the first that comes live is missed."""

from pychat.protocol import commands, names, replies
from pychat.protocol import limits as wire
from pychat.protocol.errors import Refused
from pychat.server import limits, rights
from pychat.server.backplane.interface import Delta, DeltaQuery, Page, PageQuery
from pychat.server.charter import DEFAULTS, Charter
from pychat.server.effects import Effects, Noted, ReadDelta, ReadPage, Remember, Reply
from pychat.server.hall import Hall
from pychat.server.moderation import audit
from pychat.server.reading import above, read_upto
from pychat.server.room import Room
from pychat.server.user import User


def join(hall: Hall, user: User, command: commands.Join) -> Effects:
    """The room's events are held back from this moment until `joined` is sent."""
    if command.room.startswith("@"):
        room: Room = hall.directs.join(user, command.room)
        effects: Effects = [Remember(user.session())] if room.is_durable else []
    else:
        room, effects = _enter(hall, user, command.room)
    if room.hears(user.connection):
        raise Refused("already-in-room", f"you are in the room {room.name!r} already")
    room.held[user.connection] = []
    return [*effects, *_read_log(hall, user, room, command)]


def _enter(hall: Hall, user: User, name: str) -> tuple[Room, Effects]:
    if (known := user.rooms.get(names.fold(name))) is not None:
        return known, []
    if sum(not room.is_direct for room in user.rooms.values()) >= limits.ROOMS_PER_USER:
        raise Refused("too-many", f"you are in {limits.ROOMS_PER_USER} rooms; leave one first")
    room = hall.find_or_open(name)
    if hall.is_new(room):
        room.charter = Charter()
        room.charter.appoint(user.identity, "owner")
        effects: Effects = [hall.keep_charter(room)]
    else:
        rights.check_entry(hall, user, room, name)
        by_power = rights.enters_by_power(hall, user, room)
        effects = [audit(hall, user, "enter", room, None)] if by_power else []
        if room.charter.invited.pop(user.identity, None) is not None:
            effects.append(hall.keep_charter(room))
    is_new = room.admit(user, hall.head_of(room))
    effects.append(Remember(user.session()))
    if is_new:
        room.presence.joined(user, room.member(user))
        effects += [Noted("joined", user.name, room.name), *hall.tell_presence(room)]
    return room, effects


def _read_log(hall: Hall, user: User, room: Room, command: commands.Join) -> Effects:
    """What was missed if that can be told whole, else the newest page."""
    peer, head, floor = user.connection, room.head, rights.floor(hall, user, room)
    newest = PageQuery(
        room=room.name, upto=head, limit=command.limit, budget=limits.PAGE_BUDGET_BYTES
    )

    def read_page(missed: int) -> Effects:
        def with_page(page: Page) -> Effects:
            return _joined(hall, user, room, head, command, above(page, floor), missed)

        return [ReadPage(peer, command.id, newest, with_page)]

    if command.after is None or command.after < floor:
        return read_page(missed=0)
    same_log = command.epoch is None or command.epoch == hall.epoch
    recoverable = same_log and command.after <= head
    since = DeltaQuery(
        room=room.name,
        after=command.after,
        upto=head,
        max_events=wire.DELTA_EVENTS if recoverable else 0,
        budget=limits.DELTA_BUDGET_BYTES,
    )

    def with_delta(delta: Delta) -> Effects:
        if recoverable and delta.events is not None:
            return _joined(hall, user, room, head, command, delta, delta.missed)
        return read_page(delta.missed)

    return [ReadDelta(peer, command.id, since, with_delta)]


def _joined(
    hall: Hall,
    user: User,
    room: Room,
    head: int,
    command: commands.Join,
    found: Page | Delta,
    missed: int,
) -> Effects:
    """`joined`, then what was said since its head: the connection is in the audience now."""
    peer = user.connection
    if peer not in room.held:
        text = f"you were sent out of the room {room.name!r} while you were coming in"
        return [Reply(peer, replies.error("not-in-room", text, command.id))]
    settings = room.charter.settings
    members, _ = room.page_of_members(None, wire.JOINED_MEMBERS)
    joined = replies.Joined(
        id=command.id,
        room=room.name,
        topic=room.topic,
        members=members,
        count=len(room.members),
        seq=head,
        read=read_upto(hall, user, room, head),
        settings=settings if settings != DEFAULTS else None,
        recovered=isinstance(found, Delta),
        missed=missed,
        more=found.more_before if isinstance(found, Page) else (command.after or 0) > found.floor,
        events=found.events if isinstance(found, Delta) else None,
        messages=found.messages if isinstance(found, Page) else None,
    )
    held = room.held.pop(peer)
    room.audience[peer] = None
    return [Reply(peer, joined), *(Reply(peer, event) for event in held)]
