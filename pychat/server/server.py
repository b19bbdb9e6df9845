"""Server: acts out what the Hall decides. Owns the Hall, the Ledger and all connections."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, cast

from pychat.protocol import commands, replies
from pychat.protocol.codec import encode_frame
from pychat.protocol.errors import Refused
from pychat.protocol.events import LoggedEvent, Passing
from pychat.server.addresses import Addresses, public_place
from pychat.server.admin import Console
from pychat.server.administering import Asked, obey
from pychat.server.asking import Asking
from pychat.server.backplane.direct import DirectLedger
from pychat.server.backplane.interface import (
    Backplane,
    Fact,
    Ledger,
    Outcome,
    Receipt,
    RoomRecord,
    Session,
)
from pychat.server.backplane.routing import RoutedLedger
from pychat.server.budgets import Budgets
from pychat.server.commands import handle
from pychat.server.connection import Connection
from pychat.server.counters import Counters, Figure
from pychat.server.credentials import NOTHING, Credentials
from pychat.server.deadlines import Deadlines
from pychat.server.effects import (
    Announce,
    Append,
    Audit,
    Broadcast,
    Close,
    Deliver,
    Drop,
    Effect,
    Effects,
    Enact,
    Forget,
    Noted,
    ReadDelta,
    ReadFound,
    ReadPage,
    Remember,
    Reply,
    Seal,
)
from pychat.server.enacting import Enacting
from pychat.server.flood import FloodLimits
from pychat.server.gathering import Gathering
from pychat.server.hall import Clock, Hall, HallConfig
from pychat.server.proving import PROVING, Proving
from pychat.server.returning import spread
from pychat.server.rounds import Rounds
from pychat.server.turnstile import Turnstile
from pychat.server.user import User

_log = logging.getLogger("pychat.server")

_CLOSING = 1_000
"""Milliseconds after which one who comes while the Hall closes may try again."""

SYSTEM_CLOCK = Clock(wall=lambda: time.time_ns() // 1_000_000, monotonic=time.monotonic)


class Report(Protocol):
    """Where the operator sees what happens in the Hall."""

    def noted(self, note: Noted) -> None: ...

    def said(self, event: LoggedEvent) -> None: ...


class Server:
    """One Hall behind one or more listening sockets."""

    def __init__(
        self,
        config: HallConfig,
        backplane: Backplane,
        report: Report,
        *,
        clock: Clock = SYSTEM_CLOCK,
        deadlines: Deadlines | None = None,
        flood: FloodLimits | None = None,
    ) -> None:
        """Without `flood` everybody may say as much as they like."""
        self._config = config
        self._direct = DirectLedger(clock.wall, backplane.retention)
        self._ledger = self._routed(backplane.ledger)
        self._directory = backplane.directory
        self._registry = backplane.registry
        self._report = report
        self._clock = clock
        self.deadlines = deadlines or Deadlines()
        self.budgets = Budgets(flood) if flood else None
        self.now = clock.monotonic
        self.counters = Counters()
        self.connections: dict[Connection, None] = {}
        self.addresses = Addresses()
        """From where the connections are, and those that are about to be."""
        self._unflushed: list[Connection] = []
        self._all_gone = asyncio.Event()
        self._all_gone.set()
        asking = Asking(self._ledger, lambda: self.hall, self.perform)
        # Each takes the effect under whose class it stands, which the type checker can't tell.
        self._acts: dict[type[Effect], Callable[[Any], None]] = {
            Reply: self._reply,
            Deliver: self._deliver,
            Broadcast: self._broadcast,
            Announce: self._announce,
            Append: self._append,
            ReadPage: asking.ask,
            ReadDelta: asking.ask,
            ReadFound: asking.ask,
            Close: self._close,
            Remember: lambda effect: self._directory.remember(effect.session),
            Forget: self._forget,
            Seal: lambda effect: self._direct.seal(effect.room, effect.why),
            Drop: lambda effect: self._direct.drop(effect.room),
            Enact: Enacting(self._registry, self.perform).enact,
            Audit: lambda effect: self._registry.audit(effect.line),
            Noted: report.noted,
        }
        self.draining = False
        """The server is stopping: no more commands are carried out."""

    async def start(self) -> None:
        """Open the Ledger and the Hall. Raises LedgerError, RegistryError, and lets go of both."""
        self._loop = asyncio.get_running_loop()
        self.call_soon: Callable[[Callable[[], None]], object] = self._loop.call_soon
        self.call_later: Callable[[float, Callable[[], None]], asyncio.TimerHandle] = (
            self._loop.call_later
        )
        self._gathering = Gathering(
            lambda said: self._ledger.append(said.event, said, said.person),
            self.now,
            self.call_later,
        )
        self.turnstile = Turnstile(self.call_later)
        """For what those cost who come."""
        self._proving = Proving(self._carry_out, self.now, self.turnstile)
        async with contextlib.AsyncExitStack() as undo:
            facts = self._registry.open()
            undo.push_async_callback(self._registry.close)
            rooms = await self._ledger.open(self)
            undo.push_async_callback(self._ledger.close)
            sessions, asleep = self._directory.open()
            if asleep >= self._config.linger:
                for session in sessions:
                    self._directory.forget(session.id)
                sessions = []
            self.hall = self._open_hall(facts, rooms, sessions)
            undo.pop_all()
        for session in sessions:
            if not self.hall.register.knows(session.id):
                self._directory.forget(session.id)
        self._rounds = Rounds(self)

    def _routed(self, durable: Ledger) -> Ledger:
        return RoutedLedger(durable, self._direct)

    def _open_hall(
        self, facts: Sequence[Fact], rooms: Sequence[RoomRecord], sessions: Sequence[Session]
    ) -> Hall:
        return Hall(
            self._config,
            self._ledger.epoch,
            rooms,
            sessions,
            facts,
            self._clock,
            lambda: secrets.token_urlsafe(24),
            lambda peer: _connection(peer).unconfirmed,
            lambda peer: public_place(_connection(peer).address),
        )

    def reconfigure(
        self, config: HallConfig, deadlines: Deadlines, flood: FloodLimits | None
    ) -> None:
        """All of it holds at once, for those who are here, too."""
        self._config = self.hall.config = config
        self.deadlines = deadlines
        if flood is None:
            self.budgets = None
        elif self.budgets is not None:
            self.budgets.adopt(flood)
        else:
            self.budgets = Budgets(flood)
        for connection in list(self.connections):
            self._pace(connection)

    def _pace(self, connection: Connection) -> None:
        """By the flood control that holds now; what waits for another is looked at again."""
        if self.budgets is None:
            connection.flood = None
        elif connection.flood is None:
            connection.flood = self.budgets.of_newcomer(connection.address, self.now())
            self._share_budget(connection)
        connection.go_on()

    async def stop(self) -> None:
        """Say `bye` to all, let what was said become durable, close. Takes as long as the Ledger,
        and the farewell deadline."""
        self.draining = True
        self._rounds.end()
        self._gathering.hand_over()
        # What was accepted for the log is answered before the connections are told to go.
        await self._ledger.close()
        self.perform(self.hall.keep())
        await self._registry.close()
        self._proving.close()
        self._directory.close()
        text = "the Hall is closing; come back in a moment"
        leaving = list(self.connections)
        for connection, wait in zip(leaving, spread(len(leaving)), strict=True):
            connection.close(replies.bye("shutdown", text, wait))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.deadlines.farewell):
                await self._all_gone.wait()
        for connection in list(self.connections):
            connection.abort()

    # -- connections --------------------------------------------------------------------------

    def figures(self) -> Sequence[Figure]:
        """What whoever watches is told of what only some servers have."""
        return ()

    def new_connection(self) -> Connection:
        """The one who calls has told `addresses` of it."""
        return Connection(self)

    def connected(self, connection: Connection) -> None:
        self.connections[connection] = None
        self._all_gone.clear()
        self.counters.accepted += 1
        if self.draining:
            connection.close(replies.bye("shutdown", "the Hall is closing", _CLOSING))

    def disconnected(self, connection: Connection) -> None:
        """The socket is closed."""
        del self.connections[connection]
        self.addresses.take_away(connection.address)
        self.lost(connection)
        if not self.connections:
            self._all_gone.set()

    def lost(self, connection: Connection) -> None:
        """The connection carries nothing more; its user lingers. Harmless if told twice."""
        if self.budgets is not None and connection.flood is not None:
            self.budgets.left(connection.address, connection.flood, self.now())
        self._unplug(connection)

    def _unplug(self, connection: Connection) -> None:
        self.perform(self.hall.disconnected(connection))

    def received(self, connection: Connection, command: commands.AnyCommand) -> None:
        if type(command) in PROVING:
            self._proving.received(self.hall, connection, command)
        else:
            self._carry_out(connection, command)

    def _carry_out(
        self,
        connection: Connection,
        command: commands.AnyCommand,
        proved: Credentials | Refused = NOTHING,
    ) -> None:
        try:
            effects = handle(self.hall, connection, command, proved)
        except Exception:  # noqa: BLE001  # the boundary: a fault is one command's, not the others'
            _log.exception("the command %s failed", type(command).__name__)
            text = "the server failed at this command; its log tells why"
            connection.refuse(replies.error("internal", text, command.id))
            return
        self.perform(effects)

    def administer(self, user: User, asked: Asked) -> None:
        """What a console asks of the Hall. Raises Refused."""
        self.perform(obey(self.hall, user, asked))

    def flush_later(self, connection: Connection) -> None:
        if not self._unflushed:
            self._loop.call_soon(self._flush)
        self._unflushed.append(connection)

    def _flush(self) -> None:
        connections, self._unflushed = self._unflushed, []
        for connection in connections:
            connection.flush()

    def keep(self) -> None:
        """Now and then: who is here is alive, and what a disk has refused is tried again."""
        self._directory.keep()
        self._registry.keep()

    def tick(self) -> None:
        """Several times a second."""
        self.perform(self.hall.tick())

    # -- the Ledger's sinks -------------------------------------------------------------------

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        self.counters.commits += 1
        self.counters.events += len(events)
        self.turnstile.others_spoke()
        for event in events:
            self._report.said(event)
        # The tickets are what `_act` gave to the Ledger with each event.
        settled = cast(Sequence[tuple[Append, Outcome]], outcomes)
        speakers: dict[Connection, None] = {}
        for append, outcome in settled:
            connection = _connection(append.peer)
            speakers[connection] = None
            connection.owed -= 1
            connection.answering = True
            if isinstance(outcome, Receipt) and outcome.duplicate:
                connection.excuse()
        self.perform(self.hall.committed(events, settled))
        for connection in speakers:
            connection.answering = False
            connection.settled()

    # -- effects ------------------------------------------------------------------------------

    def perform(self, effects: Effects) -> None:
        for effect in effects:
            self._acts[type(effect)](effect)

    def _deliver(self, effect: Deliver) -> None:
        """One chunk a room."""
        if not self._unflushed:
            self._loop.call_soon(self._flush)
        unflushed = self._unflushed
        alone = len(effect.said) == 1
        for room, events in effect.said.items():
            data = b"".join(map(encode_frame, events))
            self.counters.deliveries += len(events) * len(room.audience)
            # What a chat server does most. Nothing in here takes anybody out of the audience.
            for connection in cast(Iterable[Connection], room.audience):
                outbox = connection.outbox
                if not outbox.flows or outbox.chunk is not None:
                    connection.offer(data)
                elif connection.answering or not alone:
                    outbox.chunk = data
                    unflushed.append(connection)
                else:
                    outbox.write(data)

    def _reply(self, effect: Reply) -> None:
        if isinstance(effect.message, Passing):
            _connection(effect.peer).tell(effect.message)
            return
        connection = _answered(effect.peer)
        connection.send(effect.message)
        kind = type(effect.message)
        if kind is replies.Error:
            self.counters.refusals[cast(replies.Error, effect.message).code] += 1
        elif kind is replies.Welcome:
            assert isinstance(connection, Connection)
            connection.greet()
            self._share_budget(connection)

    def _share_budget(self, connection: Connection) -> None:
        """With the other connections of its session."""
        user = self.hall.user_at(connection)
        if self.budgets is not None and connection.flood is not None and user is not None:
            connection.flood = self.budgets.of_session(user.id, connection.flood)

    def _forget(self, effect: Forget) -> None:
        self._directory.forget(effect.session_id)
        if self.budgets is not None:
            self.budgets.ended(effect.session_id)

    def _broadcast(self, effect: Broadcast) -> None:
        data = encode_frame(effect.event)
        for peer in effect.room.audience:
            if peer is not effect.skip:
                _connection(peer).offer_passing(data)

    def _announce(self, effect: Announce) -> None:
        data = encode_frame(effect.event)
        for connection in list(self.connections):
            if connection.greeted:
                connection.offer(data)

    def _append(self, effect: Append) -> None:
        _connection(effect.peer).owed += 1
        self._gathering.put(effect)

    def _close(self, effect: Close) -> None:
        _connection(effect.peer).close(effect.bye)


def _answered(peer: object) -> Connection | Console:
    assert isinstance(peer, (Connection, Console))
    return peer


def _connection(peer: object) -> Connection:
    assert isinstance(peer, Connection)
    return peer
