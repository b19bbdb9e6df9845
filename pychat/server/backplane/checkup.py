"""What `pychat doctor` looks at on this machine: programs, folder, log and lock. Changes nothing
but for a file that it writes to time the disk, and removes.

Blocking; a long log takes seconds.
"""

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import msgspec

from pychat.protocol import codec, events
from pychat.protocol.errors import ProtocolError
from pychat.server.backplane import database, disk, lock, registry, schema
from pychat.server.backplane.interface import LedgerError, RegistryError

_MIB = 1 << 20
_LITTLE_SPACE, _NO_SPACE = 512 * _MIB, 64 * _MIB
_SLOW_SYNC = 0.05
"""Seconds; a message is acknowledged after one."""
_NETWORK = frozenset(
    {"9p", "afs", "ceph", "cifs", "glusterfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"}
    | {"fuse.ceph", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs"}
)
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_CHUNK = 500


class Finding(msgspec.Struct, frozen=True):
    level: Literal["ok", "warning", "fault"]
    about: str
    text: str
    advice: str = ""
    """What to do."""


def check(data: Path) -> Iterator[Finding]:
    """Everything about the folder `data`; further checks are left out where one needs another."""
    yield from _versions()
    folder = list(_folder(data))
    yield from folder
    if folder[0].level == "fault" or not data.is_dir():
        return
    path = data / "hall.db"
    yield _lock(path)
    yield from _log(path)
    yield from _people(data / "people.db")
    yield _sync_time(data)


def _versions() -> Iterator[Finding]:
    yield Finding("ok", "python", f"Python {'.'.join(map(str, sys.version_info[:3]))}")
    found, wanted = sqlite3.sqlite_version, ".".join(map(str, database.OLDEST_SQLITE))
    if sqlite3.sqlite_version_info < database.OLDEST_SQLITE:
        advice = f"use a Python with SQLite {wanted} or newer"
        yield Finding("fault", "sqlite", f"SQLite {found} is too old", advice)
        return
    db = sqlite3.connect(":memory:")
    try:
        db.execute("CREATE VIRTUAL TABLE words USING fts5 (text)")
    except sqlite3.Error:
        advice = "use a Python whose SQLite has FTS5"
        yield Finding("fault", "sqlite", f"SQLite {found} cannot search (no FTS5)", advice)
    else:
        yield Finding("ok", "sqlite", f"SQLite {found}")
    finally:
        db.close()


def _folder(data: Path) -> Iterator[Finding]:
    if not data.exists():
        text = f"{data} is not there; `pychat serve` makes it"
        yield Finding("ok", "folder", text)
        return
    if not data.is_dir():
        yield Finding("fault", "folder", f"{data} is no folder", "choose another with --data")
        return
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        advice = "give it to the user that runs the Hall (chown), or run this as that user"
        yield Finding("fault", "folder", f"{data} cannot be read and written", advice)
        return
    mode = stat.S_IMODE(data.stat().st_mode)
    if sys.platform != "win32" and mode & 0o077:
        text = f"{data} is open to other users of this machine (mode {mode:04o})"
        yield Finding("warning", "folder", text, f"chmod 700 {data}")
    else:
        yield Finding("ok", "folder", str(data))
    yield _space(data)
    yield from _place(data)


def _space(data: Path) -> Finding:
    free = shutil.disk_usage(data).free
    text = f"{free // _MIB:,} MiB free"
    advice = "make room: messages are refused while the disk is full"
    if free < _NO_SPACE:
        return Finding("fault", "space", text, advice)
    if free < _LITTLE_SPACE:
        return Finding("warning", "space", text, advice)
    return Finding("ok", "space", text)


def _place(data: Path) -> Iterator[Finding]:
    kind = _file_system(data)
    if kind in _NETWORK:
        text = f"the folder is on another machine ({kind}), where locks and syncs may not hold"
        yield Finding("warning", "disk", text, "choose a folder on a local disk")
    elif kind in _IN_MEMORY:
        text = f"the folder is in memory ({kind}): it is gone with the next restart of the machine"
        yield Finding("warning", "disk", text, "choose a folder on a disk")
    elif kind:
        yield Finding("ok", "disk", f"a local disk ({kind})")


def _file_system(data: Path) -> str:
    """Its type by Linux's name; empty where that cannot be told."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    real = str(data.resolve())
    for fields in (mount.split() for mount in mounts):
        point = fields[4].replace("\\040", " ")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        # Of two at one place the later covers the earlier.
        if inside and len(point) >= best:
            best, kind = len(point), fields[fields.index("-") + 1]
    return kind


def _lock(path: Path) -> Finding:
    file = path.with_name(f"{path.name}.lock")
    try:
        holder = lock.holder(file) if file.exists() else None
    except OSError as fault:
        text = f"{file} cannot be opened: {fault.strerror}"
        return Finding("fault", "lock", text, "give the file to the user that runs the Hall")
    if holder is None:
        return Finding("ok", "lock", "no server has the log open")
    if _lives(holder):
        return Finding("ok", "lock", f"process {holder} has the log open")
    text = f"the log is open, but process {holder}, which opened it, is gone"
    return Finding("warning", "lock", text, f"look for what it left: lsof {file}")


def _lives(pid: str) -> bool:
    if sys.platform == "win32" or not pid.isdecimal():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def _log(path: Path) -> Iterator[Finding]:
    wal = path.with_name(f"{path.name}-wal")
    if not path.exists():
        if wal.exists() and wal.stat().st_size:
            advice = "put the log back beside it, or move the journal away to begin a new log"
            text = f"{path} is missing, and its journal {wal.name} is there"
            yield Finding("fault", "log", text, advice)
        else:
            yield Finding("ok", "log", "there is none yet; `pychat serve` makes it")
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if sys.platform != "win32" and mode & 0o077:
        text = f"{path} is open to other users of this machine (mode {mode:04o})"
        yield Finding("warning", "log", text, f"chmod 600 {path}")
    try:
        with database.open_beside(path) as db:
            yield from _content(db, path)
    except LedgerError as fault:
        text, _, advice = str(fault).partition("; ")
        yield Finding("fault", "log", text, advice)


def _content(db: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    version = schema.version(db)
    (epoch,) = db.execute("SELECT epoch FROM meta").fetchone()
    rooms, events_ = db.execute(
        "SELECT (SELECT count(*) FROM room), (SELECT count(*) FROM event)"
    ).fetchone()
    files = [path, path.with_name(f"{path.name}-wal")]
    size = sum(file.stat().st_size for file in files if file.exists())
    known = f"epoch {epoch}" if epoch else "a backup that was not opened yet"
    text = f"version {version}, {known}, {rooms:,} rooms, {events_:,} events, {size:,} bytes"
    yield Finding("ok", "log", text)
    fault = database.damage(db, quick=True) or _damaged_event(db)
    if fault is not None:
        advice = "stop the Hall, keep this file, and restore the last backup in its place"
        yield Finding("fault", "log", f"{path} is damaged: {fault}", advice)
    else:
        yield Finding("ok", "log", "whole: its structure, and each event by itself")


def _damaged_event(db: sqlite3.Connection) -> str | None:
    """The first one: SQLite does not notice that a row has other content than was written."""
    last = -1
    names = dict(db.execute("SELECT id, name FROM room").fetchall())
    while rows := db.execute(
        "SELECT id, room, seq, body FROM event WHERE id > ? ORDER BY id LIMIT ?", (last, _CHUNK)
    ).fetchall():
        for row, room, seq, body in rows:
            last = row
            name = names.get(room, "?")
            # Who writes to whom is for nobody to read here.
            where = "a room of two" if name.startswith("@") else f"the room {name!r}"
            place = f"event {seq} of {where}"
            try:
                event = codec.decode_event(body)
            except ProtocolError as fault:
                return f"{place} cannot be read ({fault})"
            known = not isinstance(event, events.Unknown)
            if known and (event.seq, event.room) != (seq, name):
                return f"{place} is another one"
    return None


def _people(path: Path) -> Iterator[Finding]:
    if not path.exists():
        return
    advice = "restore it from a backup; without it nobody owns a name, and nobody is banned"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            registry.verify(db, path)
            found = database.damage(db, quick=False)
            owners, acts = db.execute(
                "SELECT (SELECT count(*) FROM fact WHERE bucket = 'owner'),"
                " (SELECT count(*) FROM audit)"
            ).fetchone()
    except (RegistryError, sqlite3.Error) as fault:
        yield Finding("fault", "people", f"{path} cannot be read: {fault}", advice)
    else:
        if found is not None:
            yield Finding("fault", "people", f"{path} is damaged: {found}", advice)
            return
        yield Finding("ok", "people", f"{owners:,} owned names, {acts:,} acts in the audit log")


def _sync_time(data: Path) -> Finding:
    try:
        median = disk.measure_sync(data)
    except OSError as fault:
        text = f"nothing can be written in {data}: {fault.strerror}"
        return Finding("fault", "sync", text, "see what the lines above say, or the system's log")
    text = f"writing to the disk for good takes {median * 1000:.1f} ms"
    if median > _SLOW_SYNC:
        return Finding("warning", "sync", text, "each message waits so long: use a faster disk")
    return Finding("ok", "sync", text)
