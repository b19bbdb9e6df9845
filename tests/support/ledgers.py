"""Ledgers under test: what they call, what is said to them, and a model to hold them against."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from pychat.protocol import codec, events, names, state
from pychat.protocol.events import LoggedEvent
from pychat.protocol.replies import Message
from pychat.server.backplane.interface import (
    Delta,
    DeltaQuery,
    Ledger,
    Outcome,
    Page,
    PageQuery,
    Person,
    Receipt,
    SearchQuery,
)
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.sqlite import SqliteLedger

AMPLE = 1 << 20
"""A budget that nothing here reaches."""

ENGINES = ("memory", "sqlite", "sqlite on a slow disk")


class FakeClock:
    def __init__(self, now: int = 1_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def make_ledger(engine: str, folder: Path, clock: FakeClock) -> Ledger:
    return MemoryLedger(clock) if engine == "memory" else SqliteLedger(folder / "log.db", clock)


class Recorder:
    """Sinks that keep what they are told, and let a test wait for it."""

    def __init__(self) -> None:
        self.batches: list[tuple[Sequence[LoggedEvent], Sequence[tuple[object, Outcome]]]] = []
        self.waiting: dict[object, asyncio.Future[Outcome]] = {}

    @property
    def events(self) -> list[LoggedEvent]:
        return [event for batch, _ in self.batches for event in batch]

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        self.batches.append((events, outcomes))
        for ticket, outcome in outcomes:
            self.waiting.pop(ticket).set_result(outcome)


_tickets = itertools.count()


async def append(
    ledger: Ledger, recorder: Recorder, *batch: LoggedEvent, person: Person = ()
) -> list[Outcome]:
    """Append all in one tick and wait until all are settled."""
    return await asyncio.gather(*start(ledger, recorder, *batch, person=person))


def start(
    ledger: Ledger, recorder: Recorder, *batch: LoggedEvent, person: Person = ()
) -> list[asyncio.Future[Outcome]]:
    settled = []
    for event in batch:
        ticket = next(_tickets)
        settled.append(asyncio.get_running_loop().create_future())
        recorder.waiting[ticket] = settled[-1]
        ledger.append(event, ticket, person)
    return settled


def receipt(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Receipt), outcome
    return outcome


def reasons(outcomes: Sequence[Outcome]) -> list[str]:
    return ["appended" if isinstance(found, Receipt) else found.reason for found in outcomes]


_nonces: Iterator[str] = (f"nonce-{number}" for number in itertools.count())


def _head(room: str, sender: str, nonce: str | None) -> dict[str, object]:
    nonce = next(_nonces) if nonce is None else nonce
    return {"room": room, "seq": 0, "prev": 0, "time": 0, "sender": sender, "nonce": nonce}


def said(
    text: str = "hello",
    *,
    room: str = "lobby",
    sender: str = "ann",
    nonce: str | None = None,
    reply_to: int | None = None,
) -> events.Message:
    return events.Message(**_head(room, sender, nonce), text=text, reply_to=reply_to)


def edited(
    target: int, text: str, *, room: str = "lobby", sender: str = "ann", nonce: str | None = None
) -> events.Edited:
    return events.Edited(**_head(room, sender, nonce), target=target, text=text)


def deleted(
    target: int, *, room: str = "lobby", sender: str = "ann", nonce: str | None = None
) -> events.Deleted:
    return events.Deleted(**_head(room, sender, nonce), target=target)


def reacted(
    target: int, *emojis: str, room: str = "lobby", sender: str = "ann", nonce: str | None = None
) -> events.Reacted:
    return events.Reacted(**_head(room, sender, nonce), target=target, emojis=list(emojis))


def topic(
    text: str, *, room: str = "lobby", sender: str = "ann", nonce: str | None = None
) -> events.Topic:
    return events.Topic(**_head(room, sender, nonce), text=text)


def newest(room: str = "lobby", *, upto: int = 1 << 50, **rest: int) -> PageQuery:
    return PageQuery(**{"room": room, "upto": upto, "limit": 50, "budget": AMPLE, **rest})


def since(after: int, *, room: str = "lobby", upto: int = 1 << 50, **rest: int) -> DeltaQuery:
    bounds = {"max_events": 1_000, "budget": AMPLE, **rest}
    return DeltaQuery(room=room, after=after, upto=upto, **bounds)


def wanted(text: str, *rooms: str, **rest: object) -> SearchQuery:
    bounds = {"limit": 50, "budget": AMPLE, **rest}
    return SearchQuery(text=text, rooms=rooms or ("lobby",), **bounds)


class Model:
    """What one room's log must be, told in the plainest way and with no thought of speed."""

    def __init__(self) -> None:
        self.log: list[LoggedEvent] = []

    def append(self, event: LoggedEvent) -> tuple[str, int]:
        """Why not, or `appended`; and the `seq` of the receipt, or 0."""
        key = names.fold(event.sender)
        for first in self.log:
            if first.nonce == event.nonce and names.fold(first.sender) == key:
                same = _content(first) == _content(event)
                return ("appended", first.seq) if same else ("nonce-reused", 0)
        needed = getattr(event, "target", getattr(event, "reply_to", None))
        if needed is not None:
            found = [e for e in self.log if isinstance(e, events.Message) and e.seq == needed]
            if not found:
                return "no-such-message", 0
            if not isinstance(event, events.Message):
                if any(isinstance(e, events.Deleted) and e.target == needed for e in self.log):
                    return "no-such-message", 0
                own = names.fold(found[0].sender) == key
                if not own and isinstance(event, events.Edited | events.Deleted):
                    return "not-allowed", 0
        event.prev = self.log[-1].seq if self.log else 0
        event.seq = event.prev + 1
        self.log.append(event)
        return "appended", event.seq

    def stand(self, upto: int) -> list[Message]:
        messages: dict[int, Message] = {}
        for event in self.log:
            if event.seq > upto:
                break
            if isinstance(event, events.Message):
                messages[event.seq] = state.message_of(event)
            elif not isinstance(event, events.Topic):
                state.apply(messages[event.target], event)
        return list(messages.values())

    def page(self, query: PageQuery) -> Page:
        every = self.stand(query.upto)
        start, stop, kept = self._span(every, query)
        while stop - start > 1 and _size(every[start:stop]) > query.budget:
            if kept - start >= stop - 1 - kept:
                start += 1
            else:
                stop -= 1
        return Page(messages=every[start:stop], more_before=start > 0, more_after=stop < len(every))

    def _span(self, every: list[Message], query: PageQuery) -> tuple[int, int, int]:
        def below(seq: int) -> int:
            return sum(message.seq < seq for message in every)

        if query.after is not None:
            start = below(query.after + 1)
            return start, min(len(every), start + query.limit), start
        if query.around is not None:
            middle = below(query.around)
            start = max(0, min(middle - query.limit // 2, len(every) - query.limit))
            return start, min(len(every), start + query.limit), min(middle, len(every) - 1)
        stop = len(every) if query.before is None else below(query.before)
        return max(0, stop - query.limit), stop, stop - 1

    def delta(self, query: DeltaQuery) -> Delta:
        newer = [event for event in self.log if query.after < event.seq <= query.upto]
        missed = sum(isinstance(event, events.Message) for event in newer)
        fits = len(newer) <= query.max_events and _size(newer) <= query.budget
        return Delta(events=[codec.encode(e) for e in newer] if fits else None, missed=missed)


def _content(event: LoggedEvent) -> tuple[object, ...]:
    fields = ("text", "reply_to", "target", "emojis")
    return (type(event), *(getattr(event, field, None) for field in fields))


def _size(entries: Sequence[Message] | Sequence[LoggedEvent]) -> int:
    return len(b",".join(map(codec.encode, entries)))
