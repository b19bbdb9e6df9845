"""A Hall in bytes, and back: all by which is decided, and nothing of who hears what at which node.

The same Hall gives the same bytes at each node. One that was loaded decides as the dumped one does.
"""

import msgspec

from pychat.protocol import names
from pychat.server.access import Invite
from pychat.server.attempts import Attempts
from pychat.server.backplane.direct import DirectLogs
from pychat.server.backplane.interface import Fact, Person, RoomRecord
from pychat.server.charter import Charter, Conduct
from pychat.server.cluster.entries import VERSION, Rules
from pychat.server.cluster.replica import Node, RemotePeer, Replica
from pychat.server.direct import DirectRoom
from pychat.server.owners import Owner
from pychat.server.owners_rooms import OwnersRoom
from pychat.server.room import Room
from pychat.server.user import User

EVERY = 5_000
"""Messages of the log between two that are kept: what a node that starts has to carry out, in a
second or two. One takes a fifth of a second where 20,000 people are here."""

_Made = list[tuple[str, float, float]]
"""Attempts: by whom, how many, as of when."""


class SnapshotError(Exception):
    """The bytes are of another version, or of nothing that this one knows."""


class _User(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: int
    name: str
    token_hash: str
    spent_hash: str = ""
    away: bool = False
    person: Person = ()
    proof: str = ""
    owned_since: int | None = None
    entered: int
    place: str = ""
    peer: RemotePeer | None = None
    rooms: list[str] = []
    """By key, in the order of their coming; `closed` as well."""
    closed: list[str] = []
    read: dict[str, int] = {}
    since: dict[str, int] = {}


class _Room(msgspec.Struct, kw_only=True, omit_defaults=True):
    name: str
    charter: msgspec.Raw
    members: dict[str, int]
    """Sessions, by their names' keys."""


class _Direct(msgspec.Struct, kw_only=True):
    name: str
    head: int
    pair: list[int]
    """A session of each who is in the Hall, in a room that is not of owners."""
    lasts: bool
    """Whether neither of the two has left the Hall."""
    members: dict[str, int]


class _Markers(msgspec.Struct):
    owner: str
    read: msgspec.Raw


class _Dump(msgspec.Struct, kw_only=True):
    version: int
    epoch: str
    latest: int
    passed: int
    reckoned: int = 0
    rules: Rules | None
    nodes: dict[str, Node]
    last_id: int
    owners: list[Owner]
    conduct: msgspec.Raw
    granted: list[str]
    level: int
    invites: dict[str, Invite]
    rooms: list[_Room]
    users: list[_User]
    peers: list[int]
    """The sessions that are connected, in the order in which they were."""
    lingering: list[tuple[int, float]]
    correspondence: list[OwnersRoom]
    directs: list[_Direct]
    markers: list[_Markers]
    logs: DirectLogs
    claims: _Made
    wrong: _Made


class _Heads(msgspec.Struct):
    """What of a room is known by who follows it."""

    head: int
    topic: str


class _Whole(msgspec.Struct):
    dump: _Dump
    heads: dict[str, _Heads]


def dump(replica: Replica) -> bytes:
    """To be loaded by another node."""
    rooms = replica.hall.rooms
    heads = {key: _Heads(rooms[key].head, rooms[key].topic) for key in sorted(rooms)}
    return msgspec.json.encode(_Whole(_dump(replica), heads))


def state(replica: Replica) -> bytes:
    """What is the same at all nodes that have carried out the same entries."""
    return msgspec.json.encode(_dump(replica))


def _dump(replica: Replica) -> _Dump:
    hall = replica.hall
    sessions = hall.register.sessions
    return _Dump(
        version=VERSION,
        epoch=hall.epoch,
        latest=replica.time.latest,
        passed=replica.time.passed,
        reckoned=replica.time.reckoned,
        rules=replica.rules,
        nodes=replica.nodes,
        last_id=hall.register.last_id,
        owners=sorted(hall.owners, key=lambda owner: names.fold(owner.name)),
        conduct=msgspec.Raw(hall.conduct.fact(0).body or b""),
        granted=sorted(hall.conduct.granted),
        level=hall.gate.level,
        invites=dict(sorted(hall.gate.invites.items())),
        rooms=[_room(hall.rooms[key]) for key in sorted(hall.rooms)],
        users=[_user(replica, sessions[id_]) for id_ in sorted(sessions)],
        peers=[user.id for user in hall.peers.values()],
        lingering=[(user.id, since) for user, since in hall.lingering.items()],
        correspondence=list(hall.directs.of_owners),
        directs=[_direct(room, hall.directs.lasts(room)) for room in hall.directs.all()],
        markers=[
            _Markers(each.key, msgspec.Raw(each.body or b"")) for each in hall.markers.facts()
        ],
        logs=replica.direct.kept(),
        claims=_made(hall.claims),
        wrong=_made(hall.gate.wrong),
    )


def _room(room: Room) -> _Room:
    # With all sanctions: which are over depends on the time.
    charter = msgspec.Raw(room.charter.fact(room.key, 0).body or b"")
    return _Room(name=room.name, charter=charter, members=_members(room))


def _members(room: Room) -> dict[str, int]:
    return {key: room.members[key].id for key in sorted(room.members)}


def _user(replica: Replica, user: User) -> _User:
    return _User(
        id=user.id,
        name=user.name,
        token_hash=user.token_hash,
        spent_hash=user.spent_hash,
        away=user.away,
        person=user.person,
        proof=user.proof,
        owned_since=user.party.owned_since,
        entered=user.entered,
        place=user.place,
        peer=replica.address(user.peer) if user.peer is not None else None,
        rooms=list(user.rooms),
        closed=list(user.closed),
        read=dict(sorted(user.read.items())),
        since=dict(sorted(user.since.items())),
    )


def _direct(room: DirectRoom, lasts: bool) -> _Direct:
    return _Direct(
        name=room.name,
        head=room.head,
        pair=[party.users[0].id for party in room.pair if party.users],
        lasts=lasts,
        members=_members(room),
    )


def _made(attempts: Attempts) -> _Made:
    return [(str(who), *made) for who, made in attempts.standing().items()]


def load(replica: Replica, data: bytes) -> None:
    """Into a Hall in which nothing has happened yet. Raises SnapshotError."""
    try:
        whole = msgspec.json.decode(data, type=_Whole)
    except msgspec.DecodeError as fault:
        raise SnapshotError(f"the Hall's snapshot cannot be read: {fault}") from None
    found = whole.dump
    if found.version != VERSION:
        raise SnapshotError(
            f"the Hall's snapshot is of version {found.version}, and this program knows {VERSION}"
        )
    hall = replica.hall
    if found.epoch != hall.epoch:
        raise SnapshotError(
            "the streams of the Hall and those of its rooms are not of one Hall: restore all of "
            "them from the same backup"
        )
    replica.time.restore(found.latest, found.passed, found.reckoned)
    if found.rules is not None:
        replica.rule(found.rules)
    replica.nodes = found.nodes
    # In the place of all that goes by who owns what.
    facts = [owner.fact() for owner in found.owners]
    facts += [Fact("read", each.owner, bytes(each.read)) for each in found.markers]
    hall.own(facts)
    hall.conduct = Conduct([Fact("hall", "sanctions", bytes(found.conduct))])
    hall.conduct.granted = set(found.granted)
    hall.gate.level, hall.gate.invites = found.level, found.invites
    for attempts, made in ((hall.claims, found.claims), (hall.gate.wrong, found.wrong)):
        attempts.restore({who: (count, then) for who, count, then in made})
    for each in found.rooms:
        room = hall.open_room(each.name)
        room.charter = Charter(Fact("room", room.key, bytes(each.charter)))
        if (known := whole.heads.get(room.key)) is not None:
            hall.told_of(RoomRecord(room.name, known.head, known.topic))
    users = {each.id: _restored(replica, each) for each in found.users}
    hall.register.last_id = found.last_id
    rooms = dict(hall.rooms)
    for lasting in found.correspondence:
        hall.directs.of_owners.add(lasting)
    for direct in found.directs:
        rooms[names.fold(direct.name)] = _begun(replica, direct, users)
    replica.direct.restore(found.logs)
    _take_places(found, users, rooms)
    for id_ in found.peers:
        user = users[id_]
        assert user.peer is not None
        hall.peers[user.peer] = user
    hall.lingering.update((users[id_], since) for id_, since in found.lingering)


def _restored(replica: Replica, kept: _User) -> User:
    user = User(kept.id, kept.name, kept.peer, kept.token_hash)
    user.spent_hash, user.away, user.person, user.proof = (
        kept.spent_hash,
        kept.away,
        kept.person,
        kept.proof,
    )
    user.party.owned_since = kept.owned_since
    user.entered, user.place = kept.entered, kept.place
    user.active = replica.time.seconds()
    user.read, user.since = kept.read, kept.since
    replica.hall.register.restore(user)
    return user


def _begun(replica: Replica, kept: _Direct, users: dict[int, User]) -> DirectRoom:
    directs = replica.hall.directs
    lasting = directs.of_owners.find(kept.name)
    if lasting is not None:
        room = DirectRoom(kept.name, owners=lasting.pair, head=kept.head)
    else:
        # Whoever has left the Hall comes to no room any more.
        here = tuple(users[each].party for each in kept.pair)
        room = DirectRoom(kept.name, pair=here, head=kept.head)
    directs.put_back(room, lasts=kept.lasts)
    return room


def _take_places(found: _Dump, users: dict[int, User], rooms: dict[str, Room]) -> None:
    for each in found.users:
        user = users[each.id]
        user.rooms = {key: rooms[key] for key in each.rooms}
        user.closed = {key: rooms[key] for key in each.closed}
    there = {each.name: each.members for each in found.rooms}
    there |= {each.name: each.members for each in found.directs}
    for name, members in there.items():
        rooms[names.fold(name)].seat({key: users[id_] for key, id_ in members.items()})
