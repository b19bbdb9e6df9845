"""Commands by which a room, or the Hall, defends itself. Pure.

An act holds from the moment on in which it is carried out; it is answered when it is on disk, and
when nothing of whom it meant is on its way there. Each is a line of the audit log.
"""

from pychat.protocol import commands, events, names, replies, text
from pychat.protocol import limits as wire
from pychat.protocol.errors import ByeCode, Refused
from pychat.server import rights
from pychat.server.backplane.interface import AuditLine
from pychat.server.charter import Charter, Conduct
from pychat.server.effects import Audit, Broadcast, Close, Effects, Enact, Reply
from pychat.server.hall import Hall
from pychat.server.rights import Act, Rank
from pychat.server.room import Room
from pychat.server.sanctions import Sanction
from pychat.server.user import User


def kick(hall: Hall, user: User, command: commands.Kick) -> Effects:
    room = _place(hall, user, command.room, "kick")
    target = _present(hall, room, command.name)
    _check_outranks(hall, user, room, command.name, target)
    reason = _reason(command.reason)
    rooms = target.party.memberships if room is None else [room]
    removed = remove(hall, target, room, f"kicked by {user.name}", reason)
    answer: Effects = [Reply(user.connection, replies.Ok(id=command.id))]
    return [
        *removed,
        audit(hall, user, "kick", room, target.name, reason),
        *hall.settling.after(rooms, lambda: answer),
    ]


def ban(hall: Hall, user: User, command: commands.Ban) -> Effects:
    room = _place(hall, user, command.room, "ban")
    target = hall.register.by_key.get(names.fold(command.name))
    _check_outranks(hall, user, room, command.name, target)
    sanction = _sanction(hall, user, command, target)
    _law(hall, room).bans.impose(sanction, hall.clock.wall())
    effects: Effects = []
    rooms: list[Room] = []
    if room is not None:
        room.charter.expel(sanction.identity or names.fold(sanction.name))
    if target is not None and (room is None or target.party.within(room)):
        rooms = target.party.memberships if room is None else [room]
        effects = remove(hall, target, room, f"banned by {user.name}", sanction.reason)
    effects.append(audit(hall, user, "ban", room, sanction.name, _terms(sanction)))
    return [*effects, *_settled(hall, user, room, rooms, command)]


def mute(hall: Hall, user: User, command: commands.Mute) -> Effects:
    room = _place(hall, user, command.room, "mute")
    target = hall.register.by_key.get(names.fold(command.name))
    _check_outranks(hall, user, room, command.name, target)
    sanction = _sanction(hall, user, command, target)
    now = hall.clock.wall()
    _law(hall, room).mutes.impose(sanction, now)
    effects: Effects = [audit(hall, user, "mute", room, sanction.name, _terms(sanction))]
    rooms: list[Room] = []
    if room is not None:
        room.charter.look()
    if target is not None and (room is None or target.party.within(room)):
        rooms = target.party.memberships if room is None else [room]
        where = f"in {room.name}" if room is not None else "in the Hall"
        effects += _notice(target, f"You are muted {where} {sanction.words(now)}")
    return [*effects, *_settled(hall, user, room, rooms, command)]


def unban(hall: Hall, user: User, command: commands.Unban) -> Effects:
    room = _place(hall, user, command.room, "ban")
    lifted = _law(hall, room).bans.lift(command.name, hall.clock.wall())
    if lifted is None:
        raise Refused("no-such-name", f"{_shown(command.name)} is not banned; `bans` tells who is")
    return [
        audit(hall, user, "unban", room, lifted.name),
        _enacted(hall, user, room, command),
    ]


def unmute(hall: Hall, user: User, command: commands.Unmute) -> Effects:
    room = _place(hall, user, command.room, "mute")
    lifted = _law(hall, room).mutes.lift(command.name, hall.clock.wall())
    if lifted is None:
        raise Refused("no-such-name", f"{_shown(command.name)} is not muted; `bans` tells who is")
    effects: Effects = [audit(hall, user, "unmute", room, lifted.name)]
    if room is not None:
        room.charter.look()
    target = hall.register.by_key.get(names.fold(lifted.name))
    if target is not None and (room is None or target.party.within(room)):
        where = f"in {room.name}" if room is not None else "in the Hall"
        effects += _notice(target, f"You may speak again {where}.")
    return [*effects, _enacted(hall, user, room, command)]


