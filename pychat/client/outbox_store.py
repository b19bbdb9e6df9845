"""An outbox on disk: a file of JSON lines, appended to, and written anew when it has grown idle.

A line counts once it has its newline: a crash at any byte loses nothing that `keep` returned for.
Only one program at a time has a file open. Beside it is the token by which the next program takes
the place in the Hall that a killed one has left.
"""

import contextlib
import hashlib
import os
import re
import sys
from pathlib import Path

import msgspec
import platformdirs

from pychat.client.address import Address
from pychat.client.errors import OutboxError
from pychat.client.outbox import Outgoing, Sayable
from pychat.protocol import names

IDLE_BYTES = 1_048_576
"""Of lines about what is not queued any more; past this the file is written anew."""

TOKEN_CHARS = 1_000
"""More than a Hall's token has."""


class _Added(msgspec.Struct, tag="added"):
    """Something was queued, or is to wait anew from `since` on."""

    command: Sayable
    created: int
    since: int


class _Removed(msgspec.Struct, tag="removed"):
    nonce: str


_decoder: msgspec.json.Decoder[_Added | _Removed] = msgspec.json.Decoder(_Added | _Removed)
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def outbox_path(address: Address, name: str) -> Path:
    """Where the queue of a person in a Hall is kept."""
    key = f"{address} {names.fold(name)}"
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    # For people who look into the folder; the digest alone tells them apart.
    words = re.sub(r"[^A-Za-z0-9.]+", "-", key).strip("-.")[:60]
    folder = platformdirs.user_state_path("pychat") / "outbox"
    return folder / f"{words}-{digest}.jsonl"


class OutboxStore:
    """A Keeper. Writing waits for the disk: a few milliseconds for each thing said."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.token: str | None = None
        """Of the last session of this person; the Hall alone knows whether it still stands."""
        self._file: int | None = None
        self._lock: int | None = None
        self._size = 0
        self._lines: dict[str, bytes] = {}
        """What is queued, by nonce, in order."""

    def open(self) -> list[Outgoing]:
        """Raises OutboxError when another program has it, or the disk refuses."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _lock(self.path.with_suffix(".lock"))
            if self._lock is None:
                raise OutboxError(
                    f"What waits to be sent, in {self.path}, is in the hands of another pychat "
                    "under the same name. Close that one, or go on without a queue on disk."
                )
            written = self.path.read_bytes() if self.path.exists() else b""
            items = self._read(written)
            self.token = self._read_token()
            if written != b"".join(self._lines.values()):
                self._rewrite()
            else:
                self._reopen()
        except OutboxError:
            raise
        except OSError as error:
            self.close()
            raise OutboxError(self._why("read", error)) from None
        return items

    def keep(self, item: Outgoing) -> None:
        line = _line(_Added(item.command, item.created, item.since))
        self._append(line, durably=True)
        self._lines[item.nonce] = line

    def forget(self, nonce: str) -> None:
        """Not fsynced: what is forgotten in vain is sent again under its nonce, harmlessly."""
        if self._lines.pop(nonce, None) is None:
            return
        idle = self._size - sum(map(len, self._lines.values())) if self._size > IDLE_BYTES else 0
        if idle > IDLE_BYTES:
            try:
                self._rewrite()
            except OSError as error:
                raise OutboxError(self._why("written", error)) from None
        else:
            self._append(_line(_Removed(nonce)), durably=False)

    def keep_token(self, token: str) -> None:
        """Where the disk refuses, the next program waits until the name is free."""
        if self._lock is None:
            return
        with contextlib.suppress(OSError):
            _put(self.path.with_suffix(".token"), token.encode())

    def forget_token(self) -> None:
        if self._lock is not None:
            with contextlib.suppress(OSError):
                self.path.with_suffix(".token").unlink(missing_ok=True)

    def close(self) -> None:
        """Harmless if told twice."""
        for descriptor in (self._file, self._lock):
            if descriptor is not None:
                os.close(descriptor)
        self._file = self._lock = None
        self._lines.clear()

    def _read(self, written: bytes) -> list[Outgoing]:
        items: dict[str, Outgoing] = {}
        # What stands after the last newline was not written to its end.
        for line in written.split(b"\n")[:-1]:
            try:
                record = _decoder.decode(line)
            except _FAULTS:
                # One that a disk has spoilt costs no other.
                continue
            if isinstance(record, _Removed):
                items.pop(record.nonce, None)
                self._lines.pop(record.nonce, None)
                continue
            item = Outgoing(command=record.command, created=record.created, since=record.since)
            items[item.nonce] = item
            self._lines[item.nonce] = line + b"\n"
        return list(items.values())

    def _read_token(self) -> str | None:
        try:
            return self.path.with_suffix(".token").read_text("ascii")[:TOKEN_CHARS] or None
        except (OSError, UnicodeDecodeError):
            return None

    def _append(self, line: bytes, *, durably: bool) -> None:
        if self._file is None:
            raise OutboxError(f"The queue {self.path} is closed.")
        try:
            _write_all(self._file, line)
            if durably:
                os.fsync(self._file)
        except OSError as error:
            # The next line must not follow on half of this one.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise OutboxError(self._why("written", error)) from None
        self._size += len(line)

    def _rewrite(self) -> None:
        """All or nothing, whenever the power goes."""
        fresh = self.path.with_suffix(".new")
        _write(fresh, b"".join(self._lines.values()), durably=True)
        if self._file is not None:
            os.close(self._file)
            self._file = None
        try:
            fresh.replace(self.path)
        finally:
            self._reopen()
        _sync_folder(self.path.parent)

    def _reopen(self) -> None:
        new = not self.path.exists()
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if sys.platform != "win32":
            os.fchmod(self._file, 0o600)
        if new:
            _sync_folder(self.path.parent)
        self._size = os.fstat(self._file).st_size

    def _why(self, what: str, error: OSError) -> str:
        reason = error.strerror or error
        return (
            f"What waits to be sent cannot be {what} in {self.path}: {reason}. "
            "Until that is mended it is lost with the end of this program."
        )


def _line(record: _Added | _Removed) -> bytes:
    return msgspec.json.encode(record) + b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _write(path: Path, data: bytes, *, durably: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write_all(descriptor, data)
        if durably:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(path: Path, data: bytes) -> None:
    """In the place of what was there, never half of it."""
    fresh = path.with_name(path.name + ".new")
    _write(fresh, data, durably=False)
    fresh.replace(path)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(path: Path) -> int | None:
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
