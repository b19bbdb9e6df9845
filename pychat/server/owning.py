"""How a name becomes somebody's, and the commands of those whose it is: keys and the passphrase."""

from typing import TYPE_CHECKING

from pychat.protocol import commands, names, proofs, replies, text
from pychat.protocol.errors import Refused
from pychat.server.backplane.interface import Fact
from pychat.server.credentials import Credentials
from pychat.server.effects import Close, Effects, Enact, Remember, Reply
from pychat.server.owners import Owner
from pychat.server.user import User

if TYPE_CHECKING:
    from pychat.server.hall import Hall


def owner_of(hall: "Hall", name: str | None, proved: Credentials) -> Owner | None:
    """Who owns the name and has proved that."""
    if name is None:
        return None
    return hall.owners.find(name) if proved.passphrase else hall.owners.proved(name, proved.key)


def would_claim(hall: "Hall", name: str | None, key: str, place: str) -> bool:
    """Whether a newcomer's name would become that key's."""
    if name is None or not hall.owners.may_claim(name, key) or not hall.register.is_free(name):
        return False
    return not place or not hall.claims.wait(place, hall.clock.monotonic())


def claim(hall: "Hall", user: User, key: str, *, invited: bool = False) -> list[Fact]:
    """The name of a guest, which nobody owns, is theirs from now on."""
    if user.place:
        hall.claims.count(user.place, hall.clock.monotonic())
    owner = hall.owners.claim(user.name, key, hall.clock.wall(), invited=invited)
    user.party.owned_since, user.proof = owner.since, key
    for room, seq in user.read.items():
        hall.markers.move(owner.id, room, seq)
    user.read.clear()
    return [owner.fact()]


def came(
    hall: "Hall", user: User, owner: Owner, proved: Credentials, *, invited: bool = False
) -> list[Fact]:
    """An owner has come: by which key, and what is to be kept of that."""
    user.proof = proved.key if owner.has(proved.key) else ""
    changed = invited and not owner.invited
    owner.invited |= invited
    changed |= owner.used(proved.key, hall.clock.wall())
    return [owner.fact()] if changed else []


def returned(hall: "Hall", user: User, name: str | None, proved: Credentials) -> Effects:
    """Somebody has taken their session over, and has proved something besides."""
    if not proved.key or name is None or names.fold(name) != user.key:
        return []
    owner = hall.owners.proved(name, proved.key)
    if owner is not None and user.verified:
        facts = came(hall, user, owner, proved)
        kept: Effects = [Enact(facts, [], regardless=True)] if facts else []
        return [*kept, Remember(user.session())]
    if user.verified or not hall.owners.may_claim(name, proved.key):
        return []
    if not hall.register.is_free(name, besides=user):
        return []
    was = user.identity
    facts = claim(hall, user, proved.key)
    effects: Effects = [Enact(facts, [], regardless=True)]
    for room in user.memberships:
        if room.charter.passes(was, user.identity):
            effects.append(hall.keep_charter(room))
    effects.append(Remember(user.session()))
    return [*effects, *hall.tell_of_change(user, user.name)]


def renamed(hall: "Hall", user: User) -> Effects:
    """Somebody goes by another name: the key that they came with may own that, too."""
    name = user.name
    if user.verified or not hall.owners.may_claim(name, user.proof):
        return []
    if not hall.register.is_free(name, besides=user):
        return []
    return [Enact(claim(hall, user, user.proof), [], regardless=True)]


def keys(hall: "Hall", user: User, command: commands.Keys) -> Effects:
    owner = _owner(hall, user)
    reply = replies.Keys(id=command.id, keys=owner.keys, passphrase=bool(owner.passphrase))
    return [Reply(user.connection, reply)]


def add_key(hall: "Hall", user: User, command: commands.AddKey) -> Effects:
    owner = _owner(hall, user)
    try:
        proofs.read(command.key, proofs.KEY_BYTES)
    except ValueError:
        raise Refused(
            "bad-request", "a key is 32 bytes in base64url, 43 characters - at `$.key`"
        ) from None
    hall.owners.add_key(owner, command.key, text.clean_line(command.label), hall.clock.wall())
    return [_kept(user, command, owner)]


def revoke_key(hall: "Hall", user: User, command: commands.RevokeKey) -> Effects:
    """Who is here by that key has to go; but not who says this."""
    owner = _owner(hall, user)
    hall.owners.revoke_key(owner, command.key)
    effects: Effects = []
    for session in list(user.party.users):
        if session is user or session.proof != command.key:
            continue
        if session.peer is not None:
            bye = replies.bye("kicked", "the key by which you came was revoked")
            effects.append(Close(session.peer, bye))
        effects += hall.remove(session, "key revoked")
    return [*effects, _kept(user, command, owner)]


def passphrase(
    hall: "Hall", user: User, command: commands.Passphrase, proved: Credentials
) -> Effects:
    owner = _owner(hall, user)
    hall.owners.set_passphrase(owner, proved.stored)
    return [_kept(user, command, owner)]


def _owner(hall: "Hall", user: User) -> Owner:
    """Raises Refused `not-allowed`."""
    owner = hall.owners.find(user.name) if user.verified else None
    if owner is None:
        raise Refused(
            "not-allowed",
            f"nobody has proved that {user.name!r} is theirs; come back with a key to own it",
        )
    return owner


def _kept(user: User, command: commands.Command, owner: Owner) -> Enact:
    return Enact([owner.fact()], [Reply(user.connection, replies.Ok(id=command.id))])
