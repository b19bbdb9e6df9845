"""From a command to the effects that answer it. The smaller handlers are here.

A handler raises Refused instead of answering; nothing has changed then.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from pychat.protocol import commands, events, names, replies, text
from pychat.protocol import limits as wire
from pychat.protocol.errors import ByeCode, ErrorCode, Refused
from pychat.server import limits, rights
from pychat.server.credentials import NOTHING, Credentials
from pychat.server.curbs import mute_of
from pychat.server.effects import Broadcast, Close, Effects, Peer, Reply
from pychat.server.greeting import hello
from pychat.server.hall import Hall
from pychat.server.joining import join
from pychat.server.moderation import (
    ban,
    bans,
    invite,
    kick,
    mute,
    role,
    settings,
    unban,
    unmute,
)
from pychat.server.owning import add_key, keys, passphrase, revoke_key
from pychat.server.reading import history, read, search
from pychat.server.saying import delete, edit, react, send, topic
from pychat.server.user import User


def handle(
    hall: Hall,
    peer: Peer,
    command: commands.AnyCommand,
    proved: Credentials | Refused = NOTHING,
) -> Effects:
    """A connection's command. The effects answer it, at once or later, exactly once.

    `proved` goes with those of PROVING; Refused where what is in them did not hold.
    """
    user = hall.user_at(peer)
    confirmed = hall.confirm(user) if user is not None and user.spent_hash else []
    try:
        if isinstance(proved, Refused):
            raise proved
        if isinstance(command, commands.Hello):
            return hello(hall, peer, command, proved)
        if user is None:
            raise Refused("hello-first", "the first command of a connection is `hello`")
        kind = type(command)
        if isinstance(command, commands.Passphrase):
            effects = passphrase(hall, user, command, proved)
        else:
            effects = HANDLERS[kind](hall, user, command)
        if kind in _NOTICED:
            user.active = hall.clock.monotonic()
        return [*confirmed, *effects] if confirmed else effects
    except Refused as refusal:
        error = replies.error(refusal.code, refusal.text, command.id, refusal.retry_after)
        if user is None and refusal.code in _CLOSING:
            bye = replies.bye(_CLOSING[refusal.code], refusal.text)
            return [Reply(peer, error), Close(peer, bye)]
        return [*confirmed, Reply(peer, error)]


_CLOSING: dict[ErrorCode, ByeCode] = {
    "hello-first": "hello-first",
    "unsupported-protocol": "unsupported-protocol",
    "wrong-password": "wrong-password",
    # After too many of them: else how soon one is gone would tell that from one that is wrong.
    "rate-limited": "wrong-password",
    "not-allowed": "banned",
    "too-many": "too-many-connections",
}
"""Refusals of one who is not greeted yet after which the connection is closed."""


_NOTICED = frozenset(
    {
        commands.Send,
        commands.Edit,
        commands.Delete,
        commands.React,
        commands.Topic,
        commands.Kick,
        commands.Ban,
        commands.Mute,
        commands.Unban,
        commands.Unmute,
        commands.Role,
        commands.Invite,
        commands.Settings,
        commands.Typing,
        commands.Name,
        commands.Away,
    }
)
"""Commands of which others are told; who gives one is there."""


def name(hall: Hall, user: User, command: commands.Name) -> Effects:
    wanted = names.check_name(command.name)
    effects = hall.rename(user, wanted) if wanted != user.name else []
    return [_ok(user, command), *effects]


def manual(hall: Hall, user: User, command: commands.Manual) -> Effects:
    return [Reply(user.connection, replies.Manual(id=command.id, text=hall.config.manual))]


def list_(hall: Hall, user: User, command: commands.List) -> Effects:
    rooms, more = hall.page_of_rooms(user, command.after, command.limit)
    return [Reply(user.connection, replies.Rooms(id=command.id, rooms=rooms, more=more))]


def leave(hall: Hall, user: User, command: commands.Leave) -> Effects:
    room = hall.find_joined(user, command.room)
    return [_ok(user, command), *hall.leave(user, room)]


def members(hall: Hall, user: User, command: commands.Members) -> Effects:
    room = hall.find_joined(user, command.room)
    found, more = room.page_of_members(command.after, command.limit)
    reply = replies.Members(
        id=command.id, room=room.name, members=found, count=len(room.members), more=more
    )
    return [Reply(user.connection, reply)]


def whois(hall: Hall, user: User, command: commands.Whois) -> Effects:
    """Of the other's rooms only those that the asker knows from within."""
    other = hall.directs.person(command.name)
    member = other.member()
    shared = [room for key, room in other.rooms.items() if key in user.rooms]
    reply = replies.Whois(
        id=command.id,
        name=member.name,
        role="operator" if rights.is_hall_operator(hall, other) else "member",
        away=member.away,
        verified=member.verified,
        rooms=[room.name for room in sorted(shared, key=attrgetter("key")) if not room.is_direct],
        entered=other.entered,
        idle=round(1000 * max(0.0, hall.clock.monotonic() - other.active)),
    )
    return [Reply(user.connection, reply)]


