"""Where a Hall is, for those who are to come: told when it opens, and left in the data folder for
`pychat invite`."""

import os
import socket
from pathlib import Path

import msgspec

from pychat.protocol import fingerprint
from pychat.protocol.errors import PychatError
from pychat.protocol.invitation import Invitation
from pychat.server.tls import Encryption

_FILE = "serving.json"

_FILE_BYTES = 4_096

_ANYWHERE = {
    "0.0.0.0": ("192.0.2.1", socket.AF_INET),  # noqa: S104  # to be looked for, not to bind to
    "::": ("2001:db8::1", socket.AF_INET6),
}
"""Addresses that stand for all of a machine's, with one of the documentation's that is elsewhere:
the way there begins at the address by which others reach this machine."""


class NotServingError(PychatError):
    """No Hall has been opened with this data folder; the text says so."""


class Serving(msgspec.Struct, frozen=True):
    """What an open Hall says of itself."""

    host: str
    """As it listens: perhaps all of the machine's addresses."""
    port: int
    key: str | None
    """The fingerprint by which clients know it; None where somebody else vouches for it, or where
    it is without TLS."""


def serving(sockets: list[socket.socket], encryption: Encryption | None) -> Serving:
    host, port = sockets[0].getsockname()[:2]
    known = encryption is not None and not encryption.vouched
    key = fingerprint.written(encryption.fingerprint) if encryption and known else None
    return Serving(host, port, key)


def invitation(hall: Serving) -> Invitation:
    """Where the Hall has all of the machine's addresses, to the one that it has on its way to
    others."""
    host = _seen_from_outside(hall.host)
    place = f"[{host}]:{hall.port}" if ":" in host else f"{host}:{hall.port}"
    return Invitation(place, key=fingerprint.parse(hall.key) if hall.key else None)


def leave_word(data: Path, hall: Serving) -> None:
    """For `find`; harmless where it cannot be written, since the Hall is open all the same."""
    fresh = data / f"{_FILE}.new"
    try:
        fresh.write_bytes(msgspec.json.encode(hall))
        os.replace(fresh, data / _FILE)
    except OSError:
        return


def find(data: Path) -> Serving:
    """The Hall that was opened last with this data folder. Raises NotServingError."""
    try:
        with (data / _FILE).open("rb") as file:
            return msgspec.json.decode(file.read(_FILE_BYTES), type=Serving)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        raise NotServingError(
            f"no Hall has been opened with {data}; open one with `pychat serve`, "
            "or give its --data folder"
        ) from None


def _seen_from_outside(host: str) -> str:
    if host not in _ANYWHERE:
        return host
    elsewhere, family = _ANYWHERE[host]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            # Nothing is sent: the machine only looks which way it would go.
            sock.connect((elsewhere, 9))
            return str(sock.getsockname()[0])
    except OSError:
        return socket.gethostname()
