"""NodeServer: a Server whose Hall other nodes have, too. What changes it goes to the Hall's log
first, and happens when it comes back from there.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from pychat.protocol import commands, events, names, replies
from pychat.protocol.errors import Refused
from pychat.server.addresses import public_place
from pychat.server.admin import Console
from pychat.server.administering import Admit, Asked, Who, obey
from pychat.server.backplane.interface import Fact, Ledger, LedgerError, RoomRecord, Session
from pychat.server.backplane.jetstream.hall_log import HallLog, HallLogError
from pychat.server.backplane.jetstream.link import Link, LinkError, Message
from pychat.server.backplane.jetstream.publisher import Publisher
from pychat.server.cluster import durability, entries, lag, proposing, snapshot
from pychat.server.cluster.attendance import Attendance
from pychat.server.cluster.entries import (
    Administered,
    AnyEntry,
    Batch,
    Beat,
    Came,
    Confirmed,
    Given,
    Left,
    Lost,
    Ruled,
    Rules,
    VersionError,
)
from pychat.server.cluster.faults import ClusterError
from pychat.server.cluster.following import FollowedLedger, Following
from pychat.server.cluster.housekeeping import Housekeeping
from pychat.server.cluster.keeper import Keeper
from pychat.server.cluster.lane import Lane
from pychat.server.cluster.replica import Replica
from pychat.server.cluster.signals import Signals
from pychat.server.connection import Connection
from pychat.server.counters import Figure
from pychat.server.credentials import NOTHING, Credentials
from pychat.server.effects import Broadcast, Effects, Peer
from pychat.server.hall import Hall
from pychat.server.returning import spread
from pychat.server.server import Server
from pychat.server.user import User

_log = logging.getLogger("pychat.cluster")

LEASE = 20.0
"""Seconds for which a node may be silent in the log before the others take it for dead, and after
which it takes itself for cut off: more than twice what the election of a leader takes."""

COMING = 30.0
"""Seconds within which a node that starts is in the log."""

DRAINING = 5.0
"""Seconds for what a node that stops has to say yet."""

_CUT_OFF = "this server has lost the others; try again in a moment"


class NodeServer(Server):
    """Until it is in the log, and while it is cut off, it decides nothing."""

    def __init__(
        self,
        *rest: Any,
        link: Link,
        cluster: str,
        node: str,
        rules: Rules,
        given_up: Callable[[], None],
        monitors: Sequence[str] = (),
        **named: Any,
    ) -> None:
        """The backplane's Ledger is one that follows rooms, over `link`, which is opened and closed
        here. `cluster` is what the engine's streams begin with, `node` what this one is called;
        `rules` are this node's settings as far as they hold for all. `given_up` is called where
        this one can decide no more: it is to be stopped, and to be made anew. At `monitors` the
        engine's servers tell of themselves."""
        self._link = link
        self._streams = cluster
        self._monitors = monitors
        self._node_name = node
        self._rules = rules
        self._given_up = given_up
        super().__init__(*rest, **named)
        self._publisher = Publisher(link, secrets.token_hex(8))
        self._hall_log = HallLog(link, cluster, self._decided, self._give_up)
        self._lane = Lane(self._hall_log, self._publisher, LEASE, self.cut_off)
        self._signals = Signals(link, f"{cluster}.typing", self._somebody_types)
        self._telling = lag.Telling(link, cluster, self._lag)
        self._here = asyncio.Event()
        """The log has that this node came; and nothing else of it."""
        self._fault = ""
        """Why this node can decide no more, if that is so."""
        self._attendance = Attendance(lambda peer: self.replica.number_of(peer), self._lane.put)
        self.joining: dict[Connection, str] = {}
        """Rooms that are followed for those who are about to come in."""
        self._housekeeping: Housekeeping | None = None
        self.keeper = Keeper(self._hall_log, self._publisher)

    def _routed(self, durable: Ledger) -> Ledger:
        rooms: FollowedLedger = durable  # type: ignore[assignment]  # as `__init__` asks
        self.following = Following(
            rooms, lambda: self.replica.direct, lambda each: self.replica.learn(each)
        )
        return self.following

    def _open_hall(
        self, facts: Sequence[Fact], rooms: Sequence[RoomRecord], sessions: Sequence[Session]
    ) -> Hall:
        self.replica = Replica(
            self._config,
            self._ledger.epoch,
            self._fresh_name(),
            self._clock,
            lambda peer: isinstance(peer, Connection) and peer.unconfirmed,
            self.following,
        )
        return self.replica.hall

    def _fresh_name(self) -> str:
        return f"{self._node_name}.{secrets.token_hex(4)}"

    async def start(self) -> None:
        """Returns when the others know of this node. Raises LedgerError, RegistryError,
        ClusterError."""
        try:
            await self._link.open()
            await super().start()
            await self._read_log()
            await self._signals.open()
            await self._telling.open()
        except (LinkError, HallLogError, snapshot.SnapshotError) as fault:
            raise ClusterError(str(fault)) from fault
        await durability.report(self._link, self._streams, self._monitors)
        await self._come()
        self._housekeeping = Housekeeping(self, self._lane, self._link, LEASE)
        self._housekeeping.open()

    async def _read_log(self) -> None:
        self._publisher.open()
        found = await self._hall_log.open()
        at = 0
        if found is not None:
            at, data = found
            snapshot.load(self.replica, data)
        await self._hall_log.catch_up(at)
        self._check()

    async def _come(self) -> None:
        self._lane.begin(self.replica.node)
        self._lane.open()
        self._lane.put(Came(rules=self._rules))
        try:
            async with asyncio.timeout(COMING):
                await self._here.wait()
        except TimeoutError:
            self._check()
            raise ClusterError(
                f"the Hall's log took nothing of this node within {COMING:g} s; see that most of "
                "NATS's servers are there"
            ) from None

    def _check(self) -> None:
        if self._fault:
            raise ClusterError(self._fault)

    async def stop(self) -> None:
        """Raises ClusterError, in the end, where the node had given up."""
        self.draining = True
        if self._housekeeping is not None:
            self._housekeeping.close()
        await self._say_all()
        await super().stop()
        self._lane.put(Left())
        await self._say_all()
        await self._lane.close()
        await self._signals.close()
        await self._telling.close()
        await self._hall_log.close()
        await self.keeper.close()
        await self._publisher.close()
        await self._link.close()
        self._check()

    async def _say_all(self) -> None:
        """What waits to be in the log; in vain where that is not to be reached."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAINING if self._link.connected else 0):
                await self._lane.empty()

    # -- figures ----------------------------------------------------------------------------------

    def _lag(self) -> lag.NodeLag:
        return lag.NodeLag(self.replica.node, *self._hall_log.lag, self.following.lag())

    def figures(self) -> list[Figure]:
        return lag.figures(self._lag(), self._link.connected, len(self.replica.nodes))

    # -- settings ---------------------------------------------------------------------------------

    def agree(self, rules: Rules) -> None:
        """These settings of this node are to hold for all; until the log has them, what held."""
        self._rules = rules
        if self.replica.rules is not None:
            self.replica.rule(self.replica.rules)
        self._lane.put(Ruled(rules=rules))

    # -- what is proposed -------------------------------------------------------------------------

    @property
    def _can_decide(self) -> bool:
        return self._here.is_set() and self._link.connected and not self._fault

    def _carry_out(
        self,
        connection: Connection,
        command: commands.AnyCommand,
        proved: Credentials | Refused = NOTHING,
    ) -> None:
        user = self.hall.user_at(connection)
        if user is not None and user.spent_hash:
            self._attendance.confirm(connection)
        stranger = user is None and not isinstance(command, commands.Hello)
        if isinstance(proved, Refused) or stranger or not proposing.is_decided(command):
            super()._carry_out(connection, command, proved)
        elif not self._can_decide:
            connection.refuse(replies.error("unavailable", _CUT_OFF, command.id))
        elif isinstance(command, commands.Join) and not command.room.startswith("@"):
            connection.busy = True
            joining = self._join(connection, command)
            connection.reading = asyncio.get_running_loop().create_task(joining)
        else:
            self._propose(connection, command, proved)

    def tick(self) -> None:
        super().tick()
        self._attendance.look()

    def _propose(
        self, connection: Connection, command: commands.AnyCommand, proved: Credentials
    ) -> None:
        connection.busy = True
        name = getattr(command, "room", None) or ""
        room = self.hall.rooms.get(names.fold(name))
        head = room.head if room is not None else self.following.record(name).head
        place = public_place(connection.address)
        self._lane.put(proposing.given(self.replica, connection, command, proved, place, head))

    async def _join(self, connection: Connection, command: commands.Join) -> None:
        """Who comes in gets what there is: so this node has it first, and all that they have."""
        try:
            name = names.check_room(command.room)
            room = self.hall.rooms.get(names.fold(name))
            self.joining[connection] = name if room is None else room.name
            await self.following.follow(self.joining[connection], command.after or 0)
        except Refused:
            pass  # as the log will decide as well
        except LedgerError as fault:
            _log.warning("a room cannot be followed: %s", fault)
            self.joining.pop(connection, None)
            connection.busy = False
            text = "the room cannot be reached at this moment; try again"
            connection.refuse(replies.error("unavailable", text, command.id))
            connection.work()
            return
        if not connection.closing:
            self._propose(connection, command, NOTHING)

    def administer(self, user: User, asked: Asked) -> None:
        console = user.connection
        assert isinstance(console, Console)
        if isinstance(asked, Who | commands.List | commands.Bans):
            self.perform(obey(self.hall, user, asked))
            return
        if not self._can_decide:
            raise Refused("unavailable", _CUT_OFF)
        console.busy = True
        token = secrets.token_urlsafe(24) if isinstance(asked, Admit) else ""
        number = self.replica.number_of(console)
        self._lane.put(Administered(peer=number, asked=asked, token=token))

    def _unplug(self, connection: Connection) -> None:
        user = self.hall.user_at(connection)
        for room in user.rooms.values() if user is not None else ():
            room.deafen(connection)
        if self.replica.is_numbered(connection):
            self._attendance.lost(connection)

    # -- what is decided --------------------------------------------------------------------------

    def _decided(self, sequence: int, time: int, body: bytes) -> None:
        if self._fault:
            return
        try:
            self._carry_on(sequence, time, entries.decode(body))
        except VersionError as fault:
            self._give_up(str(fault))
        except Exception:  # noqa: BLE001  # the boundary: what is left of it is lost
            _log.exception("message %d of the Hall's log failed", sequence)
            self._give_up(
                f"this node failed at message {sequence} of the Hall's log, as its own log tells, "
                "and has no longer the Hall that the others have: start it again"
            )

    def _carry_on(self, sequence: int, time: int, batch: Batch) -> None:
        for entry, effects in self.replica.decide(time, batch):
            self._act_out(batch, entry, effects)
        gone = self.replica.node not in self.replica.nodes
        if gone and self._here.is_set() and not self.draining:
            _log.warning("the others took this node for dead")
            self.cut_off()
        self.keeper.look(self.replica, sequence)

    def _act_out(self, batch: Batch, entry: AnyEntry, effects: Effects) -> None:
        mine = batch.node == self.replica.node
        peer = self.replica.local(entry.peer) if mine and hasattr(entry, "peer") else None
        if isinstance(peer, Connection | Console) and isinstance(entry, Given | Administered):
            peer.busy = False
        # By the replica they are this node's already.
        super().perform(effects)
        if mine:
            self._settle(entry, peer)

    def _settle(self, entry: AnyEntry, peer: Peer | None) -> None:
        match entry:
            case Came():
                self._here.set()
            case Beat() if self._housekeeping is not None:
                self._housekeeping.told(entry.rooms)
            case Lost() if isinstance(peer, Connection):
                self._attendance.settled(entry, peer)
                self.joining.pop(peer, None)
                self.replica.forget(peer)
            case Confirmed() if isinstance(peer, Connection):
                self._attendance.settled(entry, peer)
            case Administered() if isinstance(peer, Console):
                self.replica.forget(peer)
                peer.work()
            case Given() if isinstance(peer, Connection):
                self.joining.pop(peer, None)
                user = self.hall.user_at(peer)
                if isinstance(entry.command, commands.Hello) and user is not None:
                    self._greeted(peer, user)
                if not peer.closing:
                    peer.work()

    def _greeted(self, connection: Connection, user: User) -> None:
        if user.spent_hash:
            self._attendance.resumed(connection)
        for room in user.rooms.values():
            if not room.is_direct:
                self.following.follow_soon(room.name)

    def perform(self, effects: Effects) -> None:
        super().perform(self.replica.ours(effects))

    # -- cut off ----------------------------------------------------------------------------------

    def cut_off(self) -> None:
        """What this node has not said in time it says no more: its people go to others, or come
        back when it is there anew."""
        if self._fault:
            return
        _log.warning("this node was cut off from the others; all its connections are closed")
        try:
            self._begin_anew()
        except Exception:  # noqa: BLE001  # the boundary: it would be here and do nothing
            _log.exception("a node that was cut off failed")
            self._give_up(
                "this node was cut off from the others and cannot begin anew, as its own log "
                "tells: start it again"
            )

    def _begin_anew(self) -> None:
        before = self.replica.node
        self._here.clear()
        for console in [each for each in self.replica.here if isinstance(each, Console)]:
            # What it has asked for may happen yet: there is no answer.
            console.abort()
        self._send_away(list(self.connections))
        self.replica.become(self._fresh_name())
        self._attendance.forget()
        self.joining.clear()
        self._lane.begin(self.replica.node)
        self._lane.put(Came(rules=self._rules, instead=before))

    def _give_up(self, why: str) -> None:
        """This node knows no more what is decided: it is to end, and the others are to miss it."""
        self._fault = why
        _log.error("%s", why)
        if self._housekeeping is not None:
            self._housekeeping.close()
        self._send_away(list(self.connections))
        self._given_up()

    def _send_away(self, leaving: list[Connection]) -> None:
        text = "this server has lost the others; come back in a moment"
        for connection, wait in zip(leaving, spread(len(leaving)), strict=True):
            connection.close(replies.bye("shutdown", text, wait))

    # -- passing events ---------------------------------------------------------------------------

    def _broadcast(self, effect: Broadcast) -> None:
        super()._broadcast(effect)
        if isinstance(effect.event, events.Typing) and effect.skip is not None:
            self._signals.send(msgspec.json.encode(effect.event))

    def _somebody_types(self, message: Message) -> None:
        with contextlib.suppress(msgspec.DecodeError):
            event = msgspec.json.decode(message.body, type=events.Typing)
            room = self.replica.hall.room_called(event.room)
            if room is not None:
                super()._broadcast(Broadcast(room, event))
