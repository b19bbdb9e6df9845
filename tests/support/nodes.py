"""Nodes of one Hall in one process: replicas over a log that is a list, each as far in it as the
test lets it go, and one set of room logs, of which each node has heard as much."""

import msgspec

from pychat.protocol import commands, names
from pychat.protocol.codec import ServerMessage, decode_server, encode
from pychat.protocol.events import LoggedEvent, Unknown
from pychat.server.access import Access
from pychat.server.backplane.interface import Outcome, RoomRecord
from pychat.server.cluster import entries, snapshot
from pychat.server.cluster.entries import AnyEntry, Batch, Came, Gone, Left, Lost, Rules
from pychat.server.cluster.proposing import given, is_decided
from pychat.server.cluster.replica import Replica
from pychat.server.commands import handle
from pychat.server.effects import (
    Append,
    Audit,
    Broadcast,
    Close,
    Deliver,
    Effects,
    Peer,
    ReadDelta,
    ReadFound,
    ReadPage,
    Reply,
)
from pychat.server.hall import Clock, HallConfig
from tests.support.hall_shell import FakePeer, told
from tests.support.sync_ledger import SyncLedger

RULES = Rules(linger=60.0, access=Access(), operators=["root"], bounds={})


class World:
    """What all nodes share."""

    def __init__(self) -> None:
        self.milliseconds = 1_000_000
        self.log: list[tuple[int, Batch]] = []
        self.states: dict[int, bytes] = {}
        """Of the Hall, by how much of the log is carried out."""
        self.ledger = SyncLedger()
        self.said: list[LoggedEvent] = []
        """In all rooms, in order."""
        self.tokens = 0
        self.nodes: list[SimulatedNode] = []

    def start(self) -> "SimulatedNode":
        """A node that comes, with what another one knows."""
        node = SimulatedNode(self, f"node-{len(self.nodes)}")
        there = [each for each in self.nodes if each.alive]
        if there:
            node.load(there[-1])
        self.nodes.append(node)
        node.propose(Came(rules=RULES))
        node.catch_up()
        return node

    def catch_up(self) -> None:
        """All of them, until nothing is left."""
        for _ in range(100):
            for node in self.nodes:
                if node.alive:
                    node.catch_up()
                    node.commit()
            if all(node.is_up_to_date for node in self.nodes if node.alive):
                return
        raise AssertionError("they go on and on")


