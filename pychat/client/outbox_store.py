"""An outbox on disk: a file of JSON lines, appended to, and written anew when it has grown idle.

A line counts once it has its newline: a crash at any byte loses nothing that `keep` returned for.
Where one could not be written, no later one is until all is written anew: what the next program
finds has no holes. Only one program at a time has a file open. Beside it is the token by which the
next program takes the place in the Hall that a killed one has left.

A queue belongs to a Hall and to a person, and a person may change their name: the file says by
which names its program has been known, and is found under each of them.
"""

import contextlib
import hashlib
import os
import re
import sys
from pathlib import Path
from typing import Self

import msgspec
import platformdirs

from pychat.client import disk
from pychat.client.address import Address
from pychat.client.errors import OutboxError
from pychat.client.outbox import Outgoing, Sayable
from pychat.protocol import names

IDLE_BYTES = 1_048_576
"""Of lines about what is not queued any more; past this the file is written anew."""

TOKEN_CHARS = 1_000
"""More than a Hall's token has."""

OWNERS = 8
"""Names by which one queue is found; of more, the last."""

PROGRAMS = 16
"""That may be in one Hall at a time, begun under one name, each with its own queue."""


class _Added(msgspec.Struct, tag="added", omit_defaults=True):
    """Something was queued, or is to wait anew from `since` on."""

    command: Sayable
    created: int
    since: int
    epoch: str = ""


class _Tried(msgspec.Struct, tag="tried"):
    """It was sent, by a person of that name, and may have arrived."""

    nonce: str
    name: str


class _Removed(msgspec.Struct, tag="removed"):
    nonce: str


class _Named(msgspec.Struct, tag="named"):
    """Whose it is: their names so far, folded, the present one last."""

    names: list[str]


_Record = _Added | _Tried | _Removed | _Named
_decoder: msgspec.json.Decoder[_Record] = msgspec.json.Decoder(_Record)
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def outbox_folder(address: Address) -> Path:
    return platformdirs.user_state_path("pychat") / "outbox" / _file_name(str(address))


def waiting_for(address: Address) -> dict[str, int]:
    """How many wait for a Hall, by the folded names of those whose they are. Nothing is opened
    that another program has, nothing is changed."""
    counts: dict[str, int] = {}
    for path in sorted(outbox_folder(address).glob("*.jsonl")):
        if waiting := _waiting(path):
            owner = "".join(_owners(path)[-1:])
            counts[owner] = counts.get(owner, 0) + waiting
    return counts


def outbox_paths(address: Address, name: str) -> list[Path]:
    """Where the queue of a person in a Hall may be kept, the likeliest first: the files of the
    Hall that are theirs, then those that nobody has yet."""
    folder = outbox_folder(address)
    key = names.fold(name)
    owners = {path: _owners(path) for path in sorted(folder.glob("*.jsonl"))}
    mine = [path for path, known in owners.items() if key in known]
    # Sorting keeps the order of equals. Whose present name it is; then where anything waits.
    mine.sort(key=lambda path: (owners[path][-1] != key, not _waiting(path)))
    first = folder / f"{_file_name(key)}.jsonl"
    more = (first.with_stem(f"{first.stem}-{number}") for number in range(2, PROGRAMS + 1))
    # One without a name is of a program that had not come into the Hall.
    return mine + [path for path in (first, *more) if not owners.get(path)]


