"""A Ledger that forgets everything with its process: for tests, without threads or files."""

import asyncio
import secrets
from collections.abc import Sequence

from pychat.protocol import events
from pychat.protocol.events import LoggedEvent
from pychat.protocol.replies import Message
from pychat.server.backplane import fold, rules, words
from pychat.server.backplane.interface import (
    Clock,
    Delta,
    DeltaQuery,
    Found,
    LedgerError,
    Outcome,
    Page,
    PageQuery,
    Person,
    Rejection,
    Retention,
    RoomRecord,
    SearchQuery,
    Sinks,
)
from pychat.server.backplane.room_log import RoomLog
from pychat.server.backplane.steady import SteadyClock


class MemoryLedger:
    """Keeps its logs from one `open` to the next. Appends of one tick are one batch, after which
    it prunes."""

    def __init__(self, clock: Clock, retention: Retention | None = None) -> None:
        self._clock = clock
        self._steady = SteadyClock(0, clock)
        self._retention = retention or Retention()
        self._epoch = secrets.token_hex(8)
        self._rooms: dict[str, RoomLog] = {}
        self._order: list[events.Message] = []
        """All messages in the order of their coming, which is that of search."""
        self._queue: list[tuple[LoggedEvent, object, Person]] = []
        self._last_time = 0
        self._sinks: Sinks | None = None
        self._closed = True

    @property
    def epoch(self) -> str:
        return self._epoch

    async def open(self, sinks: Sinks) -> Sequence[RoomRecord]:
        self._sinks = sinks
        self._closed = False
        newest = max((room.last_time for room in self._rooms.values()), default=self._clock())
        self._steady = SteadyClock(max(newest, self._steady()), self._clock)
        return [
            RoomRecord(name=name, head=room.head, topic=room.topic)
            for name, room in self._rooms.items()
        ]

    async def close(self) -> None:
        self._closed = True
        self._settle()

    def append(self, event: LoggedEvent, ticket: object, person: Person = ()) -> None:
        assert self._sinks is not None, "append comes after open"
        loop = asyncio.get_running_loop()
        if self._closed:
            outcome = Rejection("unavailable", rules.CLOSED)
            loop.call_soon(self._sinks.committed, (), [(ticket, outcome)])
            return
        if not self._queue:
            loop.call_soon(self._settle)
        self._queue.append((event, ticket, person))

    def _settle(self) -> None:
        batch, self._queue = self._queue, []
        if not batch or self._sinks is None:
            return
        now = self._clock()
        settled = [(ticket, *self._append(event, person, now)) for event, ticket, person in batch]
        self._sinks.committed(
            [event for _, _, event in settled if event is not None],
            [(ticket, outcome) for ticket, outcome, _ in settled],
        )
        self._prune(self._steady())

    def _prune(self, now: int) -> None:
        age, most = self._retention.max_age, self._retention.max_messages
        for room in self._rooms.values():
            excess = -1 if most is None or room.messages <= most else room.messages - most
            gone = 0
            for event in room.log:
                excess -= isinstance(event, events.Message)
                old = age is not None and event.time < now - age
                if not old and excess < 0:
                    break
                gone += 1
            room.drop(gone)
            room.nonces = {
                nonce: event
                for nonce, event in room.nonces.items()
                if event.seq > room.floor or event.time > now - rules.NONCE_LIFE
            }
        self._order = [said for said in self._order if said.seq > self._rooms[said.room].floor]

    def _append(
        self, event: LoggedEvent, person: Person, now: int
    ) -> tuple[Outcome, LoggedEvent | None]:
        room = self._rooms.get(event.room) or RoomLog()
        self._last_time = max(self._last_time, room.last_time)
        outcome, new = room.append(event, person, now, self._last_time)
        if new is not None:
            self._rooms[event.room] = room
            self._last_time = max(self._last_time, new.time)
            if isinstance(new, events.Message):
                self._order.append(new)
        return outcome, new

    async def page(self, query: PageQuery) -> Page:
        return self._open_room(query.room).page(query)

    async def delta(self, query: DeltaQuery) -> Delta:
        return self._open_room(query.room).delta(query)

    async def search(self, query: SearchQuery) -> Found:
        self._open_room("")
        phrases = words.terms(query.text)
        hits: list[Message] = []
        for said in reversed(self._order if phrases else []):
            if said.room in query.rooms:
                hit = self._rooms[said.room].hit(said, query, phrases)
                hits += [hit] if hit is not None else []
            if len(hits) > query.limit:
                break
        end = fold.page_end([hit.time for hit in hits], query.limit)
        return fold.found(hits[:end], end < len(hits), query.budget)

    def _open_room(self, name: str) -> RoomLog:
        if self._closed:
            raise LedgerError("the log in memory is closed; open it first")
        return self._rooms.get(name) or RoomLog()