class SimulatedNode:
    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.alive = True
        self.at = 0
        """In the log."""
        self.heard = 0
        """Of what was said."""
        self.peers: list[FakePeer] = []
        self.appends: list[Append] = []
        self.audited = 0
        self._number = 0
        ahead = 777 * len(world.nodes)
        """No two nodes' clocks agree."""
        clock = Clock(
            wall=lambda: world.milliseconds + ahead,
            monotonic=lambda: (world.milliseconds + ahead) / 1000,
        )
        config = HallConfig(server="test/1", manual="# Manual")
        self.replica = Replica(config, "epoch", name, clock, _unconfirmed, self)
        self.hall = self.replica.hall

    def record(self, room: str) -> RoomRecord:
        heard = [each for each in self.world.said[: self.heard] if each.room == room]
        return RoomRecord(room, heard[-1].seq if heard else 0, "")

    def follows(self, room: str) -> bool:
        return True

    def load(self, other: "SimulatedNode") -> None:
        snapshot.load(self.replica, snapshot.dump(other.replica))
        self.at, self.heard = other.at, other.heard
        loaded, dumped = snapshot.state(self.replica), snapshot.state(other.replica)
        assert loaded == dumped, _difference(loaded, dumped)

    # -- the log ----------------------------------------------------------------------------------

    def propose(self, entry: AnyEntry) -> None:
        self._number += 1
        batch = Batch(node=self.replica.node, number=self._number, entries=[entry])
        # By its bytes, as it comes to the others.
        self.world.log.append((self.world.milliseconds, entries.decode(entries.encode(batch))))

    def step(self) -> None:
        """Carry out one more of the log."""
        time, batch = self.world.log[self.at]
        for _, effects in self.replica.decide(time, batch):
            self.perform(effects)
        self.at += 1
        state = snapshot.state(self.replica)
        known = self.world.states.setdefault(self.at, state)
        assert known == state, _difference(known, state)
        self._check_names()

    def catch_up(self) -> None:
        while self.at < len(self.world.log):
            self.step()
        self.hear()

    @property
    def is_up_to_date(self) -> bool:
        return self.at == len(self.world.log) and self.heard == len(self.world.said)

    def _check_names(self) -> None:
        sessions = self.hall.register.sessions.values()
        parties = {user.party: user.key for user in sessions}
        assert len(set(parties.values())) == len(parties)

    # -- connections ------------------------------------------------------------------------------

    def connect(self) -> FakePeer:
        peer = FakePeer(f"{self.replica.node}/{len(self.peers)}")
        self.peers.append(peer)
        return peer

    def send(self, peer: FakePeer, command: commands.AnyCommand) -> None:
        if not is_decided(command):
            self.perform(self.replica.ours(handle(self.hall, peer, command)))
            return
        self.hear()
        room = self.hall.rooms.get(names.fold(getattr(command, "room", None) or ""))
        head = room.head if room is not None else 0
        entry = given(self.replica, peer, command, peer.proved, peer.place, head)
        if entry.token:
            self.world.tokens += 1
            entry = msgspec.structs.replace(entry, token=f"token-{self.world.tokens}")
        self.propose(entry)

    def ask(self, peer: FakePeer, command: commands.AnyCommand) -> ServerMessage:
        """Send a command and let all be done; the last that came of it."""
        self.send(peer, command)
        self.world.catch_up()
        (reply,) = [each for each in peer.told if getattr(each, "id", None) == command.id]
        return reply

    def break_off(self, peer: FakePeer) -> None:
        peer.gone = True
        if self.replica.is_numbered(peer):
            self.propose(Lost(peer=self.replica.number_of(peer), unconfirmed=peer.unconfirmed))

    def die(self) -> None:
        """Without a word."""
        self.alive = False
        for peer in self.peers:
            peer.gone = True

    def leave(self) -> None:
        self.propose(Left())
        self.die()

    def bury(self, other: "SimulatedNode") -> None:
        """Say that another one is dead."""
        known = self.replica.nodes.get(other.replica.node)
        if known is not None:
            self.propose(Gone(node=other.replica.node, heard=known.heard))

    # -- what is said in rooms --------------------------------------------------------------------

    def commit(self) -> None:
        batch, self.appends = self.appends, []
        events, outcomes = self.world.ledger.commit(batch, self.world.milliseconds)
        self.hear()
        self.world.said += events
        self.heard += len(events)
        self._committed(events, outcomes)

    def hear(self) -> None:
        events = self.world.said[self.heard :]
        self.heard = len(self.world.said)
        if events:
            self._committed(events, [])

    def _committed(self, events: list[LoggedEvent], outcomes: list[tuple[Append, Outcome]]) -> None:
        self.perform(self.replica.ours(self.hall.committed(events, outcomes)))
        for name in {event.room for event in events}:
            log = self.world.ledger.logs[name]
            room = self.hall.rooms.get(names.fold(name))
            if room is not None:
                room.head = log[-1].seq

    # -- effects ----------------------------------------------------------------------------------

    def perform(self, effects: Effects) -> None:
        for effect in effects:
            match effect:
                case Reply() | Deliver() | Broadcast():
                    for peer, message in told(effect):
                        self._tell(peer, message)
                case Append():
                    self._own(effect.peer)
                    self.appends.append(effect)
                case ReadPage() | ReadDelta() | ReadFound():
                    self._own(effect.peer)
                    self._read(effect)
                case Close(peer=peer, bye=bye):
                    fake = self._own(peer)
                    fake.bye = bye
                    fake.gone = True
                case Audit():
                    self.audited += 1

    def _read(self, question: ReadPage | ReadDelta | ReadFound) -> None:
        match question:
            case ReadPage(query=query) if query.room.startswith("@"):
                then = question.then(self.replica.direct.page(query))
            case ReadDelta(query=delta) if delta.room.startswith("@"):
                then = question.then(self.replica.direct.delta(delta))
            case ReadPage(query=query):
                then = question.then(self.world.ledger.page(query))
            case ReadDelta(query=delta):
                then = question.then(self.world.ledger.delta(delta))
            case ReadFound(query=search):
                then = question.then(self.world.ledger.search(search))
        self.perform(self.replica.ours(then))

    def _own(self, peer: Peer) -> FakePeer:
        assert isinstance(peer, FakePeer)
        assert peer in self.peers
        return peer

    def _tell(self, peer: Peer, message: ServerMessage) -> None:
        fake = self._own(peer)
        if not fake.gone:
            told = decode_server(encode(message))
            # What a console is told besides is none of the protocol's.
            fake.told.append(message if isinstance(told, Unknown) else told)


def _difference(one: bytes, other: bytes) -> str:
    first, second = msgspec.json.decode(one), msgspec.json.decode(other)
    return "\n".join(
        f"{key}: {first[key]} and {second[key]}" for key in first if first[key] != second[key]
    )


def _unconfirmed(peer: Peer) -> bool:
    assert isinstance(peer, FakePeer)
    return peer.unconfirmed


def hello(name: str | None = None, **fields: object) -> commands.Hello:
    return commands.Hello(id=1, protocol=[1], client="test", name=name, **fields)