class OutboxStore:
    """A Keeper. Writing waits for the disk: a few milliseconds for each thing said."""

    def __init__(self, path: Path, *others: Path) -> None:
        """The first of them that no other program has is opened."""
        self.path = path
        self.token: str | None = None
        """Of the last session of this person; the Hall alone knows whether it still stands."""
        self.is_second = False
        """Whether another program has what this person's last one left: one that is ending, or
        has no connection."""
        self._paths = (path, *others)
        self._file: int | None = None
        self._lock: int | None = None
        self._size = 0
        self._owners: list[str] = []
        self._key: str | None = None
        """The name for which it is opened, folded."""
        self._lines: dict[str, bytes] = {}
        """What is queued, by nonce, in order; also what could not be written."""
        self._refusal = ""
        """Why the file is behind, until it is written anew: a sentence."""

    @classmethod
    def of(cls, address: Address, name: str) -> Self:
        """In the usual place of a person in a Hall, as far as is known now."""
        store = cls(*outbox_paths(address, name))
        store._key = names.fold(name)
        return store

    def open(self) -> list[Outgoing]:
        """Raises OutboxError when another program has it, or the disk refuses."""
        try:
            self._claim()
            written = self.path.read_bytes() if self.path.exists() else b""
            items = self._read(written)
            self.token = self._read_token()
            if written == self._whole():
                self._reopen()
            else:
                # Where the disk is full, all that is queued stands there already.
                with contextlib.suppress(OutboxError):
                    self._rewrite()
        except OutboxError:
            raise
        except OSError as error:
            self.close()
            raise OutboxError(
                f"What waits to be sent cannot be read in {self.path}: {disk.why(error)}. Until "
                "pychat is started anew, what is not sent is lost with its end."
            ) from None
        return items

    def belongs_to(self, name: str) -> None:
        """That is the person's name from now on."""
        key = names.fold(name)
        if self._owners[-1:] != [key]:
            earlier = [each for each in self._owners if each != key]
            self._owners = [*earlier, key][-OWNERS:]
            self._append(_line(_Named(self._owners)), durably=True)

    def keep(self, item: Outgoing) -> None:
        line = _added(item)
        self._lines[item.nonce] = line
        self._append(line, durably=True)

    def exchange(self, nonce: str, item: Outgoing) -> None:
        if nonce in self._lines:
            self._lines = {
                (item.nonce if each == nonce else each): (_added(item) if each == nonce else line)
                for each, line in self._lines.items()
            }
            self._rewrite()

    def tried(self, nonce: str, name: str) -> None:
        """Not fsynced: a crash of the machine may forget it."""
        if nonce in self._lines:
            line = _line(_Tried(nonce, name))
            self._lines[nonce] += line
            self._append(line, durably=False)

    def forget(self, nonce: str) -> None:
        """Not fsynced: what is forgotten in vain is sent again under its nonce, harmlessly."""
        if self._lines.pop(nonce, None) is None:
            return
        idle = self._size - sum(map(len, self._lines.values())) if self._size > IDLE_BYTES else 0
        if idle > IDLE_BYTES and not self._refusal:
            self._rewrite()
        else:
            self._append(_line(_Removed(nonce)), durably=False)

    def catch_up(self) -> None:
        if self._refusal and self._lock is not None:
            self._rewrite()

    def keep_token(self, token: str) -> None:
        """Where the disk refuses, the next program waits until the name is free."""
        if self._lock is None:
            return
        with contextlib.suppress(OSError):
            disk.put(self.path.with_suffix(".token"), token.encode())

    def forget_token(self) -> None:
        if self._lock is not None:
            disk.remove(self.path.with_suffix(".token"))

    def close(self) -> None:
        """Harmless if told twice."""
        for descriptor in (self._file, self._lock):
            if descriptor is not None:
                os.close(descriptor)
        self._file = self._lock = None
        self._lines.clear()

    def _claim(self) -> None:
        for path in self._paths:
            disk.make_folder(path.parent)
            self._lock = disk.lock(path.with_suffix(".lock"))
            if self._lock is not None:
                self.path = path
                return
            self.is_second = self.is_second or self._key in _owners(path)[-1:]
        raise OutboxError(
            f"What waits to be sent, in {self.path}, is in the hands of another pychat under the "
            "same name. Close that one, or go on without a queue on disk."
        )

    def _read(self, written: bytes) -> list[Outgoing]:
        items: dict[str, Outgoing] = {}
        owners: list[str] = []
        for line, record in _records(written):
            match record:
                case _Added():
                    item = Outgoing(
                        command=record.command,
                        created=record.created,
                        since=record.since,
                        epoch=record.epoch,
                    )
                    items[item.nonce] = item
                    self._lines[item.nonce] = line
                case _Tried():
                    if record.nonce in items:
                        items[record.nonce].tried_as = record.name
                        self._lines[record.nonce] += line
                case _Removed():
                    items.pop(record.nonce, None)
                    self._lines.pop(record.nonce, None)
                case _Named():
                    owners = record.names[-OWNERS:]
        # Where nothing waits, the names of those before are nobody's business.
        self._owners = owners if items else []
        return list(items.values())

    def _whole(self) -> bytes:
        owned = _line(_Named(self._owners)) if self._owners else b""
        return owned + b"".join(self._lines.values())

    def _read_token(self) -> str | None:
        try:
            return self.path.with_suffix(".token").read_text("ascii")[:TOKEN_CHARS] or None
        except (OSError, UnicodeDecodeError):
            return None

    def _append(self, line: bytes, *, durably: bool) -> None:
        """A line that is in what would be written anew."""
        if self._lock is None:
            raise OutboxError(f"The queue {self.path} is closed.")
        if self._refusal:
            if not durably:
                raise OutboxError(self._refusal)
            self._rewrite()
            return
        assert self._file is not None
        try:
            disk.write_all(self._file, line)
            if durably:
                os.fsync(self._file)
        except OSError as error:
            # What stands there must not end with half of it.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise self._refused(error) from None
        self._size += len(line)

    def _rewrite(self) -> None:
        """All or nothing, whenever the power goes."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        try:
            disk.put(self.path, self._whole(), durably=True)
            self._reopen()
        except OSError as error:
            raise self._refused(error) from None
        self._refusal = ""

    def _reopen(self) -> None:
        new = not self.path.exists()
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if sys.platform != "win32":
            os.fchmod(self._file, 0o600)
        if new:
            disk.sync_folder(self.path.parent)
        self._size = os.fstat(self._file).st_size

    def _refused(self, error: OSError) -> OutboxError:
        self._refusal = (
            f"What waits to be sent is not kept on disk: {disk.why(error)} ({self.path}). It will "
            "be sent if this program keeps running."
        )
        return OutboxError(self._refusal)


def _records(written: bytes) -> list[tuple[bytes, _Record]]:
    """Each with its line. What stands after the last newline was not written to its end."""
    records = []
    for line in written.split(b"\n")[:-1]:
        # One that a disk has spoilt costs no other.
        with contextlib.suppress(*_FAULTS):
            records.append((line + b"\n", _decoder.decode(line)))
    return records


def _owners(path: Path) -> list[str]:
    """Whose it is; nobody's, if it cannot be read."""
    try:
        found = _records(path.read_bytes())
    except OSError:
        return []
    return next((each.names for _, each in reversed(found) if isinstance(each, _Named)), [])


def _waiting(path: Path) -> int:
    """How many are in it that were not removed; none, if it cannot be read."""
    try:
        found = _records(path.read_bytes())
    except OSError:
        return 0
    nonces: set[str] = set()
    for _, record in found:
        if isinstance(record, _Added):
            nonces.add(record.command.nonce)
        elif isinstance(record, _Removed):
            nonces.discard(record.nonce)
    return len(nonces)


def _file_name(key: str) -> str:
    """The words are for people who look into the folder; the digest tells them apart."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    words = re.sub(r"[^A-Za-z0-9.]+", "-", key).strip("-.")[:60]
    return f"{words}-{digest}"


def _added(item: Outgoing) -> bytes:
    return _line(_Added(item.command, item.created, item.since, item.epoch))


def _line(record: _Record) -> bytes:
    return msgspec.json.encode(record) + b"\n"
