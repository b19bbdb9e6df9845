"""A disk without room: one that is said to be full, and a small real one that is."""

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


class FullDisk:
    """What this process writes by `os.write` finds room for `room` bytes more, then none."""

    def __init__(self) -> None:
        self.room = 0
        self._write = os.write

    def write(self, descriptor: int, data: memoryview) -> int:
        taken = bytes(data)[: self.room]
        self.room -= len(taken)
        if not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._write(descriptor, taken)


@contextlib.contextmanager
def full_disk() -> Iterator[FullDisk]:
    disk = FullDisk()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", disk.write)
        yield disk


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A folder with room for that much, as `mount` writes it. Skips where there can be none."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "pychat-test", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no room; the file that takes it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4_096))
    return ballast
