"""Where all come in: counted as they come, a few at a time, and refused before they cost anything.

asyncio tells a protocol of an encrypted connection when its handshake is done: sockets that never
say a word would be counted by nobody, and each would hold what a handshake takes. Here, where TLS
is spoken, one costs its socket until its first byte is there, and that byte says what is spoken.
"""

import asyncio
import errno
import ipaddress
import logging
import socket
import ssl
from collections import Counter
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from pychat.protocol import replies
from pychat.protocol.codec import encode_frame
from pychat.server import limits
from pychat.server.addresses import Excess
from pychat.server.tls import HANDSHAKE, Encryption

if TYPE_CHECKING:
    from pychat.server.server import Server

_log = logging.getLogger("pychat.server")

_PER_TURN = 8
"""Connections that are accepted before what is said by others has its turn: 20 us each."""

_LET_GO = 32
"""Of those who have not said a word, in one turn."""

_SWEEP = 1.0
"""Seconds between two looks at who has not said a word."""

_BREATH = 0.002
"""Seconds between two turns of accepting where more wait and somebody talks: some thousands a
second come in."""

_LETTING_GO = 0.005
"""Seconds between two turns of letting go: thousands come due in one second if they want to."""

_HANDSHAKE_COST = 0.0007
"""Seconds of the loop that one takes, when the client's first words are all there."""

_CLEAR_COST = 0.0001
"""The same without TLS: what the loop makes for a connection."""

_PAUSE = 1.0
"""Seconds without new connections where the process or the machine can have no more files."""

_TOLD = 60.0
"""Seconds between two lines of the report about those who did not get in: anybody can make any
number of them."""

_LEAST_HANDSHAKE = 2.0
"""Seconds that remain for it, however late its first byte or its turn was."""

_QUEUE = 2
"""Times that of a handshake is how long somebody who has spoken may have to wait for their turn."""

_HANDSHAKE_BYTE = 0x16
"""The first of a TLS connection; that of a frame is 0, since none is so long."""

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_DENIED = bytes([0x15, 0x03, 0x03, 0, 2, 2, 49])
"""What TLS has for it: the fatal alert `access_denied`."""

_IN_CLEAR = encode_frame(
    replies.bye("bad-frame", "this Hall is reached with TLS only, and what came was not TLS")
)

_UNREAD_BYTES = 65_536
"""Taken from a socket before it is closed: else what was written last might not arrive."""


class _Guest:
    """A connection of which nothing is known but where it comes from."""

    __slots__ = ("address", "since", "sock")

    def __init__(self, sock: socket.socket, address: str, since: float) -> None:
        self.sock = sock
        self.address = address
        self.since = since


