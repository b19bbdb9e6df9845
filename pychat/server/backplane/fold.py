"""From what an engine finds to what it answers: which messages a page has, and how they stand.

Pure and the same for all engines. Sizes are those of the JSON, with a comma between two.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from pychat.protocol import codec, events, state
from pychat.protocol.events import LoggedEvent
from pychat.protocol.replies import Message
from pychat.server.backplane.interface import (
    Delta,
    DeltaQuery,
    Found,
    Page,
    PageQuery,
    SearchQuery,
)
from pychat.server.backplane.reactions import Reactions, bounded

Row = TypeVar("Row")


@dataclass(frozen=True)
class Choice(Generic[Row]):
    """The messages for a page, oldest first, before its budget is looked at."""

    rows: list[Row]
    anchor: int
    """The index of the one next to the position asked for, which is given up last."""
    more_before: bool
    more_after: bool


def choose(
    query: PageQuery,
    older: Callable[[int, int], list[Row]],
    newer: Callable[[int, int], list[Row]],
) -> Choice[Row]:
    """Choose a page's messages.

    `older(seq, count)` gives at most `count` messages below `seq`, newest first; `newer` those
    from `seq` on, oldest first. Both know of nothing above `query.upto`.
    """
    pivot = _pivot(query)
    # Of the side that gives none to the page it matters only whether it has one.
    forward, both = query.after is not None, query.around is not None
    below = older(pivot, 1 if forward else query.limit + 1)
    above = newer(pivot, query.limit + 1 if forward or both else 1)
    if forward:
        lower = 0
    elif both:
        lower = min(len(below), max(query.limit // 2, query.limit - len(above)))
    else:
        lower = min(len(below), query.limit)
    upper = min(len(above), query.limit - lower) if forward or both else 0
    return Choice(
        rows=below[:lower][::-1] + above[:upper],
        anchor=lower if upper else lower - 1,
        more_before=len(below) > lower,
        more_after=len(above) > upper,
    )


def _pivot(query: PageQuery) -> int:
    """The least `seq` that lies after the position asked for, or at it with `around`."""
    if query.after is not None:
        return query.after + 1
    if query.around is not None:
        return query.around
    return query.upto + 1 if query.before is None else query.before


def page(messages: Sequence[Message], choice: Choice[Row], budget: int) -> Page:
    """`messages` are those of `choice.rows` as they stand."""
    shown = [bounded(message) if message.reactions else message for message in messages]
    start, stop = _cut(shown, choice.anchor, budget)
    return Page(
        messages=shown[start:stop],
        more_before=choice.more_before or start > 0,
        more_after=choice.more_after or stop < len(shown),
    )


def page_end(times: Sequence[int], limit: int) -> int:
    """How many hits of a search, newest first, make a page; there may be one more of them.

    The next page is asked for by the time of the last one and has what is older. So a page ends
    between two milliseconds, where it has two.
    """
    end = min(limit, len(times))
    if end == len(times):
        return end
    while end and times[end - 1] == times[end]:
        end -= 1
    return end or limit


def found(messages: Sequence[Message], more: bool, budget: int) -> Found:
    """`messages` newest first; `more` tells of others that were not fetched."""
    shown = [bounded(message) if message.reactions else message for message in messages]
    _, stop = _cut(shown, 0, budget)
    if stop < len(shown):
        stop = page_end([message.time for message in shown[: stop + 1]], stop)
    return Found(messages=shown[:stop], more=more or stop < len(shown))


def merged(founds: Sequence[Found], query: SearchQuery) -> Found:
    """One answer of one for each room, newest first by time."""
    messages = [message for found in founds for message in found.messages]
    messages.sort(key=lambda message: message.time, reverse=True)
    # Below that a room may have more, which would stand before what others have.
    floor = max((each.messages[-1].time for each in founds if each.more), default=0)
    whole = [message for message in messages if message.time >= floor]
    end = page_end([message.time for message in whole], query.limit)
    more = end < len(messages) or any(each.more for each in founds)
    return found(whole[:end], more, query.budget)


def _cut(messages: Sequence[Message], anchor: int, budget: int) -> tuple[int, int]:
    """The slice that fits, the ends farthest from `anchor` given up first; one always stays."""
    start, stop = 0, len(messages)
    total = len(codec.encode(messages)) - len(b"[]")
    if total <= budget:
        return start, stop
    sizes = [len(codec.encode(message)) + 1 for message in messages]
    while stop - start > 1 and total > budget:
        if anchor - start >= stop - 1 - anchor:
            total -= sizes[start]
            start += 1
        else:
            stop -= 1
            total -= sizes[stop]
    return start, stop


def stand(said: events.Message, later: Iterable[LoggedEvent]) -> Message:
    """The message after the events about it, oldest first."""
    return work_in(state.message_of(said), later)


def work_in(
    message: Message, later: Iterable[LoggedEvent], reactions: Reactions | None = None
) -> Message:
    """The message as it was said, after the events about it, oldest first.

    Of edits the last is enough. With `reactions`, those of an earlier moment, the reacted events
    until then are not needed.
    """
    if reactions:
        message.reactions = reactions
    for event in later:
        state.apply(message, event)
    return message


def delta(bodies: Iterable[bytes], query: DeltaQuery, missed: int, floor: int) -> Delta:
    """`bodies` are read no further than to the first that is too many or too much."""
    raws: list[msgspec.Raw] = []
    size = -1
    for body in bodies:
        size += len(body) + 1
        if len(raws) == query.max_events or size > query.budget:
            return Delta(events=None, missed=missed, floor=floor)
        raws.append(msgspec.Raw(body))
    return Delta(events=raws, missed=missed, floor=floor)
