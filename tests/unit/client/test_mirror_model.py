"""The mirror against a plain model: the whole log, folded anew at every step."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pychat.client import Mirror
from pychat.client.room_view import RoomView
from pychat.protocol import commands, events, replies, state
from tests.support.told import greeted, joined, rejoined

PEOPLE = st.sampled_from(["ann", "bob", "eve"])


@dataclass
class Log:
    """A room's log as a Hall has it."""

    entries: list[events.LoggedEvent] = field(default_factory=list)

    def head(self, count: int) -> int:
        return self.entries[count - 1].seq if count else 0

    def messages(self, count: int) -> list[replies.Message]:
        """As they stand after the first `count` entries; copies."""
        found: dict[int, replies.Message] = {}
        for event in self.entries[:count]:
            if isinstance(event, events.Message):
                found[event.seq] = state.message_of(event)
            elif not isinstance(event, events.Topic):
                state.apply(found[event.target], event)
        return list(found.values())

    def page(self, count: int, before: int, limit: int) -> replies.History:
        older = [message for message in self.messages(count) if message.seq < before]
        page = older[max(0, len(older) - limit) :]
        return replies.History(
            id=1,
            room="lobby",
            messages=page,
            more_before=len(page) < len(older),
            more_after=True,
        )


@st.composite
def logs(draw: st.DrawFn) -> Log:
    log = Log()
    said: list[int] = []
    for _ in range(draw(st.integers(0, 30))):
        prev = log.head(len(log.entries))
        seq = prev + draw(st.integers(1, 3))
        base: dict[str, Any] = {"room": "lobby", "seq": seq, "prev": prev, "time": seq}
        base |= {"nonce": str(seq), "sender": draw(PEOPLE)}
        kind = draw(st.sampled_from("mmmerdt" if said else "mt"))
        if kind == "m":
            entry: events.LoggedEvent = events.Message(**base, text=f"said at {seq}")
            said.append(seq)
        elif kind == "t":
            entry = events.Topic(**base, text=f"topic of {seq}")
        else:
            target = draw(st.sampled_from(said))
            if kind == "e":
                entry = events.Edited(**base, target=target, text=f"edited at {seq}")
            elif kind == "d":
                entry = events.Deleted(**base, target=target)
                # A Hall refuses what would change a deleted message.
                said.remove(target)
            else:
                chosen = draw(st.lists(st.sampled_from("👍🎉👀"), unique=True))
                entry = events.Reacted(**base, target=target, emojis=chosen)
        log.entries.append(entry)
    return log


def comparable(messages: list[replies.Message]) -> list[object]:
    """Without the order of names under a reaction: a page that was read before events which came
    first tells it as it was."""
    plain = []
    for message in messages:
        shown = message.reactions or {}
        reactions = {emoji: sorted(names) for emoji, names in shown.items()} or None
        plain.append(msgspec.to_builtins(msgspec.structs.replace(message, reactions=reactions)))
    return plain


def check(view: RoomView, log: Log, delivered: int) -> None:
    """The view is the tail of the folded log, from where it says that it is loaded."""
    truth = log.messages(delivered)
    tail = [message for message in truth if message.seq >= view.loaded_from]
    assert comparable(view.messages) == comparable(tail)
    assert view.more_before >= (len(tail) < len(truth))
    assert view.head == log.head(delivered)
    assert not view.gap


def enter(mirror: Mirror, log: Log, count: int, limit: int) -> None:
    page = log.page(count, log.head(count) + 1, limit)
    joined(mirror, *page.messages, seq=log.head(count), more=page.more_before)


@given(logs(), st.data())
def test_the_messages_are_always_the_tail_of_the_log(log: Log, data: st.DataObject) -> None:
    mirror = greeted("ann")
    delivered = data.draw(st.integers(0, len(log.entries)), "events before joining")
    enter(mirror, log, delivered, data.draw(st.integers(0, 5), "first page"))
    view = mirror.rooms["lobby"]
    check(view, log, delivered)

    while delivered < len(log.entries) or view.more_before:
        # Each round brings something, or it would be left to chance when this ends.
        live = data.draw(st.integers(0 if view.more_before else 1, 4), "live events")
        asked_at = data.draw(st.integers(delivered, min(delivered + live, len(log.entries))))
        before = view.loaded_from
        for event in log.entries[delivered : delivered + live]:
            mirror.apply(event, now=0.0)
            delivered += 1
            check(view, log, delivered)
        # The Hall read the page at some moment while those events came; more than one may have
        # been asked for, and they may overlap with what is loaded.
        limit = data.draw(st.integers(1, 6), "older page")
        overlaps = data.draw(st.lists(st.integers(0, 6), max_size=1), "overlapping page")
        for overlap in (*overlaps, 0):
            page = log.page(asked_at, before + overlap, limit)
            asked = commands.History(id=1, room="lobby", before=before + overlap, limit=limit)
            mirror.apply(page, now=0.0, answering=asked)
            check(view, log, delivered)

    assert comparable(view.messages) == comparable(log.messages(delivered))
    assert not view.more_before


@given(logs(), st.data())
def test_after_any_absence_the_messages_are_the_tail_of_the_log(
    log: Log, data: st.DataObject
) -> None:
    mirror = greeted("ann")
    there = data.draw(st.integers(0, len(log.entries)), "events before joining")
    enter(mirror, log, there, data.draw(st.integers(0, 5), "first page"))
    back = data.draw(st.integers(there, len(log.entries)), "events before coming back")
    after = log.head(there)

    if data.draw(st.booleans(), "recovered"):
        rejoined(mirror, *log.entries[there:back], after=after, seq=log.head(back))
    else:
        enter(mirror, log, back, data.draw(st.integers(0, 5), "page on coming back"))

    check(mirror.rooms["lobby"], log, back)


@given(logs())
def test_what_is_unread_is_what_others_said_since(log: Log) -> None:
    mirror = greeted("ann")
    joined(mirror)

    for event in log.entries:
        mirror.apply(event, now=0.0)

    others = [e for e in log.entries if isinstance(e, events.Message) and e.sender != "ann"]
    assert mirror.rooms["lobby"].unread == len(others)
