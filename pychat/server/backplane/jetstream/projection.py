"""A node's own file of the rooms that it follows, made of their streams and of nothing else.

Each proposal is applied once, after the one before it in its room; how far a room has come is
committed with what came of it. So files of several nodes agree, and one that is lost is made anew.
"""

import itertools
import logging
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from pychat.protocol.events import LoggedEvent, Topic
from pychat.server.backplane import database, statements
from pychat.server.backplane.committer import Append, Committer
from pychat.server.backplane.disk import DiskSpeed
from pychat.server.backplane.interface import (
    LedgerError,
    Outcome,
    Receipt,
    Rejection,
    Retention,
)
from pychat.server.backplane.jetstream.proposals import Kept
from pychat.server.backplane.rules import SpentNonce

_log = logging.getLogger("pychat.cluster")

_CURSORS = """
CREATE TABLE IF NOT EXISTS applied (
    room TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL   -- of the last proposal that was decided, in the room's stream
) STRICT, WITHOUT ROWID
"""

_DECIDED = Receipt(0, 0, duplicate=True)
"""Of a proposal that comes a second time: it was told what became of it."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """A proposal's place, given to the Writer as its ticket."""

    room: str
    sequence: int
    before: int
    """The sequence of the last one of this room that was to be applied."""
    origin: str
    """The id under which its node published it."""
    kept: Kept = ""
    spent: Sequence[SpentNonce] = ()


class GapError(Exception):
    """A proposal does not follow the last one that was applied in its room."""


class OwnLogError(LedgerError):
    """The file is no projection, and is not made into one."""


class Projection(Committer):
    """Its times are the streams', so that it needs no clock."""

    def __init__(self, db: sqlite3.Connection, speed: DiskSpeed) -> None:
        self._cursors: dict[str, int] = {}
        super().__init__(db, lambda: 0, Retention(), speed)

    def _append(self, batch: Sequence[Append]) -> tuple[list[Outcome], list[LoggedEvent]]:
        """Raises GapError."""
        moved: dict[str, int] = {}
        fresh = []
        for item in batch:
            step = item[1]
            assert isinstance(step, Step)
            last = moved.get(step.room)
            if last is None:
                last = self._cursor(step.room)
            if step.sequence > last:
                if step.before != last:
                    raise GapError(
                        f"in {step.room!r} {step.sequence} follows {step.before}, and the last one "
                        f"was {last}"
                    )
                moved[step.room] = step.sequence
                fresh.append(item)
        outcomes: list[Outcome] = []
        new: list[LoggedEvent] = []
        for kept, items in itertools.groupby(fresh, key=_kept):
            told, added = self._admit(kept, list(items))
            outcomes += told
            new += added
        statements.run(self._db, "INSERT OR REPLACE INTO applied", list(moved.items()))
        self._cursors |= moved
        if len(fresh) < len(batch):
            each = {id(item): outcome for item, outcome in zip(fresh, outcomes, strict=True)}
            outcomes = [each.get(id(item), _DECIDED) for item in batch]
        return outcomes, new

    def _admit(
        self, kept: Kept, items: Sequence[Append]
    ) -> tuple[list[Outcome], list[LoggedEvent]]:
        """Floors count as events, which tell the room's topic."""
        batch = [event for event, _, _ in items]
        if not kept:
            persons = [person for _, _, person in items]
            return self._appender.append(batch, persons=persons, apart=True)
        if kept == "event":
            outcomes = self._appender.take_up(batch)
        else:
            outcomes = [self._begin_room(event, step) for event, step, _ in items]
        for outcome in outcomes:
            if isinstance(outcome, Rejection):
                _log.error("of what was imported one is passed over: %s", outcome.text)
        done = [
            event
            for event, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, Receipt)
        ]
        return outcomes, done

    def _begin_room(self, floor: LoggedEvent, step: object) -> Outcome:
        if not isinstance(floor, Topic) or not isinstance(step, Step):
            return Rejection("no-such-message", "a room's beginning is no topic")
        return self._appender.begin(floor, step.spent)

    def _cursor(self, room: str) -> int:
        if room not in self._cursors:
            row = self._db.execute(
                "SELECT sequence FROM applied WHERE room = ?", (room,)
            ).fetchone()
            self._cursors[room] = row[0] if row else 0
        return self._cursors[room]

    def _remember(self) -> None:
        self._cursors.clear()
        super()._remember()


def _kept(item: Append) -> Kept:
    step = item[1]
    assert isinstance(step, Step)
    return step.kept


def open_file(path: Path, epoch: str) -> sqlite3.Connection:
    """The connection that writes to the projection of the logs `epoch`; one of others, and one that
    cannot be used, is made anew. The caller holds its lock.

    Raises LedgerError where the file is the log of a Hall by itself, and OSError or sqlite3.Error
    where the disk is at fault.
    """
    try:
        return _open(path, epoch)
    except (OwnLogError, sqlite3.OperationalError):
        raise
    except (sqlite3.DatabaseError, LedgerError) as fault:
        _log.warning("the projection is made anew: %s", fault)
    set_aside(path)
    return _open(path, epoch)


def set_aside(path: Path) -> None:
    """As the one file of before, which may be the last copy of logs that the engine has lost.

    Raises OSError.
    """
    before = path.with_name(f"{path.name}.before")
    for suffix in ("-shm", "-wal", ""):
        then = before.with_name(f"{before.name}{suffix}")
        then.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            path.with_name(f"{path.name}{suffix}").rename(then)


def cursors(db: sqlite3.Connection) -> dict[str, int]:
    """How far each room has come. Raises sqlite3.Error."""
    return dict(db.execute("SELECT room, sequence FROM applied"))


def _open(path: Path, epoch: str) -> sqlite3.Connection:
    """Raises LedgerError for one of other logs."""
    db = database.open_writer(path)
    try:
        # What a loss of power takes comes again, and what is left is whole.
        db.execute("PRAGMA synchronous = NORMAL")
        rooms, tables = db.execute(
            "SELECT (SELECT count(*) FROM room), "
            "(SELECT count(*) FROM sqlite_schema WHERE name = 'applied')"
        ).fetchone()
        if not rooms and not tables:
            db.execute("BEGIN IMMEDIATE")
            db.execute(_CURSORS)
            db.execute("UPDATE meta SET epoch = ?", (epoch,))
            db.execute("COMMIT")
        (found,) = db.execute("SELECT epoch FROM meta").fetchone()
    except BaseException:
        db.close()
        raise
    if rooms and not tables:
        db.close()
        raise OwnLogError(
            f"{path} is the log of a Hall by itself; choose another data folder for this node"
        )
    if found != epoch:
        db.close()
        raise LedgerError(f"the projection {path} is of other logs")
    return db