def bans(hall: Hall, user: User, command: commands.Bans) -> Effects:
    room = _place(hall, user, command.room, "ban")
    law, now = _law(hall, room), hall.clock.wall()
    reply = replies.Bans(
        id=command.id,
        room=room.name if room is not None else None,
        bans=[each.told() for each in law.bans.standing(now)],
        mutes=[each.told() for each in law.mutes.standing(now)],
    )
    return [Reply(user.connection, reply)]


def role(hall: Hall, user: User, command: commands.Role) -> Effects:
    """An owner may step down; for the rest nobody changes the role of an equal."""
    room = rights.allowed(hall, user, command.room, "role")
    charter = room.charter
    target = room.members.get(names.fold(command.name))
    identity = target.identity if target is not None else names.fold(command.name)
    if target is None and identity not in charter.roles:
        raise Refused("no-such-name", f"nobody in {room.name!r} is called {_shown(command.name)}")
    was = charter.roles.get(identity, "member")
    mine = identity == user.identity
    if was == "owner" and not mine and rights.rank(hall, user, room) < Rank.HALL:
        raise Refused("not-allowed", f"{_shown(command.name)} owns the room as much as you do")
    charter.appoint(identity, command.role)
    name = target.name if target is not None else command.name
    effects: Effects = [audit(hall, user, "role", room, name, command.role)]
    if target is not None and was != command.role:
        room.presence.changed(target, target.name, room.member(target))
        effects += hall.tell_presence(room)
    return [*effects, _enacted(hall, user, room, command)]


def invite(hall: Hall, user: User, command: commands.Invite) -> Effects:
    room = rights.allowed(hall, user, command.room, "invite")
    target = hall.register.by_key.get(names.fold(command.name))
    if target is None:
        raise Refused("no-such-name", f"nobody in the Hall is called {_shown(command.name)}")
    if target.party.within(room) is not None:
        raise Refused("already-in-room", f"{target.name} is in the room {room.name!r} already")
    words = f"{user.name} invites you into the room {room.name}; join it if you like"
    told = _notice(target, words) if room.charter.invite(target) else []
    return [
        *told,
        audit(hall, user, "invite", room, target.name),
        _enacted(hall, user, room, command),
    ]


def settings(hall: Hall, user: User, command: commands.Settings) -> Effects:
    room = rights.allowed(hall, user, command.room, "settings")
    was = room.charter.settings
    room.charter.settings = now = replies.RoomSettings(
        kind=was.kind if command.kind is None else command.kind,
        slow=was.slow if command.slow is None else command.slow,
        topic=was.topic if command.topic is None else command.topic,
        history=was.history if command.history is None else command.history,
    )
    room.charter.look()
    if not now.slow:
        room.spoke.clear()
    topic, history = now.topic, "read" if now.history else "hidden"
    words = f"{now.kind}, slow {now.slow} s, topic {topic}, history {history}"
    return [
        Broadcast(room, events.Settings(room=room.name, settings=now)),
        audit(hall, user, "settings", room, None, words),
        _enacted(hall, user, room, command),
    ]


# What several of them do


def audit(
    hall: Hall, user: User, act: str, room: Room | None, whom: str | None, why: str | None = None
) -> Audit:
    line = AuditLine(
        time=hall.clock.wall(),
        who=user.name,
        act=act,
        room=room.name if room is not None else None,
        whom=whom,
        why=why or None,
    )
    return Audit(line)


