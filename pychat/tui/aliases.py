"""Commands of a person's own, `/alias NAME /cmd…`: short words for longer ones, kept on disk."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import platformdirs

from pychat.client import disk

MOST = 100
"""Kept; more are refused."""

_FILE_BYTES = 1_048_576
"""What is larger was not written by this program."""


def aliases_path() -> Path:
    return platformdirs.user_state_path("pychat") / "aliases.json"


def expand(typed: str, aliases: Mapping[str, str]) -> str:
    """What an alias stands for, with what follows it. Once: no alias leads to another."""
    word, blank, rest = typed.lstrip().partition(" ")
    if not word.startswith("/") or word.startswith("//"):
        return typed
    meant = aliases.get(word[1:].lower())
    return typed if meant is None else f"{meant}{blank}{rest}"


class Aliases:
    """Nothing in it raises; `fault` tells why they are not on disk, if they are not."""

    def __init__(self, path: Path | None = None) -> None:
        self.fault = ""
        self._path = path or aliases_path()
        self._known: dict[str, str] | None = None

    @property
    def known(self) -> Mapping[str, str]:
        """By the word without its slash; read from the disk when first asked for."""
        if self._known is None:
            self._known = self._read()
        return self._known

    def put(self, word: str, meant: str) -> bool:
        """False if there are as many as are kept."""
        known = dict(self.known)
        known[word.lower()] = meant
        if len(known) > MOST:
            return False
        self._write(known)
        return True

    def drop(self, word: str) -> bool:
        """False if there is none of that name."""
        known = dict(self.known)
        if known.pop(word.lower(), None) is None:
            return False
        self._write(known)
        return True

    def _read(self) -> dict[str, str]:
        try:
            if self._path.stat().st_size > _FILE_BYTES:
                return {}
            found = msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        return dict(list(found.items())[:MOST])

    def _write(self, known: dict[str, str]) -> None:
        self._known = known
        try:
            disk.make_folder(self._path.parent)
            disk.put(self._path, msgspec.json.encode(known))
        except (OSError, UnicodeEncodeError) as error:
            reason = disk.why(error) if isinstance(error, OSError) else error
            self.fault = f"Your aliases are not kept on disk: {reason} ({self._path})."
        else:
            self.fault = ""
