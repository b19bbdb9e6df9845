"""A file that is whole as soon as it has its name, and replaces none."""

import contextlib
import errno
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pychat.cli import exits
from pychat.client import disk
from pychat.server.backplane.database import sync_folder

_COMPANIONS = ("", "-journal", "-wal", "-shm")
"""What SQLite may leave beside a file that it works on."""


@contextlib.contextmanager
def new_file(command: str, path: Path) -> Iterator[Path]:
    """A private, empty file in the folder of `path`, which gets that name, on the disk for good,
    when the block ends well. Ends the program if the name is taken."""
    taken = f"{path} is there already; choose another name, or move it away"
    if os.path.lexists(path):
        exits.fail(command, taken, exits.USAGE)
    try:
        descriptor, name = tempfile.mkstemp(prefix=".pychat-", suffix=".part", dir=path.parent)
        os.close(descriptor)
        part = Path(name)
        # By default SIGTERM would leave the half of a file behind.
        before = signal.signal(signal.SIGTERM, _end)
        try:
            yield part
            _sync(part)
            disk.give_name(part, path)
            sync_folder(path.parent)
        finally:
            signal.signal(signal.SIGTERM, before)
            for companion in _COMPANIONS:
                part.with_name(part.name + companion).unlink(missing_ok=True)
    except FileExistsError:
        exits.fail(command, taken, exits.USAGE)
    except OSError as fault:
        exits.fail(command, f"{path} cannot be written: {_why(fault)}", exits.FAILED)


def _why(fault: OSError) -> str:
    full = {
        errno.ENOSPC: "the disk there is full",
        errno.EDQUOT: "your quota there is used up",
    }
    if fault.errno in full:
        return f"{full[fault.errno]}; make room, or choose another place"
    return fault.strerror or str(fault)


def _end(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