def typing(hall: Hall, user: User, command: commands.Typing) -> Effects:
    room = hall.find_joined(user, command.room)
    now = hall.clock.monotonic()
    last = user.typed_at.get(room.key)
    too_soon = last is not None and now < last + limits.TYPING_GAP
    if too_soon or mute_of(hall, user, room) is not None:
        return [_ok(user, command)]
    user.typed_at[room.key] = now
    event = events.Typing(room=room.name, name=user.name)
    return [_ok(user, command), Broadcast(room, event, skip=user.connection)]


def away(hall: Hall, user: User, command: commands.Away) -> Effects:
    return [_ok(user, command), *hall.set_away(user, command.away)]


def ping(hall: Hall, user: User, command: commands.Ping) -> Effects:
    heads = {room.name: room.head for room in user.rooms.values()}
    reply = replies.Pong(id=command.id, time=hall.clock.wall(), heads=heads)
    return [Reply(user.connection, reply)]


def quit_(hall: Hall, user: User, command: commands.Quit) -> Effects:
    reason = text.clean_line(command.reason or "quit")[: wire.REASON_CHARS]
    if reason.startswith(wire.REMOVED):
        # Only the Hall says that somebody was sent away.
        reason = f"quit: {reason}"[: wire.REASON_CHARS]
    goodbye = Close(user.connection, replies.bye("quit", f"goodbye, {user.name}"))
    return [_ok(user, command), goodbye, *hall.remove(user, reason)]


def _ok(user: User, command: commands.Command) -> Reply:
    return Reply(user.connection, replies.Ok(id=command.id))


# Each handler takes the class under which it stands here, which the type checker can't tell.
HANDLERS: dict[type[commands.Command], Callable[[Hall, User, Any], Effects]] = {
    commands.Name: name,
    commands.Manual: manual,
    commands.List: list_,
    commands.Join: join,
    commands.Leave: leave,
    commands.Members: members,
    commands.Send: send,
    commands.Edit: edit,
    commands.Delete: delete,
    commands.React: react,
    commands.Topic: topic,
    commands.History: history,
    commands.Search: search,
    commands.Read: read,
    commands.Whois: whois,
    commands.Kick: kick,
    commands.Ban: ban,
    commands.Mute: mute,
    commands.Unban: unban,
    commands.Unmute: unmute,
    commands.Bans: bans,
    commands.Role: role,
    commands.Invite: invite,
    commands.Settings: settings,
    commands.Keys: keys,
    commands.AddKey: add_key,
    commands.RevokeKey: revoke_key,
    commands.Typing: typing,
    commands.Away: away,
    commands.Ping: ping,
    commands.Quit: quit_,
}
