"""A socket in a folder, for the folder's owner alone. Where the system has none, OSError."""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

_PATH_BYTES = 100
"""Of a socket's path that every system takes; Linux has 107."""

_CREDENTIALS = struct.Struct("3i")
"""Of Linux: process, user, group."""


def listen(path: Path) -> socket.socket:
    """In place of what is there: the caller holds the folder's lock. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX)
    try:
        # Before there is anything to connect to.
        os.fchmod(sock.fileno(), 0o600)
        path.unlink(missing_ok=True)
        with _short(path) as place:
            sock.bind(place)
        path.chmod(0o600)
        sock.listen(16)
    except OSError:
        sock.close()
        raise
    return sock


def connect(path: Path, seconds: float) -> socket.socket:
    """`seconds` is for this and for each of what follows. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(seconds)
        with _short(path) as place:
            sock.connect(place)
    except OSError:
        sock.close()
        raise
    return sock


def is_of_the_owner(sock: socket.socket) -> bool:
    """Whether at the other end is whoever runs this program, or root; True where the system does
    not tell: it has looked at the mode of the file."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    told = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return _CREDENTIALS.unpack(told)[1] in (os.getuid(), 0)


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """The path, or a shorter one that leads there: a deep folder is no reason for having none."""
    if len(os.fsencode(path)) <= _PATH_BYTES or not Path("/proc/self/fd").is_dir():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
