"""The logs of direct rooms with guests: in memory, bounded, and gone with their rooms."""

import asyncio

import msgspec

from pychat.protocol import codec, events, names
from pychat.protocol.events import LoggedEvent
from pychat.server import limits
from pychat.server.backplane import fold
from pychat.server.backplane.interface import (
    Clock,
    Delta,
    DeltaQuery,
    Found,
    Outcome,
    Page,
    PageQuery,
    Person,
    Rejection,
    Retention,
    SearchQuery,
    Sinks,
)
from pychat.server.backplane.room_log import RoomLog
from pychat.server.backplane.steady import SteadyClock

_EACH_BYTES = 800
"""What an event takes besides its text, with its nonce and its places."""

_EMPTY_BYTES = 80
"""What a text takes besides its letters, at most."""


class _DirectLog(RoomLog):
    bytes: int = 0
    sealed: str = ""
    """Why nothing more can be said: a sentence."""


class DirectLogs(msgspec.Struct, kw_only=True):
    """All that a DirectLedger has, to be had again elsewhere."""

    rooms: list["DirectLogKept"]
    """By name."""
    last_time: int
    last_seq: int


class DirectLogKept(msgspec.Struct, kw_only=True):
    name: str
    origin: int
    floor: int
    last_time: int
    sealed: str
    events: list[msgspec.Raw]


