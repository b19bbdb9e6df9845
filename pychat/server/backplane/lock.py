"""One server for one log: a lock that the system takes back when its holder dies, however."""

import os
import sys
from pathlib import Path

from pychat.server.backplane.interface import LedgerError

# Windows keeps others from reading what is locked, and the pid is to be read: so the locked byte
# lies far behind it.
_LOCKED_BYTE = 1 << 30


def acquire(path: Path) -> int:
    """Lock this file, made if need be, and write the own pid into it.

    Returns the descriptor that holds the lock; closing it gives the lock back. The file stays:
    removing it would race with the next one to lock it. Raises LedgerError with the holder's pid.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise LedgerError(
            f"another server has this log open (process {holder} holds {path}); "
            "stop it first, or choose another data folder"
        ) from None
    os.truncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def holder(path: Path) -> str | None:
    """Who holds the lock, as far as is known; None if nobody does. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        _lock(descriptor)
    except OSError:
        return os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
    else:
        return None
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
