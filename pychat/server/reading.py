"""`history`, `search` and `read`: only rooms that the asker is in exist for them, and of those
that show newcomers nothing of before them, only what came after.
"""

import msgspec

from pychat.protocol import commands, events, replies
from pychat.protocol.errors import Refused
from pychat.server import limits, rights
from pychat.server.backplane.interface import Found, Page, PageQuery, SearchQuery
from pychat.server.effects import Effects, ReadFound, ReadPage, Reply
from pychat.server.hall import Hall
from pychat.server.room import Room
from pychat.server.user import User


def above(page: Page, floor: int) -> Page:
    """Of the page what lies after a position."""
    shown = [message for message in page.messages if message.seq > floor]
    if len(shown) == len(page.messages):
        return page
    return Page(messages=shown, more_before=False, more_after=page.more_after)


def history(hall: Hall, user: User, command: commands.History) -> Effects:
    room = hall.find_joined(user, command.room)
    positions = (command.before, command.after, command.around)
    if sum(position is not None for position in positions) > 1:
        raise Refused("bad-request", "give one of `before`, `after` and `around` - at `$`")
    query = PageQuery(
        room=room.name,
        upto=room.head,
        before=command.before,
        after=command.after,
        around=command.around,
        limit=command.limit,
        budget=limits.PAGE_BUDGET_BYTES,
    )

    floor = rights.floor(hall, user, room)

    def answer(found: Page) -> Effects:
        page = above(found, floor)
        reply = replies.History(
            id=command.id,
            room=room.name,
            messages=page.messages,
            more_before=page.more_before,
            more_after=page.more_after,
        )
        return [Reply(user.connection, reply)]

    return [ReadPage(user.connection, command.id, query, answer)]


def search(hall: Hall, user: User, command: commands.Search) -> Effects:
    if len(command.text) > limits.SEARCH_CHARS:
        raise Refused(
            "bad-request",
            f"a search has at most {limits.SEARCH_CHARS} characters, this one has "
            f"{len(command.text)} - at `$.text`",
        )
    if command.room is not None:
        room = hall.find_joined(user, command.room)
        if not room.is_durable:
            raise Refused("not-allowed", "what is said to or by a guest alone cannot be searched")
        rooms = [room]
    else:
        rooms = [room for room in user.rooms.values() if room.is_durable]
    floors = {room.name: rights.floor(hall, user, room) for room in rooms}
    query = SearchQuery(
        text=command.text,
        rooms=list(floors),
        sender=command.sender,
        before=command.before,
        limit=command.limit,
        budget=limits.PAGE_BUDGET_BYTES,
    )

    def answer(found: Found) -> Effects:
        shown = [each for each in found.messages if each.seq > floors.get(each.room, 0)]
        if found.more and not shown:
            return ask(msgspec.structs.replace(query, before=found.messages[-1].time))
        reply = replies.Found(id=command.id, messages=shown, more=found.more)
        return [Reply(user.connection, reply)]

    def ask(query: SearchQuery) -> Effects:
        return [ReadFound(user.connection, command.id, query, answer)]

    return ask(query)


def read(hall: Hall, user: User, command: commands.Read) -> Effects:
    """A marker moves forward only, and to no place where nothing is yet."""
    room = hall.find_joined(user, command.room)
    seq = min(command.seq, hall.head_of(room))
    return [
        Reply(user.connection, replies.Ok(id=command.id)),
        *_read_on(hall, user, room, seq),
    ]


def _read_on(hall: Hall, user: User, room: Room, seq: int) -> Effects:
    """An owner's other sessions are told."""
    if user.owner is None:
        if seq > user.read.get(room.key, 0):
            user.read[room.key] = seq
            hall.keep_later(user)
        return []
    if not hall.markers.move(user.owner, room.key, seq):
        return []
    event = events.Read(room=room.name, seq=seq)
    sessions = (each for each in user.party.users if each is not user)
    return [Reply(each.peer, event) for each in sessions if each.peer in room.audience]


def read_upto(hall: Hall, user: User, room: Room, head: int) -> int | None:
    """In a log that ends there."""
    read = user.read if user.owner is None else hall.markers.of(user.owner)
    return min(read.get(room.key, 0), head) or None
