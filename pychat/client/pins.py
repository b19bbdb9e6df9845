"""The Halls that one has trusted, and their keys: a file like OpenSSH's known_hosts.

A line is `HOST:PORT sha256:… DATE`, with `vouched` in place of a key where an authority vouched for
the Hall; lines that begin with # are for people, and stay. A Hall whose line cannot be understood
is not taken for one that was never seen.
"""

import datetime
from pathlib import Path
from typing import NamedTuple

import platformdirs

from pychat.client import disk
from pychat.client.address import Address
from pychat.client.errors import Untrusted
from pychat.protocol import fingerprint
from pychat.protocol.fingerprint import FingerprintError

FILE_BYTES = 262_144
"""Of the file: of a thousand Halls with long names."""

VOUCHED = b""
"""In place of a key."""

_VOUCHED = "vouched"


class Pin(NamedTuple):
    place: str
    """HOST:PORT, as one went there, in small letters."""
    key: bytes
    """A fingerprint, or VOUCHED."""
    since: str
    """The day when it was trusted, or whatever stands there."""


class Pins:
    """Reads the file each time: other programs write it as well. All methods raise Untrusted where
    it is of no use."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or platformdirs.user_state_path("pychat") / "known_hosts"

    def find(self, address: Address) -> bytes | None:
        """The fingerprint of its certificate, or VOUCHED; None of a Hall that was never seen."""
        place = _place(address)
        for number, line in enumerate(self._lines(), 1):
            if _named(line) == place:
                pin = _pin(line)
                if pin is None:
                    raise Untrusted(
                        f"{self.path} has no key of {place} in line {number}, where it should be; "
                        f"compare the Hall's and mend it, or: pychat trust {place} --forget"
                    )
                return pin.key
        return None

    def all(self) -> list[Pin]:
        return [pin for line in self._lines() if (pin := _pin(line)) is not None]

    def remember(self, address: Address, key: bytes) -> None:
        """In the place of what was known of it."""
        place = _place(address)
        kept = [line for line in self._lines() if _named(line) != place]
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        self._write([*kept, f"{place} {written(key)} {today}"])

    def forget(self, address: Address) -> bool:
        """Whether there was something to forget."""
        lines = self._lines()
        kept = [line for line in lines if _named(line) != _place(address)]
        if len(kept) != len(lines):
            self._write(kept)
        return len(kept) != len(lines)

    def _lines(self) -> list[str]:
        try:
            with self.path.open("rb") as file:
                content = file.read(FILE_BYTES + 1)
            if len(content) > FILE_BYTES:
                raise Untrusted(
                    f"{self.path} is larger than {FILE_BYTES:,} bytes; remove some lines"
                )
            return content.decode().split("\n")[:-1] if content else []
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as fault:
            raise Untrusted(f"{self.path} cannot be read: {disk.why(fault)}") from None
        except UnicodeDecodeError:
            raise Untrusted(f"{self.path} is no UTF-8; mend it or move it away") from None

    def _write(self, lines: list[str]) -> None:
        content = "".join(f"{line}\n" for line in lines).encode()
        if len(content) > FILE_BYTES:
            raise Untrusted(
                f"{self.path} would be larger than {FILE_BYTES:,} bytes; remove some lines"
            )
        try:
            disk.make_folder(self.path.parent)
            disk.put(self.path, content, durably=True)
        except OSError as fault:
            raise Untrusted(f"{self.path} cannot be written: {disk.why(fault)}") from None


def written(key: bytes) -> str:
    """As it stands in the file."""
    return _VOUCHED if key == VOUCHED else fingerprint.written(key)


def _place(address: Address) -> str:
    return str(address).lower()


def _named(line: str) -> str:
    """The place that the line is about; empty if none."""
    first, _, _ = line.strip().partition(" ")
    return "" if first.startswith("#") else first.lower()


def _pin(line: str) -> Pin | None:
    fields = line.split()
    if not _named(line) or len(fields) < 2:
        return None
    try:
        key = VOUCHED if fields[1] == _VOUCHED else fingerprint.parse(fields[1])
        return Pin(fields[0].lower(), key, " ".join(fields[2:]))
    except FingerprintError:
        return None
