"""Up to where I have read each room of a Hall, on disk beside the queue of what was said.

It is the queue's lock that keeps another program away from the file. A marker is worth no wait for
the disk and no complaint: where one is lost, what was read is shown as new.
"""

from pathlib import Path

import msgspec

from pychat.client import disk

KEPT_ROOMS = 1_000
"""Ten times as many as a person can be in; of more, those that were marked last."""

_FILE_BYTES = 1_048_576
"""What is larger was not written by this program."""

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _File(msgspec.Struct):
    epoch: str
    """Of the log in which the positions are."""
    marks: dict[str, int]
    """By the room's name."""


class ReadMarks:
    """Nothing in it raises."""

    def __init__(self, path: Path | None = None) -> None:
        """Without a path nothing is kept."""
        self._path = path
        self._written = _File("", {})

    def load(self, epoch: str) -> dict[str, int]:
        """What earlier programs have left of this log."""
        if self._path is None:
            return {}
        try:
            if self._path.stat().st_size > _FILE_BYTES:
                return {}
            found = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except (OSError, *_FAULTS):
            return {}
        if found.epoch != epoch:
            return {}
        self._written = found
        return dict(found.marks)

    def save(self, epoch: str, marks: dict[str, int]) -> None:
        """In place of what was kept, if it is something else."""
        kept = dict(list(marks.items())[-KEPT_ROOMS:])
        fresh = _File(epoch, kept)
        if self._path is None or fresh == self._written:
            return
        try:
            disk.make_folder(self._path.parent)
            disk.put(self._path, msgspec.json.encode(fresh))
        except (OSError, UnicodeEncodeError):
            return
        self._written = fresh
