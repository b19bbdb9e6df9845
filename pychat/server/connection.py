"""Connection: one client's socket. Bytes in, commands to the server; frames out, by its outbox."""

import asyncio
import socket
from typing import TYPE_CHECKING, cast

from pychat.protocol import commands, events, fingerprint, replies
from pychat.protocol import limits as wire
from pychat.protocol.codec import decode_command, encode_frame
from pychat.protocol.errors import FrameError, ProtocolError
from pychat.protocol.framing import FrameReader
from pychat.server import limits
from pychat.server.deadlines import Deadlines
from pychat.server.flood import FloodControl
from pychat.server.outbox import Outbox
from pychat.server.unacknowledged import unacknowledged

if TYPE_CHECKING:
    from pychat.server.server import Server

_PING = encode_frame(events.Ping())


class Connection(asyncio.Protocol):
    """Reads one command after the other: none while the one before waits for the Ledger to read,
    none while the client does not read its answers."""

    __slots__ = (
        "_bad_payloads",
        "_closing_since",
        "_cut",
        "_early",
        "_ended",
        "_frames",
        "_heard",
        "_opened",
        "_partial_since",
        "_paused",
        "_pinged",
        "_quitting",
        "_server",
        "_throttled",
        "_transport",
        "_unconfirmed",
        "address",
        "answering",
        "busy",
        "certificate",
        "challenge",
        "flood",
        "greeted",
        "outbox",
        "owed",
        "reading",
    )

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.address = ""
        """Where it comes from, as it was counted: a socket whose client is gone does not know."""
        self.certificate = fingerprint.NONE
        """Its fingerprint, as the client was shown it; 32 zero bytes without TLS."""
        self.challenge = b""
        """What the proof of the next `hello` is to be over; empty where none was asked for."""
        self._frames = FrameReader(wire.GREETING_FRAME_BYTES)
        self._throttled: tuple[commands.ClientMessage, asyncio.TimerHandle] | None = None
        """What must wait until flood control lets it through, and until when."""
        self._bad_payloads = 0
        self._paused = False
        self._pinged = False
        self._ended = False
        self._quitting: commands.Quit | None = None
        self._closing_since: float | None = None
        self._cut = False
        """Closing, since the client does not read."""
        self._partial_since: float | None = None
        self._unconfirmed: bool | None = None
        """As it was when the connection ended; None until then."""
        self.flood: FloodControl | None = None
        """The newcomer's, and from `welcome` on the session's; None where there is no limit."""
        self.greeted = False
        self._early = b""
        """Events that are to follow `welcome`."""
        self.busy = False
        """A command waits to be answered; none is carried out until then."""
        self.answering = False
        """Answers are about to follow what is broadcast: all of it is to be one write."""
        self.reading: asyncio.Task[None] | None = None
        """That reading."""
        self.owed = 0
        """Answers that come when the Ledger has written."""

    # -- what asyncio calls -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none by their class.
        self._transport = cast(asyncio.Transport, transport)
        self.outbox = Outbox(self._transport)
        # To be told of the first bytes that the socket does not take at once. Not 0: uvloop's TLS
        # takes an empty buffer for one that is full then.
        self._transport.set_write_buffer_limits(high=1, low=0)
        self._opened = self._heard = self._server.now()
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.SEND_BUFFER_BYTES)
        if self._server.budgets is not None:
            self.flood = self._server.budgets.of_newcomer(self.address, self._opened)
        self._server.connected(self)

    def data_received(self, data: bytes) -> None:
        self._heard = self._server.now()
        self._pinged = False
        if self.closing:
            return
        self._frames.feed(data)
        self.work()

    def eof_received(self) -> bool:
        """The client says no more; what it has said is answered before the socket closes."""
        self._ended = True
        self._note_arrival()
        if self.closing:
            return False
        self.work()
        # With TLS there is no half of a connection that could stay open.
        return self._transport.can_write_eof()

    def pause_writing(self) -> None:
        self.outbox.stall(self._server.now())

    def resume_writing(self) -> None:
        self.outbox.resume()
        self.work()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing_since = self._closing_since or self._server.now()
        self._note_arrival(broken=exc is not None)
        if self.reading is not None:
            self.reading.cancel()
        self._quit()
        self._server.disconnected(self)

    # -- what comes in ------------------------------------------------------------------------

    @property
    def closing(self) -> bool:
        return self._closing_since is not None

    def work(self) -> None:
        """Carry out what has arrived, a bounded number of commands a turn: others wait too."""
        may_work = self._may_work()
        for _ in range(limits.COMMANDS_PER_TURN):
            if self._closing_since is not None or not may_work:
                break
            try:
                payload = self._frames.read()
            except FrameError as fault:
                self.close(replies.bye("bad-frame", str(fault)))
                return
            if payload is None:
                if self._ended:
                    self._end_if_done()
                break
            self._partial_since = None
            self._carry_out(payload)
            may_work = self._may_work()
        else:
            self._server.call_soon(self.work)
        if self._frames.waiting or self._partial_since is not None:
            self._note_partial_frame(may_work)
        if may_work == self._paused:
            self._pace()

    def _may_work(self) -> bool:
        if self.busy or self._quitting is not None or self._throttled is not None:
            return False
        # Not only the backlog: a page that is not flushed yet may be all that a reader can take.
        unread = self.outbox.waiting >= limits.UNREAD_REPLIES_BYTES
        return not unread and not self._server.draining

    def settled(self) -> None:
        """An answer that was owed is given: it may have been the last."""
        if self.owed:
            return
        self._quit()
        if self._ended:
            self.work()

    def _quit(self) -> None:
        if self._quitting is not None:
            command, self._quitting = self._quitting, None
            self._server.received(self, command)

    def _end_if_done(self) -> None:
        if self.owed or self.closing:
            return
        self.outbox.flush()
        # What waits for a socket that takes nothing now would not survive the close.
        if self.outbox.is_empty:
            self._closing_since = self._server.now()
            self._transport.close()

    def _carry_out(self, payload: bytes) -> None:
        try:
            command = decode_command(payload)
        except ProtocolError as fault:
            self._refuse(fault)
            return
        self._bad_payloads = 0
        self._admit(command)

    def _admit(self, command: commands.ClientMessage) -> None:
        """Carry the command out now, later or not at all, as flood control has it."""
        flood = self.flood
        wait = 0.0 if flood is None else flood.wait(command, self._heard, self._server.now())
        if wait == 0.0:
            self._obey(command)
        elif wait is not None:
            self._throttled = command, self._server.call_later(wait, self.go_on)
        elif flood is not None and not isinstance(command, commands.Pong):
            text = "you say more than the Hall takes from one person; wait a moment"
            after = flood.retry_after(command)
            self.refuse(replies.error("rate-limited", text, command.id, after))

    def go_on(self) -> None:
        """With what has waited for flood control, if anything has."""
        if self._throttled is None:
            return
        (command, timer), self._throttled = self._throttled, None
        timer.cancel()
        if not self.closing:
            self._admit(command)
            self.work()

    def excuse(self) -> None:
        """Something that was said was a resend."""
        if self.flood is not None:
            self.flood.excuse()

    def _obey(self, command: commands.ClientMessage) -> None:
        if isinstance(command, commands.Pong):
            self._unconfirmed = False
        elif isinstance(command, commands.Quit) and self.owed:
            self._quitting = command  # nothing can be answered after it
        else:
            self._server.received(self, command)

    def _refuse(self, fault: ProtocolError) -> None:
        self._bad_payloads += 1
        self.refuse(replies.error(fault.code, fault.text, fault.command_id))
        if self._bad_payloads >= wire.BAD_PAYLOADS:
            text = f"{self._bad_payloads} bad payloads in a row; is this a pychat client?"
            self.close(replies.bye("too-many-errors", text))

    def _note_partial_frame(self, may_work: bool) -> None:
        if not self._frames.waiting or not may_work:
            self._partial_since = None
        elif self._partial_since is None:
            self._partial_since = self._server.now()

    def _pace(self) -> None:
        """Leave in the socket what cannot be worked on: its sender then waits as well."""
        if self.closing or self._ended:
            return
        self._paused = not self._paused
        if self._paused:
            self._transport.pause_reading()
        else:
            # What it said meanwhile nobody heard: it was not silent.
            self._heard = self._server.now()
            self._transport.resume_reading()

    # -- what goes out ------------------------------------------------------------------------

    def greet(self) -> None:
        """The client is in the Hall: it may send frames of full length from now on."""
        self.greeted = True
        self._frames.limit = wire.CLIENT_FRAME_BYTES
        early, self._early = self._early, b""
        if early:
            self.offer(early)

    def tell(self, event: events.PassingEvent) -> None:
        """Behind its `welcome`, which may wait for the disk while others know of the user."""
        if self.greeted:
            self.send(event)
        else:
            self._early += encode_frame(event)

    def send(self, message: replies.AnyReply | events.Event) -> None:
        self.offer(encode_frame(message))

    def refuse(self, error: replies.Error) -> None:
        """Answer a command without the Hall."""
        self._server.counters.refusals[error.code] += 1
        self.send(error)

    def offer(self, data: bytes) -> None:
        """Queue frames; a reader that is too slow for them is cut."""
        if self.closing:
            return
        if self.outbox.is_empty:
            self._server.flush_later(self)
        if not self.outbox.offer(data):
            self._cut_slow_reader(f"more than {limits.BACKLOG_BYTES} bytes waited for you")

    def flush(self) -> None:
        """Write what was offered, and go on with what had to wait for that."""
        self.outbox.flush()
        if self._paused or self._ended:
            self.work()

    def offer_passing(self, data: bytes) -> None:
        """As `offer`, for what a slow reader can do without."""
        if self.outbox.backlog < limits.PASSING_BACKLOG_BYTES:
            self.offer(data)

    def close(self, bye: replies.Bye) -> None:
        """Say `bye` after all that waits, and close when the client has had time to read it."""
        if not self.closing:
            self.outbox.flush()
            self._farewell(bye)

    def _cut_slow_reader(self, reason: str) -> None:
        self._cut = True
        self._farewell(replies.bye("slow-consumer", f"{reason}; come back and catch up"))

    def abort(self) -> None:
        """Without a word, and at once."""
        self._transport.abort()

    def _farewell(self, bye: replies.Bye) -> None:
        self._note_arrival(broken=bye.code == "timeout")
        self._closing_since = self._server.now()
        self._server.counters.byes[bye.code] += 1
        self.outbox.replace(encode_frame(bye))
        # Soon and not now: it may be that a broadcast is going out, and its end is not reached.
        self._server.call_soon(self._leave_hall)
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        # Not close(): what the client has sent and nobody has read would make the kernel reset
        # the connection, and the client would not see its `bye`. What comes now is thrown away.
        try:
            self._transport.write_eof()
        except (OSError, NotImplementedError):  # the client is gone already; TLS cannot
            self._transport.close()

    def _leave_hall(self) -> None:
        self._quit()
        self._server.lost(self)

    @property
    def unconfirmed(self) -> bool:
        """Whether what was written may not have arrived, as far as the kernel can tell."""
        if self._unconfirmed is not None:
            return self._unconfirmed
        return self.outbox.waiting > 0 or unacknowledged(self._transport) > 0

    def _note_arrival(self, *, broken: bool = False) -> None:
        """The connection ends. An acknowledgement of its end is one of all before it."""
        if self._unconfirmed is None:
            self._unconfirmed = broken or self.unconfirmed

    # -- deadlines ----------------------------------------------------------------------------

    def sweep(self, now: float, deadlines: Deadlines) -> None:
        """Called about once a second: close what is overdue, ping what is silent."""
        if self._closing_since is not None:
            patience = deadlines.slow_farewell if self._cut else deadlines.farewell
            if now >= self._closing_since + patience:
                # Not close(): that waits for a peer that never reads.
                self._transport.abort()
        elif not self.greeted and now >= self._opened + deadlines.login:
            text = f"no successful hello within {deadlines.login:g} seconds"
            self.close(replies.bye("login-timeout", text))
        elif self._partial_since is not None and now >= self._partial_since + deadlines.frame:
            text = f"a frame was not complete within {deadlines.frame:g} seconds"
            self.close(replies.bye("timeout", text))
        elif now >= self._heard + deadlines.dead and not self._paused:
            text = f"nothing was heard from you for {deadlines.dead:g} seconds"
            self.close(replies.bye("timeout", text))
        elif self._stalled(now, deadlines):
            self._cut_slow_reader(f"you read nothing for {deadlines.backlog:g} seconds")
        elif now >= self._heard + deadlines.silence and self.greeted and not self._pinged:
            self._pinged = True
            self.offer(_PING)

    def put_off(self, seconds: float, now: float) -> None:
        """The server stood still for so long until now: what is due comes as much later."""
        self._opened += seconds
        self._heard = min(now, self._heard + seconds)
        if self._partial_since is not None:
            self._partial_since = min(now, self._partial_since + seconds)
        if self._closing_since is not None:
            self._closing_since = min(now, self._closing_since + seconds)
        if self.outbox.stalled_since is not None:
            self.outbox.stalled_since = min(now, self.outbox.stalled_since + seconds)

    def _stalled(self, now: float, deadlines: Deadlines) -> bool:
        since = self.outbox.stalled_since
        return since is not None and now >= since + deadlines.backlog