def remove(hall: Hall, target: User, room: Room | None, why: str, reason: str) -> Effects:
    """With all sessions out of the room, or of the Hall; at once, and whoever it is learns why."""
    words = (f"{why}: {reason}" if reason else why)[: wire.REASON_CHARS]
    effects: Effects = []
    for user in list(target.party.users):
        if room is None:
            code: ByeCode = "banned" if why.startswith("banned") else "kicked"
            peer = user.peer
            effects += hall.remove(user, words)
            if peer is not None:
                effects.append(Close(peer, replies.bye(code, f"you were {words}")))
        elif room.key in user.rooms:
            if user.peer is not None and room.hears(user.peer):
                parting = events.Parting(name=user.name, reason=words)
                effects.append(Reply(user.peer, events.Presence(room=room.name, left=[parting])))
            effects += hall.leave(user, room, words)
    return effects


def _place(hall: Hall, user: User, room: str | None, act: Act) -> Room | None:
    """The room that is meant, or None for the Hall. Raises Refused."""
    if room is not None:
        return rights.allowed(hall, user, room, act)
    if not rights.is_hall_operator(hall, user):
        raise Refused("not-allowed", "in the whole Hall that is for its operators; name a room")
    return None


def _law(hall: Hall, room: Room | None) -> Charter | Conduct:
    return hall.conduct if room is None else room.charter


def _enacted(hall: Hall, user: User, room: Room | None, command: commands.Command) -> Enact:
    """What holds now is kept, and then the command is answered."""
    return _keep(hall, room, [Reply(user.connection, replies.Ok(id=command.id))])


def _settled(
    hall: Hall, user: User, place: Room | None, rooms: list[Room], command: commands.Command
) -> Effects:
    """The same, when nothing of these rooms is with the Ledger. By then the one who is answered
    may be gone."""
    answer: Effects = [Reply(user.connection, replies.Ok(id=command.id))]
    return hall.settling.after(rooms, lambda: [_keep(hall, place, answer)])


def _keep(hall: Hall, room: Room | None, answer: Effects) -> Enact:
    if room is None:
        return Enact([hall.conduct.fact(hall.clock.wall())], answer)
    return hall.keep_charter(room, answer)


def _present(hall: Hall, room: Room | None, name: str) -> User:
    """Raises Refused `no-such-name`."""
    here = hall.register.by_key if room is None else room.members
    user = here.get(names.fold(name))
    if user is None:
        where = "in the Hall" if room is None else f"in {room.name!r}"
        raise Refused("no-such-name", f"nobody {where} is called {_shown(name)}")
    return user


def _check_outranks(
    hall: Hall, user: User, room: Room | None, name: str, target: User | None
) -> None:
    """Raises Refused `not-allowed`, and `bad-name` of what nobody can be called."""
    if target is not None and target.party is user.party:
        raise Refused("not-allowed", "that is you")
    key = names.fold(names.check_name(name))
    if room is None:
        mine, theirs = Rank.HALL, rights.rank_in_hall(hall, key, target)
    else:
        mine = rights.rank(hall, user, room)
        if target is None:
            theirs = rights.rank_of_absent(hall, key, room)
        else:
            theirs = rights.rank(hall, target, room)
    if theirs >= mine:
        raise Refused("not-allowed", f"{_shown(name)} has as much to say there as you have")


def _sanction(hall: Hall, user: User, command: commands.Ban, target: User | None) -> Sanction:
    now = hall.clock.wall()
    return Sanction(
        name=target.name if target is not None else names.check_name(command.name),
        since=now,
        by=user.name,
        until=None if command.seconds is None else now + 1000 * command.seconds,
        reason=_reason(command.reason),
        identity=target.identity if target is not None else "",
        places=sorted({each.place for each in target.party.users} - {""}) if target else [],
    )


def _notice(target: User, words: str) -> Effects:
    notice = events.Notice(text=words)
    return [Reply(each.peer, notice) for each in target.party.users if each.peer is not None]


def _reason(given: str | None) -> str:
    return text.clean_line(given or "").strip()[: wire.REASON_CHARS]


def _terms(sanction: Sanction) -> str:
    seconds = None if sanction.until is None else (sanction.until - sanction.since) // 1000
    lasts = "for good" if seconds is None else f"for {seconds} s"
    return f"{lasts}: {sanction.reason}" if sanction.reason else lasts


def _shown(name: str) -> str:
    return repr(text.clean_line(name)[: wire.NAME_CHARS])
