"""One connection to a Hall: bytes to arrivals, commands to replies. No policy.

What came in one chunk is handed on as one batch, in order, before any caller gets its reply.
A server that breaks the protocol ends the connection with a sentence that says how.
"""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar, cast

import msgspec

from pychat.client.address import Address
from pychat.client.errors import CommandError, ConnectionLost
from pychat.client.trust import Trust
from pychat.protocol import codec, commands, events, fingerprint, limits, replies
from pychat.protocol.errors import FrameError, ProtocolError
from pychat.protocol.framing import FrameReader
from pychat.protocol.text import clean_line

PING_AFTER = 20.0
"""Seconds of silence after which the client asks whether the server is there."""

LOST_AFTER = 45.0
"""Seconds of silence after which the connection counts as lost."""

PENDING_COMMANDS = 1_000
"""Without a reply at a time; further ones wait their turn."""

CLOSE_SECONDS = 1.0
"""For what is still to be written when the connection is closed."""

_WRITE_HIGH, _WRITE_LOW = 65_536, 16_384

AnyReply = TypeVar("AnyReply", bound=replies.Reply)


class Arrival(msgspec.Struct, frozen=True, gc=False):
    message: codec.ServerMessage | events.Unknown
    answering: commands.AnyCommand | None = None
    """The command that a reply belongs to."""
    delta: Sequence[events.LoggedEvent | events.Unknown] = ()
    """The events of a `joined`, decoded."""


class _Pending(NamedTuple):
    command: commands.AnyCommand
    expected: type[replies.Reply]
    future: asyncio.Future[replies.Reply]


