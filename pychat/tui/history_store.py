"""What was sent, on disk, beside the drafts: one JSON string a line, appended to.

It is a convenience: nothing waits for the disk, and what it refuses is not told. A line counts
once it has its newline; one that cannot be read is left out.
"""

import contextlib
import os
from pathlib import Path

import msgspec

from pychat.client import disk
from pychat.protocol.text import clean
from pychat.tui.history import KEPT_CHARS, bounded

FILE_BYTES = 8 * KEPT_CHARS
"""A file that has grown beyond this is written anew with what is kept. JSON takes six bytes for a
control character, and a file begins with what is kept."""


class HistoryStore:
    """Nothing in it raises."""

    def __init__(self, path: Path | None) -> None:
        """Without a path nothing is kept."""
        self._path = path

    def load(self) -> list[str]:
        """Those that are kept, the newest last."""
        if self._path is None:
            return []
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - FILE_BYTES))
                lines = file.read(FILE_BYTES).split(b"\n")
        except OSError:
            return []
        torn = lines.pop()
        entries = bounded([text for line in lines if (text := _read(line))])
        if torn or size > FILE_BYTES:
            self._write(entries)
        return entries

    def keep(self, text: str) -> None:
        if self._path is None:
            return
        # A text that was never sent may have any character.
        with contextlib.suppress(OSError, UnicodeEncodeError):
            disk.make_folder(self._path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            descriptor = os.open(self._path, flags, 0o600)
            try:
                disk.write_all(descriptor, _line(text))
                size = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
            if size > FILE_BYTES:
                self.load()

    def _write(self, entries: list[str]) -> None:
        assert self._path is not None
        with contextlib.suppress(OSError, UnicodeEncodeError):
            disk.put(self._path, b"".join(map(_line, entries)))


def _line(text: str) -> bytes:
    return msgspec.json.encode(text) + b"\n"


def _read(line: bytes) -> str:
    try:
        return clean(msgspec.json.decode(line, type=str))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
