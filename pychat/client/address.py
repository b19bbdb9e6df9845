"""Where a Hall listens, as people write it: `chat.lan`, `chat.lan:4000`, `::1`, `[::1]:4000`."""

import ipaddress
import re
from typing import NamedTuple

from pychat.protocol import limits
from pychat.protocol.errors import PychatError
from pychat.protocol.invitation import InvitationError, is_invitation, parse_invitation
from pychat.protocol.text import clean_line

_HOST_CHARS = 253
"""The longest name that DNS can carry."""

_NOT_IN_HOST = re.compile(r"[\s/@?#%\[\]\\:]")
_SHOWN_CHARS = 60


class AddressError(PychatError):
    """What was given is no address; the text is a sentence that says why."""


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """The address written in `text`; without a port it has the default one. Raises AddressError.

    An IPv6 address may stand bare; with a port it needs its brackets.
    """
    written = text.strip()
    if not written:
        raise AddressError(f"an address is missing; write one like chat.lan:{limits.DEFAULT_PORT}")
    if written.startswith("["):
        inside, bracket, rest = written[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise AddressError(f"{_show(text)} is no address; write an IPv6 one like [::1]:4000")
        return Address(_ipv6(inside, text), _port(rest[1:], text) if rest else limits.DEFAULT_PORT)
    if written.count(":") > 1:
        return Address(_ipv6(written, text), limits.DEFAULT_PORT)
    host, colon, port = written.partition(":")
    return Address(_host(host, text), _port(port, text) if colon else limits.DEFAULT_PORT)


class Place(NamedTuple):
    """What an address or an invitation says."""

    address: Address
    room: str | None = None
    key: bytes | None = None
    """The fingerprint of the Hall's certificate."""
    token: str | None = None
    """Lets a stranger in; secret."""


def parse_place(text: str) -> Place:
    """An address, or an invitation such as `pychat://chat.lan/tea?key=…`. Raises AddressError."""
    if not is_invitation(text):
        return Place(parse_address(text))
    try:
        invitation = parse_invitation(text)
    except InvitationError as fault:
        raise AddressError(str(fault)) from None
    address = parse_address(invitation.place)
    return Place(address, invitation.room, invitation.key, invitation.token)


def _ipv6(host: str, text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        raise AddressError(
            f"{_show(text)} is no address: {_show(host)} is not an IPv6 address; "
            "write one like [::1]:4000, or a name with a port like chat.lan:4000"
        ) from None


def _host(host: str, text: str) -> str:
    if not host:
        raise AddressError(f"{_show(text)} has no host; write one like chat.lan:4000")
    if len(host) > _HOST_CHARS:
        raise AddressError(f"a host has at most {_HOST_CHARS} characters, this one has {len(host)}")
    if _NOT_IN_HOST.search(host) or not host.isprintable():
        raise AddressError(
            f"{_show(text)} is no address: write only a host and a port, like chat.lan:4000"
        )
    if _is_ipv4(host):
        return host
    try:
        host.encode("idna")
    except UnicodeError:
        raise AddressError(f"{_show(host)} cannot be the name of a host; check its dots") from None
    return host


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _port(port: str, text: str) -> int:
    # `isdigit` alone also takes digits of other scripts and superscripts.
    if port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65_535:
        return int(port)
    raise AddressError(f"{_show(text)} has no valid port: it is a number from 1 to 65535")


def _show(text: str) -> str:
    line = clean_line(text)
    return repr(line if len(line) <= _SHOWN_CHARS else line[:_SHOWN_CHARS] + "…")
