"""One room's log in memory: what the engines without a disk are made of."""

import msgspec

from pychat.protocol import codec, events, names
from pychat.protocol.events import LoggedEvent
from pychat.protocol.replies import Message
from pychat.server.backplane import fold, rules, words
from pychat.server.backplane.interface import (
    Delta,
    DeltaQuery,
    Found,
    Outcome,
    Page,
    PageQuery,
    Person,
    Receipt,
    SearchQuery,
)


class RoomLog(msgspec.Struct):
    origin: int = 0
    """The first event's `seq` is the next one. Positions from there down, but 0, are another
    log's."""
    log: list[LoggedEvent] = []
    """The event with `seq` n is the n-th after the floor, or after the origin."""
    floor: int = 0
    """The last `seq` that is not kept any more."""
    last_time: int = 0
    nonces: dict[tuple[str, str], LoggedEvent] = {}
    """By the sender's key and the nonce; those of events that are gone too, as long as need be."""
    about: dict[int, list[LoggedEvent]] = {}
    """Events by their target."""
    messages: int = 0
    """Of those that are kept."""
    topic: str = ""

    @property
    def head(self) -> int:
        return self.log[-1].seq if self.log else self.floor

    def find(self, seq: int) -> LoggedEvent | None:
        index = seq - self._before - 1
        return self.log[index] if 0 <= index < len(self.log) else None

    def span(self, after: int, upto: int) -> list[LoggedEvent]:
        return self.log[max(0, after - self._before) : max(0, upto - self._before)]

    @property
    def _before(self) -> int:
        return max(self.origin, self.floor)

    def append(
        self, event: LoggedEvent, person: Person, now: int, hall_last: int
    ) -> tuple[Outcome, LoggedEvent | None]:
        """The outcome, and the event, numbered, if it is new."""
        outcome = self.known(event, person)
        if outcome is not None:
            return outcome, None
        seq = rules.mentions(event)
        if seq is not None:
            key = names.fold(event.sender)
            refusal = rules.refusal(event, key, person, self._mentioned(seq))
            if refusal is not None:
                return refusal, None
        head = self.head
        rules.number(
            event, max(self._before, head), rules.next_time(self.last_time, hall_last, now)
        )
        event.prev = head
        self.add(event)
        return Receipt(seq=event.seq, time=event.time), event

    def add(self, event: LoggedEvent) -> None:
        """One that has its number, which is the next."""
        self.last_time = event.time
        self.log.append(event)
        self.nonces[names.fold(event.sender), event.nonce] = event
        match event:
            case events.Message():
                self.messages += 1
            case events.Topic():
                self.topic = event.text
            case _:
                self.about.setdefault(event.target, []).append(event)

    def known(self, event: LoggedEvent, person: Person) -> Outcome | None:
        """What becomes of an event whose nonce was used."""
        if person:
            return rules.resent(event, person, lambda key: self.nonces.get((key, event.nonce)))
        first = self.nonces.get((names.fold(event.sender), event.nonce))
        return None if first is None else rules.repeated(event, first)

    def drop(self, count: int) -> list[LoggedEvent]:
        """Let go of so many of the oldest, and return them."""
        gone = self.log[:count]
        if gone:
            self.floor = gone[-1].seq
            del self.log[:count]
        for event in gone:
            self.messages -= isinstance(event, events.Message)
            self.about.pop(event.seq, None)
        return gone

    def page(self, query: PageQuery) -> Page:
        said = [event for event in self.span(0, query.upto) if isinstance(event, events.Message)]
        choice = fold.choose(
            query,
            older=lambda seq, count: [m for m in reversed(said) if m.seq < seq][:count],
            newer=lambda seq, count: [m for m in said if m.seq >= seq][:count],
        )
        messages = [self.stand(message, query.upto) for message in choice.rows]
        return fold.page(messages, choice, query.budget)

    def delta(self, query: DeltaQuery) -> Delta:
        log = self.span(query.after, query.upto)
        missed = sum(isinstance(event, events.Message) for event in log)
        if query.after < self.floor or 0 < query.after <= self.origin:
            return Delta(events=None, missed=missed, floor=self.floor)
        return fold.delta(map(codec.encode, log), query, missed, self.floor)

    def search(self, query: SearchQuery) -> Found:
        phrases = words.terms(query.text)
        hits: list[Message] = []
        for said in reversed(self.log if phrases else []):
            if isinstance(said, events.Message) and (hit := self.hit(said, query, phrases)):
                hits.append(hit)
            if len(hits) > query.limit:
                break
        end = fold.page_end([hit.time for hit in hits], query.limit)
        return fold.found(hits[:end], end < len(hits), query.budget)

    def hit(
        self, said: events.Message, query: SearchQuery, phrases: list[list[str]]
    ) -> Message | None:
        """The message as it stands, if it is found."""
        if query.before is not None and said.time >= query.before:
            return None
        if query.sender is not None and names.fold(said.sender) != names.fold(query.sender):
            return None
        message = self.stand(said, self.head)
        return message if words.matches(words.words(message.text), phrases) else None

    def stand(self, said: events.Message, upto: int) -> Message:
        later = self.about.get(said.seq, [])
        return fold.stand(said, (event for event in later if event.seq <= upto))

    def _mentioned(self, seq: int) -> rules.Mentioned | None:
        event = self.find(seq)
        if not isinstance(event, events.Message):
            return None
        deleted = any(isinstance(later, events.Deleted) for later in self.about.get(seq, []))
        key = names.fold(event.sender)
        return rules.Mentioned(row=seq, sender_key=key, time=event.time, deleted=deleted)