class Connection(asyncio.Protocol):
    """`on_arrivals` and `on_lost` are set before it is opened and must not raise."""

    on_arrivals: Callable[[list[Arrival]], None]
    on_lost: Callable[[ConnectionLost], None]

    def __init__(
        self,
        address: Address,
        trust: Trust | None = None,
        *,
        ping_after: float = PING_AFTER,
        lost_after: float = LOST_AFTER,
    ) -> None:
        self.address = address
        self.trust = trust or Trust()
        """By what the Hall is known; the next connection goes by the same."""
        self.certificate = fingerprint.NONE
        """The fingerprint of what the Hall has shown; 32 zero bytes without TLS."""
        self.heard = False
        """Whether the peer has said anything that only a Hall says."""
        self.abandoned = False
        """Whether this side has given it up."""
        self.lost: ConnectionLost | None = None
        self._ping_after, self._lost_after = ping_after, lost_after
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = FrameReader(limits.SERVER_FRAME_BYTES)
        self._ids = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._frame_limit = limits.GREETING_FRAME_BYTES
        self._greeted = False
        self._ending: ConnectionLost | None = None
        self._closed = asyncio.Event()
        self._writable = True
        self._turn = asyncio.Lock()
        self._eased = asyncio.Event()
        self._last_heard = 0.0
        self._asked = False
        self._timer: asyncio.TimerHandle | None = None

    def next_id(self) -> int:
        return next(self._ids)

    async def request(self, command: commands.AnyCommand, expected: type[AnyReply]) -> AnyReply:
        """Send a command and return its reply. Commands are written in the order of the calls.

        Raises CommandError when it is refused, ConnectionLost when the reply will not come. A
        caller that is cancelled leaves the command on its way.
        """
        if self._crowded or self._turn.locked():
            async with self._turn:
                while self._crowded:
                    self._eased.clear()
                    await self._eased.wait()
        return await self.start(command, expected)

    def start(
        self, command: commands.AnyCommand, expected: type[AnyReply]
    ) -> asyncio.Future[AnyReply]:
        """Send a command now, however many are pending, and return the reply to come.

        Raises, and the reply raises, what `request` does. It need not be waited for.
        """
        if self.lost is not None or self._ending is not None or self._transport is None:
            raise self._lost_again()
        if self._transport.is_closing():
            # It broke a moment ago, and the loop is about to say so.
            raise ConnectionLost(f"The connection to {self.address} broke.")
        frame = self._frame(command)
        future: asyncio.Future[AnyReply] = self._loop.create_future()
        self._pending[command.id] = _Pending(
            command, expected, cast(asyncio.Future[replies.Reply], future)
        )
        self._transport.write(frame)
        return future

    def abandon(self, why: str) -> None:
        """End the connection at once, for this reason; what is still to be written is lost."""
        self.abandoned = True
        if self._ending is None:
            self._ending = ConnectionLost(why)
        if self._transport is not None:
            self._transport.abort()

    async def wait_closed(self) -> None:
        """Return when it has ended, in whatever way."""
        await self._closed.wait()

    async def close(self) -> None:
        """Write what is waiting, for a second at most, and end the connection. Idempotent."""
        if self._transport is None:
            return
        self._end(ConnectionLost(f"The connection to {self.address} has been closed."))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._closed.wait()
                return
        # abort(), since close() waits for a peer that does not read.
        self._transport.abort()
        await self._closed.wait()

    # What follows is for the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        encrypted = transport.get_extra_info("ssl_object")
        if encrypted is not None:
            self.certificate = fingerprint.of_certificate(encrypted.getpeercert(binary_form=True))
        # uvloop's low-water mark is 16 bytes unless it is told.
        self._transport.set_write_buffer_limits(high=_WRITE_HIGH, low=_WRITE_LOW)
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._last_heard = self._loop.time()
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._last_heard = self._loop.time()
        self._asked = False
        self._reader.feed(data)
        arrivals: list[Arrival] = []
        answered: list[tuple[_Pending, replies.Reply | replies.Error]] = []
        fault: Exception | None = None
        try:
            while self._ending is None and (payload := self._reader.read()) is not None:
                self._take(payload, arrivals, answered)
        except (FrameError, ProtocolError) as error:
            fault = error
        if arrivals:
            self.on_arrivals(arrivals)
        for pending, reply in answered:
            _settle(pending.future, reply)
        self._ease()
        if fault is not None:
            self.abandon(f"{self.address} does not keep to the protocol: {fault}.")

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._ease()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._ending is not None:
            self.lost = self._ending
        elif exc is not None:
            reason = getattr(exc, "strerror", None) or exc
            self.lost = ConnectionLost(f"The connection to {self.address} broke: {reason}.")
        else:
            self.lost = ConnectionLost(f"{self.address} closed the connection without a word.")
        pending, self._pending = self._pending, {}
        for _, _, future in pending.values():
            if not future.done():
                _refuse(future, self._lost_again())
        self._ease()
        self._closed.set()
        self.on_lost(self.lost)

    @property
    def _crowded(self) -> bool:
        if self.lost is not None:
            return False
        return not self._writable or len(self._pending) >= PENDING_COMMANDS

    def _ease(self) -> None:
        if not self._crowded:
            self._eased.set()

    def _frame(self, command: commands.AnyCommand) -> bytes:
        try:
            frame = codec.encode_frame(command)
        except (UnicodeEncodeError, OverflowError) as error:
            raise CommandError("bad-request", f"This cannot be sent: {error}.") from None
        size = len(frame) - limits.HEADER_BYTES
        if size > self._frame_limit:
            # The server would have to close the connection over it.
            raise CommandError(
                "bad-request",
                f"This takes {size} bytes to send, {self._frame_limit} are allowed at a time; "
                "send it in parts.",
            )
        return frame

    def _take(
        self,
        payload: bytes,
        arrivals: list[Arrival],
        answered: list[tuple[_Pending, replies.Reply | replies.Error]],
    ) -> None:
        message = codec.decode_server(payload)
        self.heard = True
        match message:
            case events.Logged():
                # First, since nearly all that comes is of this kind.
                arrivals.append(Arrival(message))
            case events.Ping():
                self._pong()
                arrivals.append(Arrival(message))
            case replies.Bye():
                text = f"{self.address} closed the connection: {clean_line(message.text)}"
                self._end(ConnectionLost(text, message))
            case replies.Reply() | replies.Error():
                pending = self._match(message)
                delta = _delta(message)
                # Not before nothing is wrong with it: who still waits then learns of the end.
                del self._pending[pending.command.id]
                answered.append((pending, message))
                if isinstance(message, replies.Welcome):
                    self._greeted = True
                    self._frame_limit = message.limits.frame
                arrivals.append(Arrival(message, pending.command, delta))
            case _:
                arrivals.append(Arrival(message))

    def _match(self, reply: replies.Reply | replies.Error) -> _Pending:
        if reply.id is None:
            raise ProtocolError("bad-request", "it cannot read a command of ours")
        pending = self._pending.get(reply.id)
        if pending is None:
            raise ProtocolError("bad-request", f"it answers the command {reply.id}, not sent")
        if not isinstance(reply, (pending.expected, replies.Error)):
            sent, came = (type(each).__name__.lower() for each in (pending.command, reply))
            raise ProtocolError("bad-request", f"it answers `{sent}` with `{came}`")
        return pending

    def _watch(self) -> None:
        """End a connection that has died silently; ask before."""
        now = self._loop.time()
        silent = now - self._last_heard
        if silent >= self._lost_after:
            self.abandon(f"Nothing has come from {self.address} for {self._lost_after:g} s.")
            return
        if silent >= self._ping_after and self._greeted and not self._asked:
            self._asked = True
            with contextlib.suppress(ConnectionLost):
                self.start(commands.Ping(id=self.next_id()), replies.Pong)
        due = self._last_heard + self._ping_after
        if due <= now:
            due = min(now + self._ping_after, self._last_heard + self._lost_after)
        self._timer = self._loop.call_at(due, self._watch)

    def _pong(self) -> None:
        # A server that asks and asks and never reads would fill the memory with answers.
        if self._transport is not None and self._writable and not self._transport.is_closing():
            self._transport.write(codec.encode_frame(commands.Pong()))

    def _end(self, reason: ConnectionLost) -> None:
        if self._ending is None:
            self._ending = reason
        if self._transport is not None:
            self._transport.close()

    def _lost_again(self) -> ConnectionLost:
        """A new one for each caller: a raised exception collects its traceback."""
        lost = self.lost or self._ending
        if lost is None:
            return ConnectionLost(f"There is no connection to {self.address} yet.")
        return ConnectionLost(lost.text, lost.bye)


def _settle(future: asyncio.Future[replies.Reply], reply: replies.Reply | replies.Error) -> None:
    if future.done():
        return
    if isinstance(reply, replies.Error):
        _refuse(future, CommandError.from_reply(reply))
    else:
        future.set_result(reply)


def _refuse(future: asyncio.Future[replies.Reply], error: Exception) -> None:
    future.set_exception(error)
    # Seen: the client's own ping has no caller to retrieve it.
    future.exception()


def _delta(
    message: replies.Reply | replies.Error,
) -> list[events.LoggedEvent | events.Unknown]:
    if not isinstance(message, replies.Joined):
        return []
    return [codec.decode_event(event) for event in message.events or []]
