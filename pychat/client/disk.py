"""Small files that outlive their program: written whole or not at all, read by nobody else."""

import contextlib
import errno
import os
import sys
from pathlib import Path


def write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def make_folder(path: Path) -> None:
    """With all above it that is missing, each for its owner alone."""
    for folder in (*reversed(path.parents), path):
        folder.mkdir(mode=0o700, exist_ok=True)


def put(path: Path, data: bytes, *, durably: bool = False) -> None:
    """In the place of what was there, never half of it; after a loss of power, too, if durable."""
    fresh = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            write_all(descriptor, data)
            if durably:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(path)
    except OSError:
        # Half of it would take what little room a full disk has left.
        remove(fresh)
        raise
    if durably:
        sync_folder(path.parent)


def give_name(part: Path, path: Path) -> None:
    """To a file that is whole, without replacing one. Raises FileExistsError where the name is
    taken, also by somebody who was faster."""
    try:
        # A rename would replace what is there.
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no links.
        if os.path.lexists(path):
            raise FileExistsError from None
        part.rename(path)


def sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(path: Path) -> int | None:
    """Held until the descriptor is closed, or its program ends in whatever way; None if another
    has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def why(error: OSError) -> str:
    """In the words of a person, as a part of a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return error.strerror or str(error)


def remove(path: Path) -> None:
    """Quiet where it cannot be."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
