"""All that is written to a log file, one transaction at a time. Blocking, and for one thread at a
time; no fault of the disk is raised: what could not be committed did not happen."""

import logging
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import database, rules
from pychat.server.backplane.appender import Appender
from pychat.server.backplane.disk import DiskSpeed
from pychat.server.backplane.indexer import Indexer
from pychat.server.backplane.interface import Clock, Outcome, Person, Rejection, Retention
from pychat.server.backplane.retention import Pruner

_logger = logging.getLogger("pychat.ledger")

INDEX_ROWS = 128
"""Events that become findable in one transaction: some milliseconds, which appends may wait for."""

PRUNE_ROWS = 1_024
"""Events that are made findable before some are let go of."""

INDEX_LAG = 100_000
"""Events that need not be findable by word or nonce while others come thick and fast; a search
waits for them, and as many nonces are in memory."""

CHECKPOINT_PAGES = 2_000
"""Of the journal, about, that are moved to the log at one time: some milliseconds."""

_COMMIT_PAGES, _ROW_PAGES = 5, 1
"""Of the journal that a commit writes, and that each of its rows does: an estimate from above."""

Append = tuple[LoggedEvent, object, Person]
Settled = tuple[Sequence[LoggedEvent], Sequence[tuple[object, Outcome]]]


class BusyError(Exception):
    """Another program writes to the file; waiting for it might help."""


class Committer:
    def __init__(
        self, db: sqlite3.Connection, clock: Clock, retention: Retention, speed: DiskSpeed
    ) -> None:
        self._db = db
        self.speed = speed
        self._clock = clock
        self._appender = Appender(db)
        self._indexer = Indexer(db)
        self._pruner = Pruner(db, retention, clock)
        self._fault: str | None = None
        """Why the last transaction was lost, told once."""
        self._patient = True
        self.pages = 0
        """In the journal, about, that are not in the log yet."""
        self._unsure = False
        """What is in memory may not be what is on disk."""
        # By `checkpoint` instead: a commit should not have to wait for one.
        db.execute("PRAGMA wal_autocheckpoint = 0")

    def close(self) -> None:
        self._db.close()

    @property
    def indexed(self) -> int:
        """The last event that can be found by word and by nonce."""
        return self._indexer.indexed

    @property
    def last(self) -> int:
        """The last event of all."""
        return self._appender.last_row

    @property
    def lag(self) -> int:
        """How many are between the two."""
        return self.last - self.indexed

    def patience(self) -> float | None:
        """Seconds until there may be something to prune; None for never."""
        return self._pruner.patience()

    def settle(self, batch: Sequence[Append], *, patient: bool) -> Settled:
        """Append, commit, and tell what became of each. Raises BusyError unless `patient`."""
        try:
            self._begin(patient)
            outcomes, new = self._append(batch)
            start = time.perf_counter()
            self._db.execute("COMMIT")
            self.speed.took(time.perf_counter() - start)
        except Exception as fault:  # noqa: BLE001  # no batch may end the writing of others
            if not patient and _is_busy(fault) and not self._db.in_transaction:
                raise BusyError from None
            self._undo(fault, "written")
            rejection = Rejection("unavailable", rules.UNAVAILABLE.format(_describe(fault)))
            return (), [(ticket, rejection) for _, ticket, _ in batch]
        if self._fault is not None:
            _logger.warning("the log can be written again")
            self._fault = None
        self.pages += _COMMIT_PAGES + _ROW_PAGES * len(batch)
        return new, [
            (ticket, outcome) for (_, ticket, _), outcome in zip(batch, outcomes, strict=True)
        ]

    def _append(self, batch: Sequence[Append]) -> tuple[list[Outcome], list[LoggedEvent]]:
        """In a transaction. Raises what is to undo it."""
        return self._appender.append(
            [event for event, _, _ in batch],
            self._clock(),
            [person for _, _, person in batch],
        )

    def index(self, rows: int) -> bool:
        """Make the next events findable; False if the disk refuses."""
        try:
            self._begin(patient=True)
            self._indexer.step(rows)
            self._db.execute("COMMIT")
        except Exception as fault:  # noqa: BLE001  # as in `settle`
            self._undo(fault, "indexed")
            return False
        self._appender.indexed(self._indexer.indexed)
        self.pages += _COMMIT_PAGES + _ROW_PAGES * rows
        return True

    def prune(self) -> None:
        """Let go of some of what need not be kept, if it is time. Only what can be found is let go
        of: else a nonce could be missed."""
        if self.lag and not self.index(PRUNE_ROWS):
            return
        try:
            self._be_patient(True)
            self._pruner.step()
        except Exception as fault:  # noqa: BLE001  # as in `settle`
            self._undo(fault, "pruned")

    def checkpoint(self) -> None:
        """Move the journal into the log, as far as no reader needs it."""
        self.pages = 0
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _begin(self, patient: bool) -> None:
        self._be_patient(patient)
        self._db.execute("BEGIN IMMEDIATE")
        if self._unsure:
            self._remember()

    def _remember(self) -> None:
        self._appender.remember()
        self._indexer.remember()
        self._unsure = False

    def _be_patient(self, patient: bool) -> None:
        if patient != self._patient:
            self._patient = patient
            milliseconds = int(1000 * database.BUSY_SECONDS) if patient else 0
            self._db.execute(f"PRAGMA busy_timeout = {milliseconds}")

    def _undo(self, fault: Exception, what: str) -> None:
        """Back to what is on disk; the log hears of each new reason once."""
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        self._unsure = True
        with suppress(sqlite3.Error):
            self._remember()
        reason = f"{type(fault).__name__}: {fault}"
        if reason != self._fault:
            _logger.error("the log cannot be %s: %s", what, reason, exc_info=fault)
            self._fault = reason


def _is_busy(fault: Exception) -> bool:
    code = getattr(fault, "sqlite_errorcode", None)
    return code is not None and code & 255 in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _describe(fault: Exception) -> str:
    return str(fault) if isinstance(fault, sqlite3.Error) else "a fault in the server"
