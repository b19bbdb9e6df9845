"""`hello`: a connection becomes a user, a new one or one who was here a moment ago."""

from pychat.protocol import commands, names, replies
from pychat.protocol import limits as wire
from pychat.protocol.errors import Refused
from pychat.server import corresponding, entering, limits, owning, rights
from pychat.server.access import Entrant
from pychat.server.credentials import Credentials
from pychat.server.effects import Effects, Enact, Peer, Remember, Reply
from pychat.server.hall import Hall
from pychat.server.owners import Owner
from pychat.server.sanctions import Who
from pychat.server.user import User


def hello(hall: Hall, peer: Peer, command: commands.Hello, proved: Credentials) -> Effects:
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
        return _come_back(hall, returning, peer, command, proved)
    return _come_in(hall, peer, command, proved)


def _come_back(
    hall: Hall, user: User, peer: Peer, command: commands.Hello, proved: Credentials
) -> Effects:
    operator = rights.is_hall_operator(hall, user)
    hall.gate.check_return(owns=user.verified, operator=operator)
    token, effects = entering.take_over(hall, user, peer, command.resume or "")
    effects += owning.returned(hall, user, command.name, proved)
    welcome = Reply(peer, _welcome(hall, user, token, command.id, resumed=True))
    return [welcome, *effects, *corresponding.unread(hall, user)]


def _come_in(hall: Hall, peer: Peer, command: commands.Hello, proved: Credentials) -> Effects:
    name = names.check_name(command.name) if command.name is not None else None
    place = hall.place_of(peer)
    owner = owning.owner_of(hall, name, proved)
    _check_ban(hall, name, owner, place)
    claims = owner is None and owning.would_claim(hall, name, proved.key, place)
    operator = name is not None and rights.names_hall_operator(hall, names.fold(name))
    if operator and owner is None:
        _check_reserved(hall, name or "", place, command.invite)
    entrant = Entrant(
        name=names.fold(name or ""),
        key=proved.key,
        owns=owner is not None,
        claims=claims,
        invited=owner is not None and owner.invited,
        operator=operator and owner is not None,
        place=place,
        password=command.password,
        token=command.invite,
    )
    clock = hall.clock
    invite = hall.gate.admits(hall.config.access, entrant, clock.wall(), clock.monotonic())
    user, token, effects = entering.enter(hall, name, owner, peer)
    facts = hall.gate.spend(invite) if invite else []
    if owner is not None:
        facts += owning.came(hall, user, owner, proved, invited=bool(invite))
    elif claims:
        facts += owning.claim(hall, user, proved.key, invited=bool(invite))
    reply = Reply(peer, _welcome(hall, user, token, command.id, resumed=False))
    told = [reply, *corresponding.unread(hall, user)]
    # What a welcome says is durable; but a disk that is full keeps nobody out.
    welcome: Effects = [Enact(facts, told, regardless=True)] if facts else told
    return [*welcome, *effects, Remember(user.session())]


def _check_ban(hall: Hall, name: str | None, owner: Owner | None, place: str) -> None:
    """Raises Refused."""
    now = hall.clock.wall()
    if owner is not None:
        whom = Who(names.fold(owner.name), frozenset(), place, owner.since)
    else:
        whom = Who("", names.looks(name) if name is not None else frozenset(), place, now)
    ban = hall.conduct.bans.against(whom, now)
    if ban is not None:
        raise Refused("not-allowed", f"you are banned from this Hall {ban.words(now)}")


def _check_reserved(hall: Hall, name: str, place: str, token: str | None) -> None:
    """What an operator is to be called nobody from elsewhere may make theirs before them. Raises
    Refused."""
    owned = hall.owners.find(name) is not None
    if owned or (place and not hall.gate.holds(token, hall.clock.wall())):
        raise Refused("name-taken", f"the name {name!r} is taken; choose another")


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
        role="operator" if rights.is_hall_operator(hall, user) else "member",
        verified=user.verified,
        manual=hall.config.manual,
    )
