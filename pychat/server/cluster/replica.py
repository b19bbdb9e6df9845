"""Replica: the Hall of one node. Carries out what the log has decided, and tells what of that is to
be acted out here. Pure: the same entries in the same order make the same Hall everywhere.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from pychat.protocol import replies
from pychat.protocol.errors import Refused
from pychat.server import administering, limits
from pychat.server.backplane.direct import DirectLedger
from pychat.server.backplane.interface import Receipt, Retention, RoomRecord
from pychat.server.cluster.entries import (
    Administered,
    AnyEntry,
    Batch,
    Beat,
    Came,
    Confirmed,
    Given,
    Gone,
    Left,
    Lost,
    Ruled,
    Rules,
    Unused,
)
from pychat.server.cluster.logtime import LogTime
from pychat.server.cluster.shared import SharedHall
from pychat.server.commands import handle
from pychat.server.effects import (
    Append,
    Close,
    Drop,
    Effects,
    Enact,
    Noted,
    Peer,
    Read,
    Remember,
    Reply,
    Seal,
)
from pychat.server.hall import Clock, HallConfig

_log = logging.getLogger("pychat.cluster")


class RemotePeer(msgspec.Struct, frozen=True):
    """A connection at another node."""

    node: str
    number: int


class RoomLogs(Protocol):
    """What a node has of what is said in rooms."""

    def record(self, room: str) -> RoomRecord:
        """How far that is."""

    def follows(self, room: str) -> bool:
        """Whether the node hears all, or is about to."""


class Node(msgspec.Struct):
    """As the log knows it."""

    number: int
    """Of its last batch."""
    heard: int
    """When that was; the log's milliseconds."""


