"""What whoever runs the Hall may ask of it on its own machine. Pure.

The console is an operator of the Hall whom nobody sees: it gives commands as members do, which are
carried out by the same functions and stand in the same audit log, and some that nobody else may.
"""

from itertools import islice
from typing import Annotated, cast

import msgspec
from msgspec import Meta

from pychat.protocol import commands, events, names, replies
from pychat.protocol import limits as wire
from pychat.protocol.errors import Refused
from pychat.protocol.fields import Integer
from pychat.protocol.text import check_topic
from pychat.server import access, charter, rights
from pychat.server.backplane.interface import AuditLine
from pychat.server.commands import HANDLERS
from pychat.server.effects import Announce, Audit, Effects, Enact, Peer, Reply
from pychat.server.hall import Hall
from pychat.server.user import User

NAME = "(console)"
"""In the audit log and in reasons. Nobody can be called so: names have no brackets."""

ADMISSIONS = 1_000
"""Uses of one invitation: a school. The Hall's password is for more."""

LISTED = 500
"""People in one answer; more are asked for with `after`."""


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    id: Integer


class Who(Request, frozen=True):
    """People by name, in one room or in the Hall."""

    room: str | None = None
    after: str | None = None
    limit: Annotated[int, Meta(ge=1, le=LISTED)] = LISTED


class Stats(Request, frozen=True):
    pass


class Notice(Request, frozen=True):
    """A line to everybody."""

    text: str


class Reload(Request, frozen=True):
    """As SIGHUP does, and tell what came of it."""


class LockDown(Request, frozen=True):
    """Who may come in from now on; see `access.OPEN` and those after it."""

    level: Annotated[int, Meta(ge=access.OPEN, le=access.OPERATORS)]


class Grant(Request, frozen=True):
    """Whoever owns the name is an operator of the Hall from now on, or is none any more."""

    name: str
    granted: bool = True


class Admit(Request, frozen=True):
    """Make an invitation into the Hall."""

    seconds: Annotated[int, Meta(ge=1, le=wire.SANCTION_SECONDS)] | None = None
    """None: good until it is used up."""
    uses: Annotated[int, Meta(ge=1, le=ADMISSIONS)] = 1
    if_needed: bool = False
    """None is made where the Hall lets everybody in."""


Command = (
    commands.List
    | commands.Kick
    | commands.Ban
    | commands.Unban
    | commands.Mute
    | commands.Unmute
    | commands.Bans
    | commands.Role
    | commands.Settings
)
"""Those of members that make sense without being in a room."""

Asked = Who | Stats | Notice | Reload | LockDown | Grant | Admit | Command


class Admitted(replies.Reply):
    token: str | None
    """What `hello` takes as `invite`; told this once. None where none is needed."""


class Figures(replies.Reply):
    """Plain numbers, by what they count."""

    figures: dict[str, int]


class Reloaded(replies.Reply):
    """Settings by their keys, and sentences."""

    changed: list[str]
    later: list[str]
    """What changes when the Hall is opened the next time."""
    faults: list[str]
    """What is wrong, and so left as it was."""


class Present(msgspec.Struct, kw_only=True, frozen=True):
    """Somebody in the Hall, as their operator sees them."""

    name: str
    verified: bool
    away: bool
    entered: int
    """Milliseconds."""
    sessions: int
    places: list[str]
    """Where they are connected from, as far as that is not this machine."""
    rooms: list[str]
    """Without those of two."""


class People(replies.Reply):
    people: list[Present]
    more: bool


def trust(hall: Hall) -> None:
    """Whoever has the console may do what operators may."""
    hall.conduct.granted.add(names.fold(NAME))


def console(peer: Peer) -> User:
    """At the other end of the operator's socket; in no room and no list."""
    user = User(0, NAME, peer, "")
    # Verified: it has proved by the socket that it is who it says.
    user.party.owned_since = 0
    return user


