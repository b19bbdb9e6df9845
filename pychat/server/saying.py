"""The durable commands: each becomes an event for the Ledger, and is answered when that has it."""

from functools import partial
from typing import TypedDict

from pychat.protocol import commands, events, names, replies, text
from pychat.protocol.errors import Refused
from pychat.server import limits, rights
from pychat.server.backplane.interface import MODERATOR, Bearing, Page, PageQuery, Person
from pychat.server.curbs import check_curbs, check_pace
from pychat.server.effects import Append, Effects, ReadPage, Reply
from pychat.server.hall import Hall
from pychat.server.moderation import audit
from pychat.server.room import Room
from pychat.server.user import User


def send(hall: Hall, user: User, command: commands.Send) -> Effects:
    room = hall.find_joined(user, command.room)
    said = text.check_text(command.text)
    if room.charter.curbs or hall.conduct.mutes.by_name:
        check_curbs(hall, user, room)
        check_pace(hall, user, room)
    event = events.Message(
        room=room.name,
        seq=0,
        prev=0,
        time=0,
        sender=user.name,
        nonce=command.nonce,
        text=said,
        reply_to=command.reply_to,
        mentions=room.named_in(said, user),
    )
    return _append(event, room, user, command)


def edit(hall: Hall, user: User, command: commands.Edit) -> Effects:
    room = hall.find_joined(user, command.room)
    said = text.check_text(command.text)
    check_curbs(hall, user, room)
    fields = _unnumbered(room, user, command)
    event = events.Edited(
        **fields, target=command.target, text=said, mentions=room.named_in(said, user)
    )
    return _append(event, room, user, command)


def delete(hall: Hall, user: User, command: commands.Delete) -> Effects:
    room = hall.find_joined(user, command.room)
    if room.is_direct or not user.verified or not rights.may(hall, user, room, "delete"):
        return _delete(room, user, command)
    # Whose it is, is looked up: an operator may delete what those said who have less to say.
    query = PageQuery(
        room=room.name,
        upto=room.head,
        around=command.target,
        limit=1,
        budget=limits.PAGE_BUDGET_BYTES,
    )
    return [
        ReadPage(user.connection, command.id, query, partial(_delete_found, hall, user, command))
    ]


def _delete_found(hall: Hall, user: User, command: commands.Delete, page: Page) -> Effects:
    """Rights are those of this moment."""
    try:
        room = hall.find_joined(user, command.room)
        found = next((each for each in page.messages if each.seq == command.target), None)
        if found is None or found.deleted or _is_by(user, found):
            return _delete(room, user, command)
        key = names.fold(found.sender)
        sender = room.members.get(key)
        theirs = (
            rights.rank(hall, sender, room)
            if sender is not None
            else rights.rank_of_absent(hall, key, room)
        )
        if not rights.may(hall, user, room, "delete") or theirs >= rights.rank(hall, user, room):
            return _delete(room, user, command)
    except Refused as refusal:
        error = replies.error(refusal.code, refusal.text, command.id, refusal.retry_after)
        return [Reply(user.connection, error)]
    why = f"message {command.target}"
    return [
        audit(hall, user, "delete", room, found.sender, why),
        *_delete(room, user, command, moderated=True),
    ]


def _is_by(user: User, message: replies.Message) -> bool:
    key = names.fold(message.sender)
    bearings = user.person or (Bearing(user.key),)
    return any(each.key == key and each.covers(message.time) for each in bearings)


def _delete(
    room: Room, user: User, command: commands.Delete, *, moderated: bool = False
) -> Effects:
    fields = _unnumbered(room, user, command)
    event = events.Deleted(**fields, target=command.target)
    if not moderated:
        return _append(event, room, user, command)
    person = (*(user.person or (Bearing(user.key),)), MODERATOR)
    return _append(event, room, user, command, person)


def react(hall: Hall, user: User, command: commands.React) -> Effects:
    room = hall.find_joined(user, command.room)
    emojis = text.check_emojis(command.emojis)
    check_curbs(hall, user, room)
    fields = _unnumbered(room, user, command)
    return _append(
        events.Reacted(**fields, target=command.target, emojis=emojis), room, user, command
    )


def topic(hall: Hall, user: User, command: commands.Topic) -> Effects:
    room = hall.find_joined(user, command.room)
    wanted = text.check_topic(command.text)
    if room.is_direct:
        raise Refused("not-allowed", "a direct room has no topic; say it instead")
    if not rights.may(hall, user, room, "topic"):
        raise Refused("not-allowed", f"the topic of {room.name!r} is for its operators to set")
    check_curbs(hall, user, room)
    fields = _unnumbered(room, user, command)
    return _append(events.Topic(**fields, text=wanted), room, user, command)


class _Unnumbered(TypedDict):
    room: str
    seq: int
    prev: int
    time: int
    sender: str
    nonce: str


def _unnumbered(room: Room, user: User, command: commands.Durable) -> _Unnumbered:
    return {
        "room": room.name,
        "seq": 0,
        "prev": 0,
        "time": 0,
        "sender": user.name,
        "nonce": command.nonce,
    }


def _append(
    event: events.LoggedEvent,
    room: Room,
    user: User,
    command: commands.Durable,
    person: Person | None = None,
) -> Effects:
    room.appending += 1
    return [Append(room, event, user.connection, command.id, person or user.person)]