class DirectLedger:
    """Keeps what Ledger promises, but for what a restart keeps; a nonce is known for as long as
    its event. Appends of one tick are one batch.

    No position of a room is one of an earlier room of that name, also of one before a restart: so
    who comes back with such a one gets a page.
    """

    def __init__(self, clock: Clock, retention: Retention) -> None:
        self._clock = clock
        self._steady = SteadyClock(clock(), clock)
        self._max_age = retention.max_age
        self._most = min(limits.DIRECT_MESSAGES, retention.max_messages or limits.DIRECT_MESSAGES)
        self._rooms: dict[str, _DirectLog] = {}
        self._queue: list[tuple[LoggedEvent, object, Person]] = []
        self._last_time = 0
        self._last_seq = 0
        """Of all rooms, also those that are gone."""
        self._bytes = 0
        self._sinks: Sinks | None = None

    def open(self, sinks: Sinks) -> None:
        self._sinks = sinks

    def keep_at_most(self, messages: int) -> None:
        """Of each room, from its next message on."""
        self._most = messages

    def close(self) -> None:
        """Everything appended so far is settled."""
        self._settle()
        self._sinks = None

    def append(self, event: LoggedEvent, ticket: object, person: Person) -> None:
        if not self._queue:
            asyncio.get_running_loop().call_soon(self._settle)
        self._queue.append((event, ticket, person))

    def seal(self, room: str, why: str) -> None:
        """Nothing more is appended there; what was may still be sent again."""
        log = self._rooms.setdefault(room, self._new_log())
        log.sealed = why

    def drop(self, room: str) -> None:
        """The room has ended, and nothing of it is waiting."""
        log = self._rooms.pop(room, None)
        if log is not None:
            self._bytes -= log.bytes

    def kept(self) -> DirectLogs:
        rooms = [
            DirectLogKept(
                name=name,
                origin=log.origin,
                floor=log.floor,
                last_time=log.last_time,
                sealed=log.sealed,
                events=[msgspec.Raw(codec.encode(event)) for event in log.log],
            )
            for name, log in sorted(self._rooms.items())
        ]
        return DirectLogs(rooms=rooms, last_time=self._last_time, last_seq=self._last_seq)

    def restore(self, kept: DirectLogs) -> None:
        """In place of what there is."""
        self._rooms, self._bytes = {}, 0
        self._last_time, self._last_seq = kept.last_time, kept.last_seq
        for each in kept.rooms:
            log = self._rooms[each.name] = _DirectLog(
                origin=each.origin, floor=each.floor, sealed=each.sealed
            )
            for raw in each.events:
                event = codec.decode_event(raw)
                assert not isinstance(event, events.Unknown)
                log.add(event)
                self._weigh(log, _weight(event))
            log.last_time = each.last_time

    def page(self, query: PageQuery) -> Page:
        return self._look_up(query.room).page(query)

    def delta(self, query: DeltaQuery) -> Delta:
        return self._look_up(query.room).delta(query)

    async def search(self, query: SearchQuery) -> Found:
        """Of the rooms that there are. Others have their turn between two rooms, each of which
        takes some milliseconds."""
        founds = []
        for room in query.rooms:
            founds.append(self._look_up(room).search(query))
            await asyncio.sleep(0)
        return fold.merged(founds, query)

    def _look_up(self, room: str) -> RoomLog:
        log = self._rooms.get(room)
        if log is None:
            return RoomLog()
        self._let_go_of_old(log)
        return log

    def _new_log(self) -> _DirectLog:
        # Milliseconds: nobody says a thousand things a second for as long as a Hall is open.
        return _DirectLog(origin=max(self._clock(), self._last_seq))

    def _settle(self) -> None:
        batch, self._queue = self._queue, []
        if not batch or self._sinks is None:
            return
        now = self._clock()
        settled = [(ticket, *self.admit(event, person, now)) for event, ticket, person in batch]
        self._sinks.committed(
            [event for _, _, event in settled if event is not None],
            [(ticket, outcome) for ticket, outcome, _ in settled],
        )

    def admit(
        self, event: LoggedEvent, person: Person, now: int
    ) -> tuple[Outcome, LoggedEvent | None]:
        """Append at once: the outcome, and the event, numbered, if it is new."""
        log = self._rooms.get(event.room) or self._new_log()
        if log.sealed:
            known = log.known(event, person)
            return known or Rejection("not-allowed", log.sealed), None
        outcome, new = log.append(event, person, now, self._last_time)
        if new is not None:
            self._rooms[event.room] = log
            self._last_time = max(self._last_time, new.time)
            self._last_seq = max(self._last_seq, new.seq)
            self._weigh(log, _weight(new))
            self._bound(log)
        return outcome, new

    def _bound(self, log: _DirectLog) -> None:
        while log.messages > self._most or len(log.log) > limits.DIRECT_ENTRIES:
            self._let_go(log, 1)
        self._let_go_of_old(log)
        while self._bytes > limits.DIRECT_BYTES:
            # Of equal ones not the first: which that is depends on who loaded a snapshot.
            name = max(self._rooms, key=lambda each: (self._rooms[each].bytes, each))
            heaviest = self._rooms[name]
            self._let_go(heaviest, (len(heaviest.log) + 1) // 2)

    def _let_go_of_old(self, log: _DirectLog) -> None:
        if self._max_age is not None:
            self._let_go_up_to(log, self._steady() - self._max_age)

    def let_go_before(self, since: int) -> None:
        """Of all that was said before then, in all rooms."""
        for log in self._rooms.values():
            self._let_go_up_to(log, since)

    def _let_go_up_to(self, log: _DirectLog, since: int) -> None:
        old = 0
        while old < len(log.log) and log.log[old].time < since:
            old += 1
        if old:
            self._let_go(log, old)

    def _let_go(self, log: _DirectLog, count: int) -> None:
        for event in log.drop(count):
            log.nonces.pop((names.fold(event.sender), event.nonce), None)
            self._weigh(log, -_weight(event))

    def _weigh(self, log: _DirectLog, more: int) -> None:
        log.bytes += more
        self._bytes += more


def _weight(event: LoggedEvent) -> int:
    match event:
        case events.Message() | events.Edited():
            return _EACH_BYTES + _size(event.text)
        case events.Reacted():
            return _EACH_BYTES + sum(map(_size, event.emojis))
        case _:
            return _EACH_BYTES


def _size(text: str) -> int:
    """Bytes at most, by the text alone: `getsizeof` tells more of one that was encoded before, so
    that it would weigh something else when it is let go of, and at another node."""
    if text.isascii():
        return _EMPTY_BYTES + len(text)
    return _EMPTY_BYTES + 4 * len(text) + len(text.encode())
