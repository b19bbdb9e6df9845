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
    Receipt,
    Rejection,
    RoomRecord,
    SearchQuery,
    Sinks,
)


class _Room(msgspec.Struct):
    log: list[LoggedEvent] = []
    """The event with `seq` n is the n-th."""
    nonces: dict[tuple[str, str], LoggedEvent] = {}
    """By the sender's key and the nonce."""
    about: dict[int, list[LoggedEvent]] = {}
    """Events by their target."""
    topic: str = ""


class MemoryLedger:
    """Keeps its logs from one `open` to the next. Appends of one tick are one batch."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._epoch = secrets.token_hex(8)
        self._rooms: dict[str, _Room] = {}
        self._order: list[events.Message] = []
        """All messages in the order of their coming, which is that of search."""
        self._queue: list[tuple[LoggedEvent, object]] = []
        self._sinks: Sinks | None = None
        self._closed = True

    @property
    def epoch(self) -> str:
        return self._epoch

    async def open(self, sinks: Sinks) -> Sequence[RoomRecord]:
        self._sinks = sinks
        self._closed = False
        return [
            RoomRecord(name=name, head=len(room.log), topic=room.topic)
            for name, room in self._rooms.items()
        ]

    async def close(self) -> None:
        self._closed = True
        self._settle()

    def append(self, event: LoggedEvent, ticket: object) -> None:
        assert self._sinks is not None, "append comes after open"
        loop = asyncio.get_running_loop()
        if self._closed:
            outcome = Rejection("unavailable", rules.CLOSED)
            loop.call_soon(self._sinks.committed, (), [(ticket, outcome)])
            return
        if not self._queue:
            loop.call_soon(self._settle)
        self._queue.append((event, ticket))

    def _settle(self) -> None:
        batch, self._queue = self._queue, []
        if not batch or self._sinks is None:
            return
        now = self._clock()
        settled = [(ticket, *self._append(event, now)) for event, ticket in batch]
        self._sinks.committed(
            [event for _, _, event in settled if event is not None],
            [(ticket, outcome) for ticket, outcome, _ in settled],
        )

    def _append(self, event: LoggedEvent, now: int) -> tuple[Outcome, LoggedEvent | None]:
        room = self._rooms.get(event.room) or _Room()
        key = names.fold(event.sender)
        first = room.nonces.get((key, event.nonce))
        if first is not None:
            return rules.repeated(event, first), None
        seq = rules.mentions(event)
        if seq is not None:
            refusal = rules.refusal(event, key, _mentioned(room, seq))
            if refusal is not None:
                return refusal, None
        last_time = room.log[-1].time if room.log else 0
        event = rules.numbered(event, len(room.log), last_time, now)
        self._rooms[event.room] = room
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
        said = [event for event in room.log[: query.upto] if isinstance(event, events.Message)]
        choice = fold.choose(
            query,
            older=lambda seq, count: [m for m in reversed(said) if m.seq < seq][:count],
            newer=lambda seq, count: [m for m in said if m.seq >= seq][:count],
        )
        messages = [_stand(room, message, query.upto) for message in choice.rows]
        return fold.page(messages, choice, query.budget)

    async def delta(self, query: DeltaQuery) -> Delta:
        log = self._open_room(query.room).log[query.after : query.upto]
        missed = sum(isinstance(event, events.Message) for event in log)
        return fold.delta(map(codec.encode, log), query, missed)

    async def search(self, query: SearchQuery) -> Found:
        self._open_room("")
        phrases = words.terms(query.text)
        hits: list[Message] = []
        for said in reversed(self._order if phrases else []):
            if _eligible(said, query):
                room = self._rooms[said.room]
                message = _stand(room, said, len(room.log))
                if words.matches(words.words(message.text), phrases):
                    hits.append(message)
            if len(hits) > query.limit:
                break
        return fold.found(hits[: query.limit], len(hits) > query.limit, query.budget)

    def _open_room(self, name: str) -> _Room:
        if self._closed:
            raise LedgerError("the log in memory is closed; open it first")
        return self._rooms.get(name) or _Room()


def _mentioned(room: _Room, seq: int) -> rules.Mentioned | None:
    event = room.log[seq - 1] if 1 <= seq <= len(room.log) else None
    if not isinstance(event, events.Message):
        return None
    deleted = any(isinstance(later, events.Deleted) for later in room.about.get(seq, []))
    return rules.Mentioned(row=seq, sender_key=names.fold(event.sender), deleted=deleted)


def _stand(room: _Room, said: events.Message, upto: int) -> Message:
    later = room.about.get(said.seq, [])
    return fold.stand(said, (event for event in later if event.seq <= upto))


def _eligible(said: events.Message, query: SearchQuery) -> bool:
    return (
        said.room in query.rooms
        and (query.before is None or said.time < query.before)
        and (query.sender is None or names.fold(said.sender) == names.fold(query.sender))
    )
