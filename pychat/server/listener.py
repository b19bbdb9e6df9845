"""Where the server listens: is the host one, can it be bound, and who takes what comes.

Each refusal is a sentence.
"""

import errno
import ipaddress
import os
import re
import socket
from collections.abc import Mapping

from pychat.protocol.errors import PychatError
from pychat.protocol.text import clean_line
from pychat.server.doorway import Doorway, is_loopback
from pychat.server.server import Server
from pychat.server.tls import Encryption


class HostError(PychatError):
    """What was given is neither an address nor a name of a host."""


class BindError(PychatError):
    """The address is one, but cannot be listened on."""


def check_host(text: str) -> str:
    """An address, or a name that has addresses. Raises HostError."""
    host = text.strip().removeprefix("[").removesuffix("]")
    shown = repr(clean_line(text)[:80])
    if re.fullmatch(r"[0-9.]+", host):
        # The resolver takes `1.2` for an address, and `1.2.3.400` for a name.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise HostError(
                f"{shown} is not an IPv4 address: it has four numbers up to 255"
            ) from None
    try:
        socket.getaddrinfo(host or "\0", None, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, ValueError):
        raise HostError(
            f"{shown} is neither an address nor the name of a host; "
            "give one of this machine's, or 0.0.0.0 or :: for all of them"
        ) from None
    return host


def bind(host: str, port: int) -> list[socket.socket]:
    """A socket for each address that the host has, bound and not listening yet. Raises BindError.
    With port 0 each has one of its own."""
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, where in dict.fromkeys(found):
            sock = socket.socket(family, kind, protocol)
            sockets.append(sock)
            if os.name == "posix":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # Else `::` would take the port of 0.0.0.0, too, which may be asked for as well.
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(where)
    except OSError as fault:
        for sock in sockets:
            sock.close()
        raise _refused(host, port, fault) from None
    return sockets


def is_local(sockets: list[socket.socket]) -> bool:
    """Whether nobody but this machine reaches them."""
    return all(is_loopback(sock.getsockname()[0]) for sock in sockets)


class Listener:
    """Takes what connects to sockets that are bound."""

    def __init__(
        self, server: Server, sockets: list[socket.socket], encryption: Encryption | None = None
    ) -> None:
        self.sockets = sockets
        self.encryption = encryption
        self._server = server
        self.doorway: Doorway | None = None
        """Where they come in, once anybody is served."""

    @property
    def turned_away(self) -> Mapping[str, int]:
        """How many got no further than the doorway, by the reason."""
        return self.doorway.refused if self.doorway is not None else {}

    def start_serving(self) -> None:
        """Raises BindError: what is bound can still be listened on by somebody else first."""
        # Who asks for encryption on this machine alone means it.
        local_in_clear = not is_local(self.sockets)
        self.doorway = Doorway(
            self._server, self.sockets, self.encryption, local_in_clear=local_in_clear
        )
        try:
            self.doorway.open()
        except OSError as fault:
            host, port = self.sockets[0].getsockname()[:2]
            raise _refused(host, port, fault) from None

    def close(self) -> None:
        """Nobody comes in any more; those who are in stay. Idempotent."""
        if self.doorway is not None:
            self.doorway.close()
        for sock in self.sockets:
            sock.close()


def _refused(host: str, port: int, fault: OSError) -> BindError:
    return BindError(f"cannot listen on {host}, port {port}: {_reason(fault, port)}")


def _reason(fault: OSError, port: int) -> str:
    match fault.errno:
        case errno.EADDRINUSE:
            return "something listens there already; stop it or choose another --port"
        case errno.EADDRNOTAVAIL:
            return "this machine does not have that address; choose one that it has"
        case errno.EACCES | errno.EPERM:
            return f"no permission; choose a --port above 1023 instead of {port}"
        case _:
            return fault.strerror or str(fault)