def obey(hall: Hall, user: User, asked: Asked) -> Effects:
    """What it asks the Hall, and not the program around it. Raises Refused."""
    match asked:
        case Who():
            return [Reply(user.connection, cast(replies.AnyReply, who(hall, user, asked)))]
        case Notice():
            return notice(hall, user, asked)
        case LockDown():
            return lock_down(hall, user, asked)
        case Grant():
            return grant(hall, user, asked)
        case Admit():
            return admit(hall, user, asked)
        case Stats() | Reload():
            raise Refused("unknown-command", "the Hall knows nothing of its program")
        case _:
            return HANDLERS[type(asked)](hall, user, asked)


def who(hall: Hall, user: User, asked: Who) -> People:
    """Raises Refused."""
    register = hall.register.by_key
    here = register if asked.room is None else rights.find(hall, user, asked.room).members
    after = names.fold(asked.after) if asked.after is not None else ""
    keys = sorted(key for key in here if key > after)
    people = [_present(register[key]) for key in islice(keys, asked.limit)]
    return People(id=asked.id, people=people, more=len(keys) > asked.limit)


def _present(user: User) -> Present:
    party = user.party
    rooms = sorted((room.key, room.name) for room in party.memberships if not room.is_direct)
    return Present(
        name=user.name,
        verified=user.verified,
        away=party.away,
        entered=min(each.entered for each in party.users),
        sessions=len(party.users),
        places=sorted({each.place for each in party.users if each.place}),
        rooms=[name for _, name in rooms],
    )


def notice(hall: Hall, user: User, asked: Notice) -> Effects:
    """Raises Refused."""
    line = check_topic(asked.text)
    told = Announce(events.Notice(text=line))
    return [told, noted(hall, "notice", why=line), Reply(user.connection, replies.Ok(id=asked.id))]


def lock_down(hall: Hall, user: User, asked: LockDown) -> Effects:
    fact = hall.gate.set_level(asked.level)
    answer = Reply(user.connection, replies.Ok(id=asked.id))
    return [noted(hall, "lock-down", why=str(asked.level)), Enact([fact], [answer])]


def grant(hall: Hall, user: User, asked: Grant) -> Effects:
    """Raises Refused `bad-name`, `not-allowed`."""
    name = names.check_name(asked.name)
    key, granted = names.fold(name), hall.conduct.granted
    if (key in granted) == asked.granted:
        there = "an operator already" if asked.granted else "no operator by a grant"
        raise Refused("not-allowed", f"{name!r} is {there}")
    if asked.granted:
        granted.add(key)
    else:
        granted.discard(key)
    fact = charter.grant(name) if asked.granted else charter.revoke(name)
    act = "grant" if asked.granted else "revoke"
    answer = Reply(user.connection, replies.Ok(id=asked.id))
    return [noted(hall, act, whom=name), Enact([fact], [answer])]


def admit(hall: Hall, user: User, asked: Admit) -> Effects:
    """Raises Refused `too-many`."""
    if asked.if_needed and hall.config.access.is_open:
        unneeded = Admitted(id=asked.id, token=None)
        return [Reply(user.connection, cast(replies.AnyReply, unneeded))]
    token, facts = hall.gate.invite(NAME, hall.clock.wall(), seconds=asked.seconds, uses=asked.uses)
    lasts = "until it is used" if asked.seconds is None else f"for {asked.seconds} s"
    # The console takes more kinds of answers than clients do.
    answer = Reply(user.connection, cast(replies.AnyReply, Admitted(id=asked.id, token=token)))
    return [noted(hall, "admit", why=f"{asked.uses} x {lasts}"), Enact(facts, [answer])]


def noted(hall: Hall, act: str, *, whom: str | None = None, why: str | None = None) -> Audit:
    return Audit(AuditLine(time=hall.clock.wall(), who=NAME, act=act, whom=whom, why=why))
