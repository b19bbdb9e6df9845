"""Owners of names come, go by another name and write to each other: what that is for their direct
rooms. Pure."""

from typing import TYPE_CHECKING

from pychat.protocol import names
from pychat.protocol.events import LoggedEvent, Message, Parting, Presence
from pychat.server.effects import Effects, Reply
from pychat.server.user import User

if TYPE_CHECKING:
    from pychat.server.hall import Hall


def arrived(hall: "Hall", user: User) -> Effects:
    """By one more session, or under another name."""
    effects: Effects = []
    for room in hall.directs.arrived(user):
        room.presence.joined(user, room.member(user))
        effects += hall.tell_presence(room)
    return effects


def unread(hall: "Hall", user: User) -> Effects:
    """What was said to an owner alone, who has just come and not read it."""
    owner = user.owner
    return hall.directs.unread(user, hall.markers.of(owner)) if owner is not None else []


def parted(hall: "Hall", user: User, was: str) -> Effects:
    """Such a room is of two names: who goes by another one now is in others."""
    effects: Effects = []
    for room in hall.directs.not_of(user):
        if user.peer is not None and room.hears(user.peer):
            reason = f"kicked by the Hall: it is of {was}, and you are {user.name} now"
            parting = Parting(name=user.name, reason=reason)
            effects.append(Reply(user.peer, Presence(room=room.name, left=[parting])))
        room.dismiss(user)
        room.presence.left(user, f"is {user.name} now", was)
        effects += [*hall.directs.end_if_closed(room), *hall.tell_presence(room)]
    return effects


def said(hall: "Hall", event: LoggedEvent) -> None:
    """Who says something to an owner has read what was there: else a program that never tells what
    it reads would be told of it again whenever it comes."""
    sender = hall.directs.sender_of(event) if isinstance(event, Message) else None
    if sender is not None:
        hall.markers.move(sender, names.fold(event.room), event.seq)
