"""One stay in a Hall, over as many connections as it takes: what arrives, and what is asked.

The mirror, the outbox and those who are told outlive each connection. What a connection brings is
taken only as far as it is whole: the first event that does not follow on the one before ends it,
and the Supervisor fetches what is missing on the next.
"""

import asyncio
import contextlib
import functools
from typing import Literal, NamedTuple

from pychat.client.answers import Answers
from pychat.client.audience import Audience
from pychat.client.changes import Changes
from pychat.client.connection import AnyReply, Arrival, Connection
from pychat.client.delivery import Delivery
from pychat.client.errors import CommandError, ConnectionLost
from pychat.client.mirror import Mirror
from pychat.client.outbox import Outbox
from pychat.client.outbox_store import OutboxStore
from pychat.client.presence import sent_out
from pychat.client.reading import Reading
from pychat.client.saying import Saying
from pychat.client.supervisor import Supervisor, is_final
from pychat.client.timing import Handle, Timing
from pychat.protocol import codec, commands, events, names, replies
from pychat.protocol.events import Event, Logged, Passing

KEPT_ROOMS = 1_000
"""Entered again after a break: ten times as many as a Hall lets anybody be in."""

KEEP_AGAIN_SECONDS = 5.0
"""Between two tries to write what a disk has refused."""

State = Literal["connecting", "connected", "offline"]


class Retry(NamedTuple):
    """The next try to come back."""

    attempt: int
    """1 is the first after the connection was lost."""
    due: float
    """By time.monotonic(); in the past while the try is being made."""