class Doorway:
    """Listens on sockets that are bound. Where there is encryption those of this machine may be
    allowed to speak without it: what they say crosses no network."""

    def __init__(
        self,
        server: "Server",
        sockets: list[socket.socket],
        encryption: Encryption | None,
        *,
        local_in_clear: bool = False,
    ) -> None:
        self.refused: Counter[str] = Counter()
        """How many did not get in, by why."""
        self._server = server
        self._sockets = sockets
        self._encryption = encryption
        self._local_in_clear = local_in_clear
        self._loop = asyncio.get_running_loop()
        self._silent: dict[_Guest, None] = {}
        """Those who have not said a word, the first to come first."""
        self._waiting: dict[_Guest, None] = {}
        """Those who have, and whose turn to get in has not come; the first first."""
        self._entering: set[asyncio.Task[None]] = set()
        self._told = -_TOLD
        self._untold = 0

    def open(self) -> None:
        """Raises OSError; it is to be closed then, too."""
        self._sweeping = self._loop.call_later(_SWEEP, self._sweep)
        for sock in self._sockets:
            sock.setblocking(False)
            sock.listen(limits.LISTEN_BACKLOG)
            self._loop.add_reader(sock, self._accept, sock)

    def close(self) -> None:
        """Nobody comes in any more; those who are in stay. Idempotent."""
        self._sweeping.cancel()
        for sock in self._sockets:
            if sock.fileno() >= 0:
                self._loop.remove_reader(sock)
                sock.close()
        for guest in [*self._silent, *self._waiting]:
            self._turn_away(guest)
        for task in self._entering:
            task.cancel()

    # -- who comes ----------------------------------------------------------------------------

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_PER_TURN):
            try:
                sock, peer = listening.accept()
            except OSError as fault:
                if fault.errno in _EXHAUSTED:
                    self._pause(listening, fault)
                return
            self.arrived(sock, peer[0])
        if not self._server.turnstile.is_quiet:
            self._rest(listening, _BREATH)

    def _pause(self, listening: socket.socket, fault: OSError) -> None:
        _log.error("no more connections for a moment: %s", fault.strerror)
        self._rest(listening, _PAUSE)

    def _rest(self, listening: socket.socket, seconds: float) -> None:
        self._loop.remove_reader(listening)
        self._loop.call_later(seconds, self._resume, listening)

    def _resume(self, listening: socket.socket) -> None:
        if listening.fileno() >= 0:
            self._loop.add_reader(listening, self._accept, listening)

    def arrived(self, sock: socket.socket, address: str) -> None:
        """Somebody has connected, from there."""
        sock.setblocking(False)
        guest = _Guest(sock, address, self._loop.time())
        self._silent[guest] = None
        excess = self._server.addresses.add(guest.address, self._server.now())
        if excess is not None:
            self._turn_away(guest, _too_many(excess) if self._encryption is None else _DENIED)
            self._note("too many connections" if excess.wait is None else "came too often", guest)
        elif self._encryption is None:
            self._let_in(guest, None)
        else:
            self._loop.add_reader(guest.sock, self._speaks, guest)

    def _speaks(self, guest: _Guest) -> None:
        """The first byte is there, or the end."""
        try:
            first = guest.sock.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            first = b""
        if not first:
            self._turn_away(guest)
            self._note("left without a word", guest)
        elif first[0] == _HANDSHAKE_BYTE:
            self._let_in(guest, self._encryption)
        elif self._local_in_clear and is_loopback(guest.address):
            self._let_in(guest, None)
        else:
            self._turn_away(guest, _IN_CLEAR)
            self._note("spoke without TLS", guest)

    # -- who gets in --------------------------------------------------------------------------

    def _let_in(self, guest: _Guest, encryption: Encryption | None) -> None:
        """When its turn comes."""
        self._loop.remove_reader(guest.sock)
        del self._silent[guest]
        self._waiting[guest] = None
        self._server.turnstile.put(partial(self._begin, guest, encryption))

    def _begin(self, guest: _Guest, encryption: Encryption | None) -> float:
        """What it will cost the loop; nothing for one who was let go meanwhile: else the turns of
        those who have gone would use up the time of those who wait."""
        if guest not in self._waiting:
            return 0.0
        del self._waiting[guest]
        task = self._loop.create_task(self._enter(guest, encryption), name="pychat handshake")
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)
        return _CLEAR_COST if encryption is None else _HANDSHAKE_COST

    async def _enter(self, guest: _Guest, encryption: Encryption | None) -> None:
        connection = self._server.new_connection()
        connection.address = guest.address
        seconds = max(_LEAST_HANDSHAKE, guest.since + HANDSHAKE - self._loop.time())
        try:
            if encryption is None:
                await self._loop.connect_accepted_socket(lambda: connection, guest.sock)
                return
            connection.certificate = encryption.fingerprint
            await self._loop.connect_accepted_socket(
                lambda: connection,
                guest.sock,
                ssl=encryption.context,
                ssl_handshake_timeout=seconds,
                ssl_shutdown_timeout=limits.FAREWELL,
            )
        except OSError as fault:
            # With it the loop has closed the socket, and the connection was never made.
            self._server.addresses.take_away(guest.address)
            self._note(f"made no handshake ({_reason(fault)})", guest)

    # -- who does not -------------------------------------------------------------------------

    def _sweep(self) -> None:
        silent = self._overdue(self._silent, HANDSHAKE)
        for guest in silent:
            # It may have spoken a moment ago, where the whole process stood still.
            self._speaks(guest)
            if guest in self._silent:
                self._turn_away(guest)
                self._note("said nothing", guest)
        waiting = self._overdue(self._waiting, _QUEUE * HANDSHAKE)
        for guest in waiting:
            self._turn_away(guest)
            self._note("came with too many at once", guest)
        pause = _LETTING_GO if _LET_GO in (len(silent), len(waiting)) else _SWEEP
        self._sweeping = self._loop.call_later(pause, self._sweep)

    def _overdue(self, guests: dict[_Guest, None], seconds: float) -> list[_Guest]:
        """Of the first of them those who came so long ago."""
        before = self._loop.time() - seconds
        return [guest for guest in islice(guests, _LET_GO) if guest.since <= before]

    def _turn_away(self, guest: _Guest, word: bytes = b"") -> None:
        self._silent.pop(guest, None)
        self._waiting.pop(guest, None)
        self._loop.remove_reader(guest.sock)
        self._server.addresses.take_away(guest.address)
        with guest.sock:
            try:
                guest.sock.send(word)
                guest.sock.shutdown(socket.SHUT_WR)
                guest.sock.recv(_UNREAD_BYTES)
            except OSError:
                # It has gone, or had no more to say.
                return

    def _note(self, why: str, guest: _Guest) -> None:
        self.refused[why.partition(" (")[0]] += 1
        self._untold += 1
        now = self._loop.time()
        if now < self._told + _TOLD:
            return
        others = f", as did {self._untold - 1:,} others" if self._untold > 1 else ""
        _log.warning("from %s nobody got in: %s%s", guest.address, why, others)
        self._told, self._untold = now, 0


def _too_many(excess: Excess) -> bytes:
    """Who only came too often is told when to try again; by itself, as the contract has it for this
    code, no program is to."""
    wait = None if excess.wait is None else round(1000 * excess.wait)
    return encode_frame(replies.bye("too-many-connections", excess.text, wait))


def _reason(fault: OSError) -> str:
    if isinstance(fault, ssl.SSLError):
        # In OpenSSL's words, which say nothing that the other side could choose.
        return (fault.reason or "SSL").replace("_", " ").lower()
    return "it hung up" if isinstance(fault, ConnectionResetError) else "it took too long"


def is_loopback(address: str) -> bool:
    """Whether what is sent there stays on this machine."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
