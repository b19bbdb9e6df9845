"""A node's own file of the rooms that it follows, made of their streams and of nothing else.

Each proposal is applied once, after the one before it in its room; how far a room has come is
committed with what came of it. So files of several nodes agree, and one that is lost is made anew.
"""

import itertools
import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from pychat.protocol.events import LoggedEvent, Message, Topic
from pychat.server.backplane import database, statements
from pychat.server.backplane.appender import Stand
from pychat.server.backplane.committer import PRUNE_ROWS, Append, Committer
from pychat.server.backplane.disk import DiskSpeed
from pychat.server.backplane.interface import (
    LedgerError,
    Outcome,
    Receipt,
    Rejection,
    Retention,
    RoomRecord,
)
from pychat.server.backplane.jetstream import floors
from pychat.server.backplane.jetstream.proposals import Floor, Kept
from pychat.server.backplane.retention import RECKONED_GAP
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


PRUNED_PAGES = 200
"""Of the journal that a floor writes, about."""


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
    void: bool | None = None
    """Whether it came to nothing, where that is known from before."""


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
        for (kept, void), items in itertools.groupby(fresh, key=_kind):
            group = list(items)
            before = {room: self._appender.place(room) for room in {each[0].room for each in group}}
            told, added = ([_DECIDED] * len(group), []) if void else self._admit(kept, group)
            self._note(before, group, told)
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
            steps = [step for _, step, _ in items if isinstance(step, Step)]
            accepted = {at for at, step in enumerate(steps) if step.void is False}
            return self._appender.append(batch, persons=persons, apart=True, accepted=accepted)
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

    def _note(
        self,
        before: Mapping[str, Stand | None],
        items: Sequence[Append],
        outcomes: Sequence[Outcome],
    ) -> None:
        """What became of each, by which another projection may begin later."""
        stands = dict(before)
        rows = []
        for (event, step, _), outcome in zip(items, outcomes, strict=True):
            assert isinstance(step, Step)
            stand = stands[step.room] or self._appender.place(step.room)
            if stand is None:
                continue  # nothing was ever said there
            if stands[step.room] is None:
                stand = stand._replace(head=0, last_time=0, messages=0)
            void = not isinstance(outcome, Receipt) or outcome.duplicate
            if not void:
                assert isinstance(outcome, Receipt)
                more = isinstance(event, Message)
                stand = Stand(stand.id, outcome.seq, outcome.time, stand.messages + more)
            stands[step.room] = stand
            row = (stand.id, stand.head, step.sequence, void, stand.last_time, stand.messages)
            rows.append(row)
        statements.run(self._db, "INSERT INTO decided", rows)

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

    # -- what goes: each a transaction of its own, and raises sqlite3.Error ------------------------

    def let_go(self, floor: Floor, sequence: int, before: int) -> None:
        """Carry out a floor at its place in the stream. Raises GapError."""
        with self._transaction():
            needed = floors.last_row(self._db, floor)
        while self.indexed < needed:
            if not self.index(PRUNE_ROWS):
                raise sqlite3.OperationalError("the events that are to go cannot be indexed")
        with self._transaction():
            last = self._cursor(floor.room)
            if sequence < last or (sequence == last and before != last):
                return
            if before != last:
                raise GapError(f"in {floor.room!r} a floor follows {before}, and {last} was last")
            begun = floors.is_begun(self._db, floor.room)
            floors.let_go(self._db, floor)
            if begun:
                floors.list_nonces(self._db, floor.room)
            row = (floor.room, sequence)
            self._db.execute("INSERT OR REPLACE INTO applied VALUES (?, ?)", row)
            self._cursors[floor.room] = sequence
        self.pages += PRUNED_PAGES

    def begin(self, start: floors.Beginning) -> bool:
        """Make the room anew from there; False where it is as far."""
        with self._transaction():
            behind = self._cursor(start.room) < start.sequence
            if behind:
                floors.begin(self._db, start)
                self._remember()
        return behind

    def due(self, rooms: Sequence[str], bounds: floors.Bounds) -> list[Floor]:
        """What is to go now; and another piece of what was dropped does."""
        with self._transaction():
            if floors.clear(self._db):
                self._remember()
            if bounds.now >= self.reckoned() + RECKONED_GAP:
                self._db.execute("UPDATE meta SET reckoned = ?", (bounds.now,))
            return floors.due(self._db, rooms, bounds)

    def bases(self, rooms: Sequence[str]) -> dict[str, int]:
        """Up to where streams may let go."""
        return {room: floors.base(self._db, room) for room in rooms}

    def beginning(self, room: str) -> floors.Beginning | None:
        return floors.beginning(self._db, room)

    def reckoned(self) -> int:
        """The latest time that is known to have passed."""
        (found,) = self._db.execute(
            "SELECT max(reckoned, (SELECT coalesce(max(last_time), 0) FROM place)) FROM meta"
        ).fetchone()
        return int(found)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._begin(patient=True)
            yield
            self._db.execute("COMMIT")
        except Exception as fault:
            self._undo(fault, "pruned")
            raise


def _kind(item: Append) -> tuple[Kept, bool]:
    step = item[1]
    assert isinstance(step, Step)
    return step.kept, bool(step.void)


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


def records(db: sqlite3.Connection) -> list[RoomRecord]:
    """Of all rooms that there are. Raises sqlite3.Error."""
    found = db.execute(
        "SELECT name, head, topic FROM place WHERE name IN (SELECT room FROM applied) ORDER BY id"
    )
    return [RoomRecord(*room) for room in found]


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
            "(SELECT count(*) FROM sqlite_schema WHERE name IN ('applied', 'decided'))"
        ).fetchone()
        if not rooms and not tables:
            db.execute("BEGIN IMMEDIATE")
            db.execute(_CURSORS)
            for table in floors.TABLES:
                db.execute(table)
            db.execute("UPDATE meta SET epoch = ?", (epoch,))
            db.execute("COMMIT")
            tables = 2
        (found,) = db.execute("SELECT epoch FROM meta").fetchone()
        if tables == 2 and found == epoch:
            db.execute("BEGIN IMMEDIATE")
            floors.drop_half_made(db)
            db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    if rooms and not tables:
        db.close()
        raise OwnLogError(
            f"{path} is the log of a Hall by itself; choose another data folder for this node"
        )
    if found != epoch or tables < 2:
        db.close()
        raise LedgerError(f"the projection {path} is of other logs, or of an earlier pychat")
    return db