class Session:
    def __init__(self, connection: Connection, timing: Timing) -> None:
        self.mirror = Mirror()
        self.audience = Audience()
        self.state: State = "connecting"
        self.lost: ConnectionLost | None = None
        self.trouble = ""
        self.refusal: CommandError | None = None
        self.retry: Retry | None = None
        self.lost_at: int | None = None
        self.timing = timing
        self.token: str | None = None
        """What takes this session over, once."""
        self.store: OutboxStore | None = None
        """Where that is kept for the next program."""
        self.kept_rooms: list[str] = []
        """Those in which the Hall had kept me when it last let me in."""
        self.left: set[str] = set()
        """Folded names of rooms of which it is not known whether I have left them."""
        self.listening: set[str] = set()
        """Folded names of the rooms whose events come on this connection."""
        self.away = False
        """Whether I said that I am."""
        self.leaving = False
        self.reading = Reading(self)
        self.supervisor: Supervisor | None = None
        """Who comes back after a break, if anybody is to."""
        self.use(connection)
        self.keep_in(Outbox(timing.wall))
        self.saying = Saying(self)
        self._telling = False
        self._keeping: Handle | None = None
        """The next try to keep what could not be kept."""

    def use(self, connection: Connection) -> None:
        """Go on over this connection."""
        self.connection = connection
        self.answers = Answers(self, connection)
        self._welcomed_at: float | None = None
        self._heads: asyncio.Future[replies.Pong] | None = None
        """The answer to the last question for them."""
        self.listening.clear()
        self._entering: set[str] = set()
        """Direct rooms that I am joining, since something was said there."""
        connection.on_arrivals = self._arrived
        connection.on_lost = functools.partial(self._broke, connection)

    def keep_in(self, outbox: Outbox) -> None:
        self.outbox = outbox
        outbox.on_change = self._outbox_changed
        self._delivery = Delivery(self, outbox)

    # -- what is asked ------------------------------------------------------------------------

    async def request(self, command: commands.AnyCommand, expected: type[AnyReply]) -> AnyReply:
        """Raises ConnectionLost at once while there is no connection."""
        if self.lost is not None:
            raise ConnectionLost(self.lost.text, self.lost.bye)
        if self.state == "connecting":
            raise ConnectionLost(self.trouble or "There is no connection yet.")
        return await self.connection.request(command, expected)

    async def leave(self, room: str) -> None:
        view = self.mirror.room(room)
        room = view.name if view is not None else room
        command = commands.Leave(id=self.connection.next_id(), room=room)
        try:
            await self.request(command, replies.Ok)
        except ConnectionLost:
            if self.state != "offline":
                self.left.add(names.fold(room))
            raise

    # -- what becomes of it -------------------------------------------------------------------

    def settled(self) -> None:
        """There is a connection, with everything on it that was there before."""
        self.state = "connected"
        self.trouble, self.refusal, self.retry = "", None, None
        self.outbox.hold_overdue()
        self.saying.turnstile.open()
        self.tell_connection()
        self._delivery.pump()

    def waits(self, trouble: str, attempt: int, due: float) -> None:
        """The next try to come back is due then."""
        self.trouble = trouble
        self.retry = Retry(attempt, due)
        self.tell_connection()

    def shut_out(self, room: str, notice: str | None) -> None:
        """I am in that room no more. What waits there waits until I am, or it is discarded."""
        changes = self.mirror.forget(room)
        self.listening.discard(names.fold(room))
        if notice is not None:
            changes.notices.append(self._with_waiting(room, notice))
        self.audience.publish(changes)

    def _with_waiting(self, room: str, notice: str) -> str:
        if waiting := len(self.outbox.of(room)):
            return f"{notice.rstrip('.')}. What is not sent there waits: {waiting}."
        return notice

    def revive(self) -> ConnectionLost | None:
        """Go on after the end, if it was not I who wanted it; why it had ended."""
        lost = self.lost
        if self.state == "offline" and lost is not None:
            self.state, self.lost = "connecting", None
            self.saying.turnstile.shut()
        return lost

    def finish(self, lost: ConnectionLost | None) -> None:
        """It is over; without a reason, since I wanted it so."""
        self.state = "offline"
        self.lost = lost
        self.trouble = lost.text if lost is not None else ""
        self.retry = None
        self.mirror.outgoing.clear()
        self.audience.end(lost)
        # To learn of the end, too, one has to get through.
        self.saying.turnstile.open()
        self.tell_connection()

    @property
    def stay(self) -> float | None:
        """Seconds since the Hall's welcome on this connection; None where there was none."""
        if self._welcomed_at is None:
            return None
        return self.timing.monotonic() - self._welcomed_at

    def tell_connection(self) -> None:
        self.audience.publish(Changes(connection=True, outgoing=self.outbox.take_changed()))

    async def close(self) -> None:
        self.leaving = True
        self.reading.tell()
        if self.supervisor is not None:
            await self.supervisor.stop()
        await self.connection.close()
        if self.state != "offline":
            self.finish(None)
        if self._keeping is not None:
            self._keeping.cancel()
        self.outbox.close()

    async def disconnect(self) -> None:
        """As if the Hall had sent me away for good: `revive` goes on."""
        if self.state == "offline":
            return
        if self.supervisor is not None:
            await self.supervisor.stop()
        self.reading.tell()
        self.answers.stop()
        self.saying.turnstile.shut()
        self.outbox.interrupted()
        if self.state == "connected":
            self.lost_at = self.timing.wall()
        self.finish(ConnectionLost("You have ended the connection."))
        await self.connection.close()

    @property
    def comes_back(self) -> bool:
        return self.supervisor is not None and not self.leaving and self.state != "offline"

    def _broke(self, connection: Connection, lost: ConnectionLost) -> None:
        if connection is not self.connection or self.state == "offline":
            return
        was_in = self.state == "connected"
        self.answers.stop()
        self.saying.turnstile.shut()
        self.outbox.interrupted()
        if was_in:
            self.lost_at = self.timing.wall()
        if self.supervisor is not None and self.supervisor.at_work:
            # It learns of it by itself.
            return
        if was_in and self.supervisor is not None and not self.leaving and not is_final(lost):
            self.state, self.trouble = "connecting", lost.text
            self.supervisor.begin(lost)
        else:
            self.finish(None if self.leaving else lost)

    def _outbox_changed(self) -> None:
        """Those who are told learn of it soon, and once for all that was done meanwhile."""
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._tell_outbox)

    def _tell_outbox(self) -> None:
        self._telling = False
        self._delivery.pump()
        self.audience.publish(Changes(outgoing=self.outbox.take_changed()))
        if self.outbox.is_behind and self._keeping is None and not self.leaving:
            self._keeping = self.timing.call_later(KEEP_AGAIN_SECONDS, self._keep_again)

    def _keep_again(self) -> None:
        self._keeping = None
        self.outbox.catch_up()

    # -- what arrives -------------------------------------------------------------------------

    def _arrived(self, arrivals: list[Arrival]) -> None:
        changes = Changes()
        now = self.timing.monotonic()
        told: list[Event] = []
        torn: set[str] = set()
        waits = bool(self.outbox or self.saying)
        for arrival in arrivals:
            message = arrival.message
            if not isinstance(message, (Logged, events.Unknown)):
                told += self._take(arrival, now, torn, changes)
            elif self.supervisor is None or self._is_next(message, torn):
                # The short way, for nearly all that comes.
                self.mirror.log(message, now, changes)
                if isinstance(message, Logged):
                    told.append(message)
                    if waits:
                        self._recognise(message)
        if self.mirror.name:
            self.outbox.belongs_to(self.mirror.name)
        changes.gaps |= torn
        changes.outgoing |= self.outbox.take_changed()
        self.audience.offer(told)
        self.audience.publish(changes)
        self.reading.look()
        if torn and self.supervisor is not None and not self.leaving:
            rooms = ", ".join(sorted(torn))
            self.supervisor.mend(f"Something that was said in {rooms} has not arrived.")
        self._delivery.pump()

    def _take(self, arrival: Arrival, now: float, torn: set[str], changes: Changes) -> list[Event]:
        """What is not of a room's log itself. Returns what of it is to be told."""
        message, answering = arrival.message, arrival.answering
        self.mirror.apply(message, now=now, answering=answering, delta=arrival.delta, into=changes)
        self._heed(message, answering, torn, changes)
        told: list[Event] = []
        for event in arrival.delta:
            if isinstance(event, Logged):
                self._recognise(event)
                told.append(event)
        if isinstance(message, Passing) and not isinstance(message, events.Ping):
            told.append(message)
        return told

    def _is_next(self, message: Logged | events.Unknown, torn: set[str]) -> bool:
        """Whether an event follows on what is known of its room. What does not, comes again."""
        view = self.mirror.room(message.room) if message.room is not None else None
        if view is None or message.seq is None:
            return True
        if view.name in torn or message.seq <= view.head:
            return False
        if message.prev is not None and message.prev != view.head:
            torn.add(view.name)
            return False
        return True

    def _heed(
        self,
        message: codec.ServerMessage | events.Unknown,
        answering: commands.AnyCommand | None,
        torn: set[str],
        changes: Changes,
    ) -> None:
        match message:
            case replies.Welcome():
                self._welcomed_at = self.timing.monotonic()
                self.token = message.resume
                self.kept_rooms = message.rooms[:KEPT_ROOMS]
                self.reading.welcomed()
                if self.store is not None:
                    self.store.keep_token(message.resume)
                if self.supervisor is None or not self.supervisor.at_work:
                    self.state = "connected"
                    changes.connection = True
                    self.saying.turnstile.open()
            case replies.Joined():
                view = self.mirror.room(message.room)
                if view is not None:
                    self.listening.add(names.fold(view.name))
                    self.reading.joined(view, message.read)
                    view.outgoing = self.outbox.of(view.name)
                    if view.gap:
                        torn.add(view.name)
                    elif message.recovered:
                        self.outbox.caught_up(view.name)
            case replies.Ok() if isinstance(answering, commands.Leave):
                self.listening.discard(names.fold(answering.room))
            case replies.Ok() if isinstance(answering, commands.Quit):
                if self.store is not None:
                    self.store.forget_token()
            case replies.Pong() if self.supervisor is not None:
                # Events and answers come in one stream: up to these heads, all has come.
                for view in self.mirror.rooms.values():
                    head = message.heads.get(view.name, 0)
                    if head > view.head and names.fold(view.name) in self.listening:
                        torn.add(view.name)
            case events.Direct():
                self._enter(message)
            case events.Read():
                view = self.mirror.room(message.room)
                if view is not None:
                    self.reading.told(view, message.seq)
            case events.Presence():
                reason = sent_out(message, self.mirror.name)
                if reason is not None:
                    self.listening.discard(names.fold(message.room))
                    room = message.room
                    # A room of two without what makes its name its own.
                    pair = ",".join(names.pair_of(room))
                    place = f"@{pair}" if room[:1] == "@" else f"#{room}"
                    notice = f"You were removed from {place}: {reason}"
                    changes.notices.append(self._with_waiting(message.room, notice))
            case events.Ping() if self.supervisor is not None:
                self._ask_for_heads()
            case _:
                pass

    def _enter(self, news: events.Direct) -> None:
        """Somebody has said something to me: go where it can be heard, from there on."""
        key = names.fold(news.room)
        if key in self.listening or key in self._entering:
            return
        view = self.mirror.room(news.room)
        command = commands.Join(
            id=self.connection.next_id(),
            room=news.room,
            after=view.head if view is not None else news.after,
            epoch=self.mirror.epoch,
        )
        with contextlib.suppress(ConnectionLost):
            self._entering.add(key)
            answer = self.connection.start(command, replies.Joined)
            # Where it is refused, nothing is there to be heard; what is said next tells again.
            answer.add_done_callback(lambda _: self._entering.discard(key))

    def _ask_for_heads(self) -> None:
        """One question at a time, however often the Hall asks."""
        if self._heads is None or self._heads.done():
            with contextlib.suppress(ConnectionLost):
                ping = commands.Ping(id=self.connection.next_id())
                self._heads = self.connection.start(ping, replies.Pong)

    def _recognise(self, event: Logged) -> None:
        if self.outbox.settle(event.nonce):
            self.mirror.outgoing.discard(event.nonce)
        self.saying.recognise(event)
