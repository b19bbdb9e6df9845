"""Rooms that are muted and people who are ignored, on disk by Hall and name. Nothing in it raises.

It is the queue's lock that keeps another program away from the file. People are known by their
names: who takes another one is heard again.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from pychat.client import disk
from pychat.protocol import names

MUTED = 1_000
"""Rooms; of more, those that were muted last."""

IGNORED = 500
"""People; of more, those that were ignored last."""

_FILE_BYTES = 1_048_576
"""What is larger was not written by this program."""

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError)


class _File(msgspec.Struct):
    muted: dict[str, int]
    """Until when, in milliseconds since the epoch; 0: for good."""
    ignored: list[str]


class Hushed:
    def __init__(self, path: Path | None, *, now: Callable[[], int]) -> None:
        """Without a path nothing is kept; `now` gives milliseconds since the epoch."""
        self.fault = ""
        """Why it is not kept on disk; a sentence, or empty."""
        self._path = path
        self._now = now
        self._muted: dict[str, int] = {}
        self._ignored: dict[str, str] = {}
        """As they were written, by the folded name."""
        self._load()

    def mutes(self, room: str) -> bool:
        until = self._muted.get(names.fold(room))
        return until is not None and (until == 0 or self._now() < until)

    def mute(self, room: str, milliseconds: int | None = None) -> None:
        """For that long; for good without."""
        key = names.fold(room)
        self._muted.pop(key, None)
        self._muted[key] = 0 if milliseconds is None else self._now() + milliseconds
        if len(self._muted) > MUTED:
            del self._muted[next(iter(self._muted))]
        self._save()

    def unmute(self, room: str) -> bool:
        """False if it was not muted."""
        was = self.mutes(room)
        if self._muted.pop(names.fold(room), None) is not None:
            self._save()
        return was

    @property
    def ignored(self) -> list[str]:
        return list(self._ignored.values())

    def ignores(self, name: str) -> bool:
        return bool(self._ignored) and names.fold(name) in self._ignored

    def ignore(self, name: str) -> None:
        key = names.fold(name)
        self._ignored.pop(key, None)
        self._ignored[key] = name
        if len(self._ignored) > IGNORED:
            del self._ignored[next(iter(self._ignored))]
        self._save()

    def unignore(self, name: str) -> bool:
        """False if they were not ignored."""
        if self._ignored.pop(names.fold(name), None) is None:
            return False
        self._save()
        return True

    def _load(self) -> None:
        if self._path is None:
            return
        try:
            if self._path.stat().st_size > _FILE_BYTES:
                return
            found = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except _FAULTS:
            return
        self._muted = dict(list(found.muted.items())[-MUTED:])
        self._ignored = {names.fold(name): name for name in found.ignored[-IGNORED:]}

    def _save(self) -> None:
        if self._path is None:
            return
        try:
            disk.make_folder(self._path.parent)
            disk.put(self._path, msgspec.json.encode(_File(self._muted, self.ignored)))
        except (OSError, UnicodeEncodeError) as error:
            reason = disk.why(error) if isinstance(error, OSError) else error
            self.fault = f"What you mute and ignore is not kept on disk: {reason} ({self._path})."
        else:
            self.fault = ""
