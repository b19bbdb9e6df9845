"""A Ledger without loop, thread or disk: the test says when what was appended becomes durable."""

import msgspec

from pychat.protocol import names, state
from pychat.protocol.codec import encode
from pychat.protocol.events import Deleted, Edited, LoggedEvent, Message, Reacted, Topic
from pychat.protocol.replies import Message as MessageState
from pychat.server.backplane.interface import (
    MODERATOR,
    Bearing,
    Delta,
    DeltaQuery,
    Found,
    Outcome,
    Page,
    PageQuery,
    Receipt,
    Rejection,
    RoomRecord,
    SearchQuery,
)
from pychat.server.effects import Append


class SyncLedger:
    """Per room a list of events, which is what the Hall's effects are judged by."""

    def __init__(self) -> None:
        self.logs: dict[str, list[LoggedEvent]] = {}
        self.sealed: dict[str, str] = {}
        """Direct rooms in which nothing more is said, and why."""
        self.ended: dict[str, int] = {}
        """Direct rooms that are no more, and where they ended: the next of the name goes on."""

    def rooms(self) -> list[RoomRecord]:
        """As a Hall is told when it opens."""
        records = []
        for name, log in self.logs.items():
            topics = [each.text for each in log if isinstance(each, Topic)]
            if log:
                records.append(RoomRecord(name, log[-1].seq, topics[-1] if topics else ""))
        return records

    def commit(
        self, appends: list[Append], now: int
    ) -> tuple[list[LoggedEvent], list[tuple[Append, Outcome]]]:
        """Number and keep what is allowed, in order; what the Hall is to be told."""
        events: list[LoggedEvent] = []
        outcomes: list[tuple[Append, Outcome]] = []
        for append in appends:
            outcome = self._settle(append, now)
            if isinstance(outcome, Receipt) and not outcome.duplicate:
                events.append(self.logs[append.event.room][-1])
            outcomes.append((append, outcome))
        return events, outcomes

    def _settle(self, append: Append, now: int) -> Outcome:
        event = append.event
        log = self.logs.setdefault(event.room, [])
        used = [earlier for earlier in log if earlier.nonce == event.nonce]
        for earlier in used:
            if _is_by(append, earlier.sender, earlier.time):
                if _content(earlier) == _content(event):
                    return Receipt(earlier.seq, earlier.time, duplicate=True)
                return Rejection("nonce-reused", "another was sent under this nonce")
        if any(names.fold(earlier.sender) == names.fold(event.sender) for earlier in used):
            return Rejection("nonce-reused", "somebody of this name sent another under this nonce")
        if event.room in self.sealed:
            return Rejection("not-allowed", self.sealed[event.room])
        refusal = self._refusal(append)
        if refusal is not None:
            return refusal
        last = log[-1] if log else None
        first = self.ended.get(event.room, 0) + 1
        kept = msgspec.structs.replace(event, seq=first, prev=0, time=now)
        if last is not None:
            kept.seq, kept.prev, kept.time = last.seq + 1, last.seq, max(now, last.time)
        log.append(kept)
        return Receipt(kept.seq, kept.time)

    def drop(self, room: str) -> None:
        """A direct room has ended."""
        log = self.logs.pop(room, [])
        self.sealed.pop(room, None)
        if log:
            self.ended[room] = log[-1].seq

    def _refusal(self, append: Append) -> Rejection | None:
        event = append.event
        missing = Rejection("no-such-message", "there is no such message")
        messages = {each.seq: each for each in self.messages(event.room)}
        if isinstance(event, Message) and event.reply_to is not None:
            return None if event.reply_to in messages else missing
        if not isinstance(event, Edited | Deleted | Reacted):
            return None
        target = messages.get(event.target)
        if target is None or target.deleted:
            return missing
        if isinstance(event, Reacted) or _is_by(append, target.sender, target.time):
            return None
        if isinstance(event, Deleted) and MODERATOR in append.person:
            return None
        return Rejection("not-allowed", "only its sender may do that")

    def messages(self, room: str, upto: int = 2**53) -> list[MessageState]:
        found: dict[int, MessageState] = {}
        for event in self.logs.get(room, ()):
            if event.seq > upto:
                break
            if isinstance(event, Message):
                found[event.seq] = state.message_of(event)
            elif isinstance(event, Edited | Deleted | Reacted):
                state.apply(found[event.target], event)
        return list(found.values())

    def page(self, query: PageQuery) -> Page:
        messages = self.messages(query.room, query.upto)
        if query.around is not None:
            messages = [each for each in messages if each.seq <= query.around]
        shown = messages[len(messages) - min(query.limit, len(messages)) :]
        return Page(shown, more_before=len(shown) < len(messages), more_after=False)

    def delta(self, query: DeltaQuery) -> Delta:
        log = self.logs.get(query.room, [])
        if 0 < query.after <= self.ended.get(query.room, 0):
            return Delta(None, 0)
        missed = [each for each in log if query.after < each.seq <= query.upto]
        told = [msgspec.Raw(encode(each)) for each in missed]
        count = sum(isinstance(each, Message) for each in missed)
        return Delta(told if len(missed) <= query.max_events else None, count)

    def search(self, query: SearchQuery) -> Found:
        found = [each for room in query.rooms for each in self.messages(room)]
        return Found(found[-query.limit :], more=len(found) > query.limit)


def _is_by(append: Append, name: str, time: int) -> bool:
    """Whether who appends this said what was said under that name then."""
    known = append.person or (Bearing(names.fold(append.event.sender)),)
    return any(each.key == names.fold(name) and each.covers(time) for each in known)


def _content(event: LoggedEvent) -> tuple[object, ...]:
    bare = msgspec.structs.replace(event, seq=0, prev=0, time=0, sender="")
    if isinstance(bare, Message | Edited):
        bare.mentions = None
    return type(event), msgspec.structs.astuple(bare)
