"""Into the Hall: as a newcomer, over from another connection, and back from before a restart."""

from typing import TYPE_CHECKING

from pychat.protocol import names, replies
from pychat.protocol.errors import Refused
from pychat.server import corresponding, limits
from pychat.server.backplane.interface import Session
from pychat.server.effects import Close, Effects, Noted, Peer, Remember
from pychat.server.owners import Owner
from pychat.server.user import User

if TYPE_CHECKING:
    from pychat.server.hall import Hall


def enter(
    hall: "Hall", name: str | None, owner: Owner | None, peer: Peer
) -> tuple[User, str, Effects]:
    """A newcomer, and their token; the session is not kept yet. Without a name they are called
    `new`; `owner` if they have proved that it is theirs. Raises Refused."""
    effects = _make_room(hall, owner) if owner is not None else []
    user, token, other = hall.register.enrol(name, owner, peer, hall.clock.wall())
    user.entered = hall.clock.wall()
    user.active = hall.clock.monotonic()
    user.place = hall.place_of(peer)
    hall.peers[peer] = user
    effects += corresponding.arrived(hall, user)
    if other is not None:
        effects.append(Remember(other.session()))
    if len(user.party.users) == 1:
        effects.append(Noted("came", user.name))
    return user, token, effects


def _make_room(hall: "Hall", owner: Owner) -> Effects:
    """As many of an owner's sessions as there may be are here: one that lingers goes."""
    here = hall.register.by_key.get(names.fold(owner.name))
    if here is None or len(here.party.users) < limits.SESSIONS_PER_PERSON:
        return []
    lingers = next((user for user in here.party.users if user.peer is None), None)
    return hall.remove(lingers, "connection lost") if lingers is not None else []


def take_over(hall: "Hall", user: User, peer: Peer, spent: str) -> tuple[str, Effects]:
    """The user is on another connection from now on, and has a new token for `spent`."""
    effects: Effects = []
    was_away = user.party.away
    old = user.peer
    if old is not None:
        del hall.peers[old]
        hall.unplug(user)
        text = "this session was taken over by another connection"
        effects.append(Close(old, replies.bye("replaced", text)))
    hall.lingering.pop(user, None)
    token = hall.register.renew(user, spent)
    user.peer = peer
    user.place = hall.place_of(peer)
    hall.peers[peer] = user
    effects += [Remember(user.session()), Noted("back", user.name)]
    if was_away and not user.party.away:
        effects += hall.tell_of_change(user, user.name)
    return token, effects


def restore(hall: "Hall", session: Session) -> None:
    """The user lingers from now on as if the connection had just broken. A name that is another's
    meanwhile is not given back."""
    user = User(session.id, session.name, None, session.token_hash)
    user.spent_hash = session.spent_hash
    user.away = session.away
    user.person, user.proof = session.person, session.proof
    owner = hall.owners.find(session.name) if session.verified else None
    if owner is not None and (not user.proof or owner.has(user.proof)):
        user.party.owned_since = owner.since
    user.entered = session.entered or hall.clock.wall()
    user.active = hall.clock.monotonic()
    try:
        hall.register.restore(user)
    except Refused:
        return
    hall.directs.arrived(user)
    for name in session.rooms:
        if name.startswith("@"):
            hall.directs.reopen(user, name)
            continue
        room = hall.find_or_open(name)
        room.admit(user, room.head)
        user.since[room.key] = min(session.since.get(name, 0), room.head)
        if name in session.read and not user.verified:
            user.read[room.key] = min(session.read[name], room.head)
    hall.lingering[user] = hall.clock.monotonic()
