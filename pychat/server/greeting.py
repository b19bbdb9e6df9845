"""`hello`: a connection becomes a user, a new one or one who was here a moment ago."""

from pychat.protocol import commands, names, replies
from pychat.protocol import limits as wire
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.effects import Effects, Noted, Peer, Reply
from pychat.server.hall import Hall
from pychat.server.user import User


def hello(hall: Hall, peer: Peer, command: commands.Hello) -> Effects:
    known = hall.user_at(peer)
    if known is not None:
        raise Refused("already-greeted", f"you are in the Hall already, as {known.name!r}")
    if wire.PROTOCOL not in command.protocol:
        theirs = ", ".join(str(version) for version in command.protocol[:8]) or "none"
        raise Refused(
            "unsupported-protocol",
            f"this Hall speaks protocol {wire.PROTOCOL}, the client {theirs}; update the older one",
        )
    spent = command.resume or ""
    returning = hall.register.find(spent, hall.unconfirmed) if spent else None
    if returning is not None:
        token, effects = hall.take_over(returning, peer, spent)
        welcome = _welcome(hall, returning, token, command.id, resumed=True)
        return [Reply(peer, welcome), *effects]
    name = names.check_name(command.name) if command.name is not None else None
    newcomer, token, effects = hall.enter(name, peer)
    welcome = _welcome(hall, newcomer, token, command.id, resumed=False)
    return [Reply(peer, welcome), *effects, Noted("came", newcomer.name)]


def _welcome(
    hall: Hall, user: User, token: str, command_id: int, *, resumed: bool
) -> replies.Welcome:
    return replies.Welcome(
        id=command_id,
        protocol=wire.PROTOCOL,
        server=hall.config.server,
        hall=hall.config.name,
        epoch=hall.epoch,
        name=user.name,
        resume=token,
        resumed=resumed,
        rooms=[room.name for room in user.rooms.values()],
        limits=replies.Limits(
            frame=wire.CLIENT_FRAME_BYTES,
            text=wire.TEXT_CHARS,
            lines=wire.TEXT_LINES,
            name=wire.NAME_CHARS,
            room=wire.ROOM_CHARS,
            topic=wire.TOPIC_CHARS,
            page=wire.PAGE_MESSAGES,
            rooms=limits.ROOMS_PER_USER,
            linger=int(hall.config.linger),
            ping=int(limits.SILENCE),
        ),
        time=hall.clock.wall(),
        manual=hall.config.manual,
    )
