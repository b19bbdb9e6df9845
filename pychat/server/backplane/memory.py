"""A Ledger that forgets everything with its process: for tests, without threads or files."""

import asyncio
import secrets
from collections.abc import Sequence

import msgspec

from pychat.protocol import codec, events, names
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
    Receipt,
    Rejection,
    Retention,
    RoomRecord,
    SearchQuery,
    Sinks,
)
from pychat.server.backplane.steady import SteadyClock


class _Room(msgspec.Struct):
    log: list[LoggedEvent] = []
    """The event with `seq` n is the n-th after the floor."""
    floor: int = 0
    """The last `seq` that is not kept any more."""
    last_time: int = 0
    nonces: dict[tuple[str, str], LoggedEvent] = {}
    """By the sender's key and the nonce; those of events that are gone too, as long as need be."""
    about: dict[int, list[LoggedEvent]] = {}
    """Events by their target."""
    topic: str = ""

    @property
    def head(self) -> int:
        return self.floor + len(self.log)

    def find(self, seq: int) -> LoggedEvent | None:
        return self.log[seq - self.floor - 1] if self.floor < seq <= self.head else None

    def span(self, after: int, upto: int) -> list[LoggedEvent]:
        return self.log[max(0, after - self.floor) : max(0, upto - self.floor)]


class MemoryLedger:
    """Keeps its logs from one `open` to the next. Appends of one tick are one batch, after which
    it prunes."""

    def __init__(self, clock: Clock, retention: Retention | None = None) -> None:
        self._clock = clock
        self._steady = SteadyClock(0, clock)
        self._retention = retention or Retention()
        self._epoch = secrets.token_hex(8)
        self._rooms: dict[str, _Room] = {}
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
            messages = sum(isinstance(event, events.Message) for event in room.log)
            excess = -1 if most is None or messages <= most else messages - most
            gone = 0
            for event in room.log:
                excess -= isinstance(event, events.Message)
                old = age is not None and event.time < now - age
                if not old and excess < 0:
                    break
                gone += 1
            for event in room.log[:gone]:
                room.about.pop(event.seq, None)
            room.log = room.log[gone:]
            room.floor += gone
            room.nonces = {
                nonce: event
                for nonce, event in room.nonces.items()
                if event.seq > room.floor or event.time > now - rules.NONCE_LIFE
            }
        self._order = [said for said in self._order if said.seq > self._rooms[said.room].floor]

    def _append(
        self, event: LoggedEvent, person: Person, now: int
    ) -> tuple[Outcome, LoggedEvent | None]:
        room = self._rooms.get(event.room) or _Room()
        key = names.fold(event.sender)
        if person:
            outcome = rules.resent(event, person, lambda key: room.nonces.get((key, event.nonce)))
            if outcome is not None:
                return outcome, None
        elif (first := room.nonces.get((key, event.nonce))) is not None:
            return rules.repeated(event, first), None
        seq = rules.mentions(event)
        if seq is not None:
            refusal = rules.refusal(event, key, person, _mentioned(room, seq))
            if refusal is not None:
                return refusal, None
        self._last_time = max(self._last_time, room.last_time)
        rules.number(event, room.head, rules.next_time(room.last_time, self._last_time, now))
        self._last_time = max(self._last_time, event.time)
        self._rooms[event.room] = room
        room.last_time = event.time
        room.log.append(event)
        room.nonces[key, event.nonce] = event
        match event:
            case events.Message():
                self._order.append(event)
            case events.Topic():
                room.topic = event.text
            case _:
                room.about.setdefault(event.target, []).append(event)
        return Receipt(seq=event.seq, time=event.time), event

    async def page(self, query: PageQuery) -> Page:
        room = self._open_room(query.room)
        log = room.span(room.floor, query.upto)
        said = [event for event in log if isinstance(event, events.Message)]
        choice = fold.choose(
            query,
            older=lambda seq, count: [m for m in reversed(said) if m.seq < seq][:count],
            newer=lambda seq, count: [m for m in said if m.seq >= seq][:count],
        )
        messages = [_stand(room, message, query.upto) for message in choice.rows]
        return fold.page(messages, choice, query.budget)

    async def delta(self, query: DeltaQuery) -> Delta:
        room = self._open_room(query.room)
        log = room.span(query.after, query.upto)
        missed = sum(isinstance(event, events.Message) for event in log)
        if query.after < room.floor:
            return Delta(events=None, missed=missed, floor=room.floor)
        return fold.delta(map(codec.encode, log), query, missed, room.floor)

    async def search(self, query: SearchQuery) -> Found:
        self._open_room("")
        phrases = words.terms(query.text)
        hits: list[Message] = []
        for said in reversed(self._order if phrases else []):
            if _eligible(said, query):
                room = self._rooms[said.room]
                message = _stand(room, said, room.head)
                if words.matches(words.words(message.text), phrases):
                    hits.append(message)
            if len(hits) > query.limit:
                break
        end = fold.page_end([hit.time for hit in hits], query.limit)
        return fold.found(hits[:end], end < len(hits), query.budget)

    def _open_room(self, name: str) -> _Room:
        if self._closed:
            raise LedgerError("the log in memory is closed; open it first")
        return self._rooms.get(name) or _Room()


def _mentioned(room: _Room, seq: int) -> rules.Mentioned | None:
    event = room.find(seq)
    if not isinstance(event, events.Message):
        return None
    deleted = any(isinstance(later, events.Deleted) for later in room.about.get(seq, []))
    key = names.fold(event.sender)
    return rules.Mentioned(row=seq, sender_key=key, time=event.time, deleted=deleted)


def _stand(room: _Room, said: events.Message, upto: int) -> Message:
    later = room.about.get(said.seq, [])
    return fold.stand(said, (event for event in later if event.seq <= upto))


def _eligible(said: events.Message, query: SearchQuery) -> bool:
    return (
        said.room in query.rooms
        and (query.before is None or said.time < query.before)
        and (query.sender is None or names.fold(said.sender) == names.fold(query.sender))
    )
