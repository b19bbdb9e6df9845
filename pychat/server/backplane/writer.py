"""The one thread that writes. What has queued up while it wrote is the next batch: one commit."""

import itertools
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import rules
from pychat.server.backplane.appender import Appender
from pychat.server.backplane.interface import Clock, Outcome, Rejection, Retention
from pychat.server.backplane.retention import Pruner

_logger = logging.getLogger("pychat.ledger")

BATCH = 512
"""Appends in one commit; more make a commit longer and its share of the fsync no smaller."""

BACKLOG = 8_192
"""Appends that wait while the disk is stuck; the next is refused at once."""

Append = tuple[LoggedEvent, object]
Deliver = Callable[[Sequence[LoggedEvent], Sequence[tuple[object, Outcome]]], object]


class Writer:
    """Takes appends from the loop and delivers what became of them, a batch at a time.

    It outlives every fault of the disk: what it cannot commit is rejected as `unavailable` and
    did not happen. `deliver` is called on the writer's thread.
    """

    def __init__(
        self, db: sqlite3.Connection, clock: Clock, retention: Retention, deliver: Deliver
    ) -> None:
        self._db = db
        self._clock = clock
        self._deliver = deliver
        self._appender = Appender(db)
        self._pruner = Pruner(db, retention, clock)
        self._queue: queue.SimpleQueue[Append | None] = queue.SimpleQueue()
        self._fault: str | None = None
        """Why the last batch was lost, told once."""
        # A daemon: a program that dies without closing its log must not hang on it.
        self._thread = threading.Thread(target=self._run, name="pychat-writer", daemon=True)
        self._thread.start()

    def put(self, event: LoggedEvent, ticket: object) -> bool:
        """False, and nothing else, where too many wait."""
        if self._queue.qsize() >= BACKLOG:
            return False
        self._queue.put((event, ticket))
        return True

    def close(self) -> None:
        """Blocks until all that was put is delivered, then closes the connection."""
        self._queue.put(None)
        self._thread.join()
        self._db.close()

    def _run(self) -> None:
        last = False
        while not last:
            batch, last = self._gather()
            if batch:
                self._settle(batch)
            if not last:
                self._prune()

    def _gather(self) -> tuple[list[Append], bool]:
        """Waits for one append, takes what else is there; whether it was the last.

        None where it is time to prune before one comes.
        """
        batch: list[Append] = []
        try:
            item = self._queue.get(timeout=self._pruner.patience())
        except queue.Empty:
            return batch, False
        while item is not None:
            batch.append(item)
            if len(batch) == BATCH:
                return batch, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _settle(self, batch: list[Append]) -> None:
        try:
            events, outcomes = self._commit(batch)
        except Exception as fault:  # noqa: BLE001  # no batch may end the thread
            self._undo(fault, "written")
            rejection = Rejection("unavailable", rules.UNAVAILABLE.format(_describe(fault)))
            events, outcomes = [], [(ticket, rejection) for _, ticket in batch]
        else:
            if self._fault is not None:
                _logger.warning("the log can be written again")
                self._fault = None
        try:
            self._deliver(events, outcomes)
        except RuntimeError:
            _logger.exception("%d appends were settled after the loop had ended", len(batch))

    def _commit(
        self, batch: list[Append]
    ) -> tuple[list[LoggedEvent], list[tuple[object, Outcome]]]:
        self._db.execute("BEGIN IMMEDIATE")
        times = itertools.repeat(self._clock())
        results = self._appender.append([event for event, _ in batch], times)
        self._db.execute("COMMIT")
        return (
            [event for _, event in results if event is not None],
            [(ticket, outcome) for (_, ticket), (outcome, _) in zip(batch, results, strict=True)],
        )

    def _prune(self) -> None:
        try:
            self._pruner.step()
        except Exception as fault:  # noqa: BLE001  # nor may this
            self._undo(fault, "pruned")

    def _undo(self, fault: Exception, what: str) -> None:
        """Back to what is on disk; the log hears of each new reason once."""
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        self._appender.forget()
        reason = f"{type(fault).__name__}: {fault}"
        if reason != self._fault:
            _logger.error("the log cannot be %s: %s", what, reason, exc_info=fault)
            self._fault = reason


def _describe(fault: Exception) -> str:
    return str(fault) if isinstance(fault, sqlite3.Error) else "a fault in the server"
