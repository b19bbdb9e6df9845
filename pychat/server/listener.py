"""Where the server listens: is the host one, and can it be bound? Each refusal is a sentence."""

import asyncio
import errno
import ipaddress
import re
import socket
import ssl

from pychat.protocol.errors import PychatError
from pychat.protocol.text import clean_line
from pychat.server.server import Server
from pychat.server.tls import HANDSHAKE

_BACKLOG = 1024
"""Connections that the kernel keeps until they are accepted: a whole team after a restart."""


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


async def bind(
    server: Server, host: str, port: int, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Bound, but not accepting yet. Raises BindError."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(
            server.new_connection,
            host,
            port,
            backlog=_BACKLOG,
            start_serving=False,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else HANDSHAKE,
        )
    except OSError as fault:
        raise BindError(f"cannot listen on {host}, port {port}: {_reason(fault, port)}") from None


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
