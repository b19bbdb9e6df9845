"""The durable commands: each becomes an event for the Ledger, and is answered when that has it."""

from typing import TypedDict

from pychat.protocol import commands, events, text
from pychat.server.effects import Append, Effects
from pychat.server.hall import Hall
from pychat.server.room import Room
from pychat.server.user import User


def send(hall: Hall, user: User, command: commands.Send) -> Effects:
    room = hall.find_joined(user, command.room)
    said = text.check_text(command.text)
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
    fields = _unnumbered(room, user, command)
    event = events.Edited(
        **fields, target=command.target, text=said, mentions=room.named_in(said, user)
    )
    return _append(event, room, user, command)


def delete(hall: Hall, user: User, command: commands.Delete) -> Effects:
    room = hall.find_joined(user, command.room)
    fields = _unnumbered(room, user, command)
    return _append(events.Deleted(**fields, target=command.target), room, user, command)


def react(hall: Hall, user: User, command: commands.React) -> Effects:
    room = hall.find_joined(user, command.room)
    emojis = text.check_emojis(command.emojis)
    fields = _unnumbered(room, user, command)
    return _append(
        events.Reacted(**fields, target=command.target, emojis=emojis), room, user, command
    )


def topic(hall: Hall, user: User, command: commands.Topic) -> Effects:
    room = hall.find_joined(user, command.room)
    wanted = text.check_topic(command.text)
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
    event: events.LoggedEvent, room: Room, user: User, command: commands.Durable
) -> Effects:
    room.appending += 1
    return [Append(room, event, user.connection, command.id, user.person)]