class Replica:
    def __init__(
        self,
        config: HallConfig,
        epoch: str,
        node: str,
        clock: Clock,
        unconfirmed: Callable[[Peer], bool],
        rooms: RoomLogs,
    ) -> None:
        """A Hall in which nothing has happened yet. `clock` is this node's, by which nothing is
        decided; `unconfirmed` tells of one of its connections whether what was said on it may not
        have arrived; `rooms` are its logs."""
        self.node = node
        self.nodes: dict[str, Node] = {}
        """Those that are there, by what they call themselves, in the order of their coming."""
        self.time = LogTime(clock)
        self.direct = DirectLedger(self.time.wall, Retention())
        """What is said in rooms of two, which stands in the Hall's own log."""
        self.rules: Rules | None = None
        self._given: Given | Administered | None = None
        self._unconfirmed_told = True
        self._unconfirmed_here = unconfirmed
        self._local: dict[int, Peer] = {}
        self._numbers: dict[Peer, int] = {}
        self._last_number = 0
        self.hall = SharedHall(
            config,
            epoch,
            [],
            [],
            [],
            Clock(wall=self.time.wall, monotonic=self.time.seconds),
            lambda: self._given.token if self._given else "",
            self._unconfirmed,
            lambda peer: self._given.place if isinstance(self._given, Given) else "",
        )
        self._rooms = rooms
        self.hall.record_of = rooms.record
        administering.trust(self.hall)

    def _unconfirmed(self, peer: Peer) -> bool:
        if self.hall.deciding:
            return self._unconfirmed_told
        return isinstance(peer, RemotePeer) or self._unconfirmed_here(peer)

    # -- connections --------------------------------------------------------------------------

    def number_of(self, peer: Peer) -> int:
        """By which the log knows one of this node's connections."""
        number = self._numbers.get(peer)
        if number is None:
            number = self._last_number = self._last_number + 1
            self._local[number], self._numbers[peer] = peer, number
        return number

    def is_numbered(self, peer: Peer) -> bool:
        """Whether the log knows, or will, of this connection."""
        return peer in self._numbers

    def forget(self, peer: Peer) -> None:
        """The connection is no more, and the log has that."""
        self._local.pop(self._numbers.pop(peer, 0), None)

    def local(self, number: int) -> Peer | None:
        """The connection of this node that has the number."""
        return self._local.get(number)

    @property
    def here(self) -> list[Peer]:
        """This node's connections that the log knows of, or will."""
        return list(self._numbers)

    def address(self, peer: Peer) -> RemotePeer:
        """As the other nodes know a connection."""
        return peer if isinstance(peer, RemotePeer) else RemotePeer(self.node, self._numbers[peer])

    def peer_at(self, address: RemotePeer) -> Peer:
        if address.node != self.node:
            return address
        return self._local.get(address.number, address)

    def become(self, node: str) -> None:
        """Begin anew: what was connected here counts as another node's."""
        hall = self.hall
        peers = list(hall.peers.items())
        hall.peers.clear()
        for peer, user in peers:
            for room in user.rooms.values():
                room.deafen(peer)
            user.peer = self.address(peer)
            hall.peers[user.peer] = user
        self._local.clear()
        self._numbers.clear()
        self.node = node

    @property
    def is_oldest(self) -> bool:
        """Of the nodes that are there: it does what only one has to."""
        return next(iter(self.nodes), "") == self.node

    def learn(self, record: RoomRecord) -> None:
        """How far a room is, of which this node has the log."""
        self.hall.told_of(record)

    # -- what the log has decided --------------------------------------------------------------

    def decide(self, time: int, batch: Batch) -> Iterator[tuple[AnyEntry, Effects]]:
        """Carry out the entries one after the other: with each, what is to be acted out here
        before the next. `time` is the log's for this batch, in milliseconds."""
        if not self.nodes:
            self.time.begin_anew()
        self.time.advance(time)
        node = self.nodes.get(batch.node)
        if node is None:
            if not isinstance(batch.entries[0], Came):
                return
            node = self.nodes[batch.node] = Node(0, 0)
        if batch.number <= node.number:
            return
        node.number, node.heard = batch.number, self.time.passed
        for entry in batch.entries:
            yield entry, self._carry_out(batch.node, entry)

    def _carry_out(self, node: str, entry: AnyEntry) -> Effects:
        hall = self.hall
        hall.deciding = self.time.stands = True
        try:
            effects = [*hall.let_go(), *self._effects(node, entry)]
            here = self.ours(effects)
        finally:
            hall.deciding = self.time.stands = False
            self._given = None
            self._unconfirmed_told = True
        if node == self.node:
            return here
        return [each for each in here if not isinstance(each, Noted)]

    def _effects(self, node: str, entry: AnyEntry) -> Effects:
        hall = self.hall
        match entry:
            case Given() | Administered():
                return self._obey(self.peer_at(RemotePeer(node, entry.peer)), entry)
            case Lost():
                self._unconfirmed_told = entry.unconfirmed
                return hall.disconnected(self.peer_at(RemotePeer(node, entry.peer)))
            case Confirmed():
                user = hall.user_at(self.peer_at(RemotePeer(node, entry.peer)))
                return hall.confirm(user) if user is not None else []
            case Beat():
                self._let_go_of_old(node)
                for news in entry.rooms:
                    if self._rooms.follows(news.name):
                        # Here heads are what was heard, and nobody hears what is below one.
                        continue
                    hall.told_of(RoomRecord(news.name, news.head, news.topic))
            case Came():
                self.rule(entry.rules)
                return self._node_has_gone(entry.instead)
            case Ruled():
                self.rule(entry.rules)
            case Gone():
                there = self.nodes.get(entry.node)
                if there is not None and there.heard == entry.heard:
                    return self._node_has_gone(entry.node)
            case Left():
                return self._node_has_gone(node)
            case Unused():
                return hall.close_unused(entry.room)
        return []

    def _let_go_of_old(self, node: str) -> None:
        """Of what is said in rooms of two: with each sign of one node, so that all do alike."""
        age = self.rules.keep_age if self.rules is not None else None
        if age is not None and node == next(iter(self.nodes)):
            self.direct.let_go_before(self.time.reckoned - age)

    def _obey(self, peer: Peer, entry: Given | Administered) -> Effects:
        self._given = entry
        try:
            if isinstance(entry, Given):
                self._unconfirmed_told = entry.unconfirmed
                self.hall.head_told = entry.head
                return handle(self.hall, peer, entry.command, entry.proved)
            return administering.obey(self.hall, administering.console(peer), entry.asked)
        except Refused as refusal:
            asked = entry.asked.id if isinstance(entry, Administered) else entry.command.id
            return [Reply(peer, replies.error(refusal.code, refusal.text, asked))]
        except Exception:  # noqa: BLE001  # the boundary: one command's fault, and alike at each node
            command = entry.asked if isinstance(entry, Administered) else entry.command
            _log.exception("the command %s failed", type(command).__name__)
            text = "the server failed at this command; its log tells why"
            return [Reply(peer, replies.error("internal", text, command.id))]

    def _node_has_gone(self, name: str) -> Effects:
        if self.nodes.pop(name, None) is None:
            return []
        lost = [peer for peer in self.hall.peers if self.address(peer).node == name]
        return [each for peer in lost for each in self.hall.disconnected(peer)]

    def rule(self, rules: Rules) -> None:
        """By these is decided from now on."""
        self.rules = rules
        hall = self.hall
        for name, bound in rules.bounds.items():
            setattr(limits, name, bound)
        limits.DIRECT_ENTRIES = 4 * limits.DIRECT_MESSAGES
        most = rules.keep_messages or limits.DIRECT_MESSAGES
        self.direct.keep_at_most(min(most, limits.DIRECT_MESSAGES))
        hall.claims.allow(limits.CLAIMS_PER_PLACE, limits.CLAIMS_TIME)
        hall.gate.wrong.allow(limits.PASSWORD_ATTEMPTS, limits.ATTEMPTS_TIME)
        hall.config = msgspec.structs.replace(
            hall.config,
            linger=rules.linger,
            access=rules.access,
            operators=frozenset(rules.operators),
        )

    # -- effects --------------------------------------------------------------------------------

    def ours(self, effects: Effects) -> Effects:
        """What of these is to be acted out at this node; what is said in rooms of two happens with
        that, and what is to be kept is, by the log."""
        here: Effects = []
        for effect in effects:
            match effect:
                case Append() if effect.room.is_direct:
                    here += self._said_to_one(effect)
                case Reply() | Close() | Append() | Read():
                    if not isinstance(effect.peer, RemotePeer):
                        here.append(effect)
                    elif isinstance(effect, Read):
                        self.hall.stop_holding(effect.peer)
                case Enact():
                    here += self.ours(effect.then)
                case Seal():
                    self.direct.seal(effect.room, effect.why)
                case Drop():
                    self.direct.drop(effect.room)
                case Remember():
                    pass
                case _:
                    here.append(effect)
        return here

    def _said_to_one(self, append: Append) -> Effects:
        outcome, new = self.direct.admit(append.event, append.person, self.time.wall())
        assert new is None or isinstance(outcome, Receipt)
        events = [] if new is None else [new]
        return self.ours(self.hall.committed(events, [(append, outcome)]))
