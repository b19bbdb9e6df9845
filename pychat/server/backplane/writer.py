"""Who may use the connection that writes, and when: appends first, upkeep when there is time.

On a quick disk the loop itself commits what came in one turn; on a slow one, or behind another
program, a thread does, and what comes meanwhile is the next batch.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.committer import (
    CHECKPOINT_PAGES,
    INDEX_LAG,
    INDEX_ROWS,
    Append,
    BusyError,
    Committer,
    Settled,
)
from pychat.server.backplane.interface import Person

_T = TypeVar("_T")

BATCH = 512
"""Appends in one commit; more make a commit longer and its share of the fsync no smaller."""

BACKLOG = 8_192
"""Appends that wait while the disk is stuck; the next is refused at once."""

IDLE_SECONDS = 0.05
"""Without an append, after which there is time for upkeep."""

EASY_LAG = 1_000
"""Events that are not findable yet, from which on some are made so even while people speak."""

EASY_SECONDS = 0.05
"""Between two moments at which that is done: it keeps up with two thousand events a second, and
takes no more than a few hundredths of the time."""

_RETRY_SECONDS = 1.0
"""Until upkeep that the disk refused is tried again."""


class Writer:
    """Lives on the loop. `deliver` is called with what became of each batch."""

    def __init__(self, committer: Committer, deliver: Callable[[Settled], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._committer = committer
        self._deliver = deliver
        self._queue: list[Append] = []
        self._searches: list[tuple[int, asyncio.Future[None]]] = []
        """Who waits until an event can be found."""
        self._jobs: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()
        self._settled = asyncio.Event()
        self._settled.set()
        self._going = False
        """`_go` is about to be called."""
        self._lent = False
        """A thread has the committer."""
        self._closed = False
        self._kept_up = False
        """Upkeep had its turn since the last commit."""
        self._idle = True
        self._eased = 0.0
        """When some were last made findable while people spoke; the loop's time."""
        self._due = 0.0
        """When upkeep is, though nobody asks for anything; the loop's time."""
        self._alarm: asyncio.Handle | None = None
        """For that; it may come before. To set a timer for each commit would cost more."""
        self._alarm_at = 0.0
        """When it comes: uvloop's handle of what is due at once does not tell."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pychat-writer")
        self._rest()

    def put(self, event: LoggedEvent, ticket: object, person: Person) -> bool:
        """False, and nothing else, where too many wait."""
        if len(self._queue) >= BACKLOG:
            return False
        self._queue.append((event, ticket, person))
        if len(self._queue) == 1:
            self._idle = False
            self._settled.clear()
            self._go_soon()
        return True

    async def run(self, job: Callable[[], _T]) -> _T:
        """Let the thread do something else to the file, before what waits. Raises what it does."""
        done: asyncio.Future[_T] = self._loop.create_future()
        self._jobs.append((job, done))
        self._settled.clear()
        self._go_soon()
        return await done

    async def caught_up(self) -> None:
        """Returns when all that was settled before can be found, or the disk refuses that."""
        last = self._committer.last
        if self._committer.indexed < last:
            found: asyncio.Future[None] = self._loop.create_future()
            self._searches.append((last, found))
            self._go_soon()
            await found

    async def close(self) -> None:
        """Returns when all that was put is delivered, and the connection is closed."""
        await self._settled.wait()
        self._closed = True
        self._cancel_alarm()
        self._release_searches(self._committer.last)
        await self._loop.run_in_executor(self._thread, self._committer.close)
        self._thread.shutdown()

    # -- whose turn it is -------------------------------------------------------------------------

    def _go_soon(self) -> None:
        if not self._going and not self._lent:
            self._going = True
            self._loop.call_soon(self._go)

    def _go(self) -> None:
        self._going = False
        if self._closed:
            return
        if self._jobs:
            self._lend(*self._tried(*self._jobs.popleft()))
        elif not self._kept_up and self._is_overdue():
            self._kept_up = True
            self._keep_up(2 * BATCH)
        elif self._queue:
            self._kept_up = False
            self._commit()
        elif self._idle or self._searches:
            self._keep_up(INDEX_ROWS)
        else:
            self._rest()

    def _next(self) -> None:
        if self._queue or self._searches or self._jobs:
            self._go_soon()
            return
        self._settled.set()
        now = self._loop.time()
        if self._committer.lag > EASY_LAG and now >= self._eased + EASY_SECONDS:
            self._eased = now
            self._begin_upkeep()
        else:
            self._rest()

    def _rest(self, seconds: float = 0.0) -> None:
        """Nobody waits; upkeep begins in so many seconds at least, if there is some to do."""
        committer = self._committer
        patience = committer.patience()
        waits = [] if patience is None else [patience]
        if committer.lag or committer.pages:
            waits.append(0.0 if self._idle else IDLE_SECONDS)
        if waits:
            self._due = self._loop.time() + max(seconds, min(waits))
            if self._alarm is None or self._due < self._alarm_at:
                self._set_alarm()

    def _set_alarm(self) -> None:
        self._cancel_alarm()
        self._alarm_at = self._due
        self._alarm = self._loop.call_at(self._due, self._wake)

    def _wake(self) -> None:
        self._alarm = None
        if self._queue or self._lent:
            return  # the alarm is set anew after that
        if self._loop.time() < self._due:
            self._set_alarm()
        else:
            self._begin_upkeep()

    def _begin_upkeep(self) -> None:
        self._idle = True
        self._go_soon()

    def _cancel_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _lend(self, job: Callable[[], _T], then: Callable[[_T], None]) -> None:
        """Let the thread do it; the loop goes on."""

        def returned(done: asyncio.Future[_T]) -> None:
            self._lent = False
            if not done.cancelled():
                then(done.result())

        self._lent = True
        self._loop.run_in_executor(self._thread, job).add_done_callback(returned)

    def _tried(
        self, job: Callable[[], _T], done: asyncio.Future[_T]
    ) -> tuple[Callable[[], Exception | None], Callable[[Exception | None], None]]:
        results: list[_T] = []

        def attempt() -> Exception | None:
            try:
                results.append(job())
            except Exception as fault:  # noqa: BLE001  # it is for who waits
                return fault
            return None

        def told(fault: Exception | None) -> None:
            if not done.done():
                if fault is None:
                    done.set_result(results[0])
                else:
                    done.set_exception(fault)
            self._next()

        return attempt, told

    # -- appends ----------------------------------------------------------------------------------

    def _commit(self) -> None:
        batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
        if self._committer.speed.quick:
            try:
                settled = self._committer.settle(batch, patient=False)
            except BusyError:
                pass
            else:
                self._committed(settled)
                return
        self._lend(partial(self._committer.settle, batch, patient=True), self._committed)

    def _committed(self, settled: Settled) -> None:
        self._deliver(settled)
        self._next()

    # -- upkeep -----------------------------------------------------------------------------------

    def _is_overdue(self) -> bool:
        committer = self._committer
        return (
            committer.lag > INDEX_LAG
            or committer.pages > CHECKPOINT_PAGES
            or committer.patience() == 0.0
        )

    def _keep_up(self, rows: int) -> None:
        """One piece of what there is to do, if any; the indexing of `rows` events, say."""
        committer = self._committer
        if committer.pages > CHECKPOINT_PAGES:
            self._lend(committer.checkpoint, self._kept)
        elif committer.patience() == 0.0:
            self._lend(committer.prune, self._kept)
        elif committer.lag and committer.speed.quick:
            self._indexed(committer.index(rows))
        elif committer.lag:
            self._lend(partial(committer.index, rows), self._indexed)
        elif committer.pages:
            self._lend(committer.checkpoint, self._kept)
        else:
            self._next()

    def _kept(self, _: object) -> None:
        # Pruning has made findable what it was to let go of: searches waited for that forever.
        self._release_searches(self._committer.indexed)
        self._next()

    def _indexed(self, done: bool) -> None:
        self._release_searches(self._committer.indexed if done else self._committer.last)
        if done or self._queue or self._jobs:
            self._next()
        else:
            self._settled.set()
            self._rest(_RETRY_SECONDS)

    def _release_searches(self, upto: int) -> None:
        waiting, self._searches = self._searches, []
        for last, found in waiting:
            if last > upto:
                self._searches.append((last, found))
            elif not found.done():
                found.set_result(None)
