"""One room as its member knows it: the loaded end of its log, folded, and who is there. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from operator import attrgetter
from sys import getsizeof, intern

from pychat.client.outbox import Outgoing
from pychat.protocol import commands, events, limits, replies, state

KEPT_MESSAGES = 10_000
"""Loaded in a room that is not looked at; when live ones pass this, all but the newest half of so
many are dropped. They can be fetched again."""

KEPT_OPEN = 100_000
"""The same for the room that is being looked at: 35 MB."""

KEPT_BYTES = 67_108_864
"""Of memory for the messages of all rooms together, about: 64 MiB, twice what an open room of short
ones takes. Past this the room that takes most lets go of its older half, and so on: long texts, or
a Hall that means harm, would take gigabytes within the bounds above."""

STRAYS = 1_000
"""Events about messages that are not loaded, kept for a page that may be older than they are."""

TYPING_SECONDS = 6.0
"""How long a `typing` holds; the server passes one on every 3 s."""

TYPISTS = 50
"""Told at a time; nobody reads more names."""

_END = limits.MAX_INTEGER + 1
_seq = attrgetter("seq")

Targeted = events.Edited | events.Deleted | events.Reacted

_EACH_BYTES = 160
"""What a message takes besides its text and its reactions."""

_EMOJI_BYTES, _NAME_BYTES = 200, 70


class Load:
    """What the messages of all rooms take together."""

    bytes = 0


class RoomView:
    """Plain data; the mirror alone changes it."""

    def __init__(self, name: str, load: Load) -> None:
        self.name = name
        self.topic = ""
        self.head = 0
        """The last `seq` that arrived."""
        self.gap = False
        """An event before `head` is missing: its `prev` was not the head. Joining again heals."""
        self.count = 0
        """Of all members, as far as can be told: `members` may know only some of them."""
        self.members: dict[str, replies.Member] = {}
        self.messages: list[replies.Message] = []
        """As they stand, ascending by `seq`, none missing in between."""
        self.more_before = False
        """Older ones exist on the server."""
        self.unread = 0
        """Messages of others after `last_read` that came while the room was not open."""
        self.mentions = 0
        """Those of the unread that name me; in a direct room all of them."""
        self.direct: str | None = None
        """In a direct room whom I share it with, by their name of now, or their last one."""
        self.last_read = 0
        self.settings = replies.RoomSettings()
        """What its owners have decided."""
        self.quiet_until = 0.0
        """In a slow room: when I may say the next thing, by the clock whose `now` the mirror is
        handed."""
        self.typing: dict[str, float] = {}
        """Who types, and until when, by the clock whose `now` the mirror is handed."""
        self.outgoing: list[Outgoing] = []
        """What I said here and the Hall has not confirmed yet, in order; the Outbox's own list."""
        self.loaded_from = 0
        """From this `seq` on every message is loaded."""
        # The last of each kind per message (and, for reactions, per person).
        self._strays: dict[tuple[type, int, str], Targeted] = {}
        self.bytes = 0
        """What the messages take, about, and the strays."""
        self._load = load

    def message(self, seq: int) -> replies.Message | None:
        """The message with that `seq`, if it is loaded."""
        index = bisect_left(self.messages, seq, key=_seq)
        if index < len(self.messages) and self.messages[index].seq == seq:
            return self.messages[index]
        return None

    def typists(self, now: float) -> list[str]:
        """Who types now, in the order of their beginning."""
        return [name for name, deadline in self.typing.items() if now < deadline]

    # What follows is for the mirror.

    def advance(self, seq: int, prev: int | None) -> bool:
        """Count an event. False if it was known: then it is not to be worked in again."""
        if seq <= self.head:
            return False
        if prev is not None and prev != self.head:
            self.gap = True
        self.head = seq
        return True

    def append(self, message: replies.Message, most: int) -> bool:
        """Add the newest message. True if the oldest ones had to go, since `most` are kept."""
        _share_names(message)
        self.messages.append(message)
        # As _weight and _count, for nearly all that comes: nobody has reacted to it yet.
        weight = _EACH_BYTES + getsizeof(message.text)
        if message.mentions is not None:
            weight += _NAME_BYTES * len(message.mentions)
        self.bytes += weight
        self._load.bytes += weight
        if len(self.messages) <= most:
            return False
        self._drop(len(self.messages) - most // 2)
        return True

    def shed(self) -> None:
        """Let go of the older half, of the only one too."""
        for stray in self._strays.values():
            self._count(-_stray_weight(stray))
        self._strays.clear()
        self._drop((len(self.messages) + 1) // 2)

    def forget(self) -> None:
        """I am not in the room any more."""
        self._count(-self.bytes)

    def revise(self, event: Targeted) -> replies.Message | None:
        """Work an event into its target and return that, or None if it is not loaded."""
        target = self.message(event.target)
        if target is not None:
            before = _weight(target)
            state.apply(target, event)
            self._count(_weight(target) - before)
        elif event.target < self.loaded_from:
            self._keep_stray(event)
        return target

    def load(self, joined: replies.Joined) -> None:
        """Begin anew with the newest page."""
        self._count(-self.bytes)
        self.messages = _ascending(joined.messages or [])
        self.head = max(joined.seq, self.messages[-1].seq if self.messages else 0)
        self.gap = False
        self.more_before = joined.more
        self._strays.clear()
        self._count(sum(map(_weight, self.messages)))
        if not joined.more:
            self.loaded_from = 0
        else:
            self.loaded_from = self.messages[0].seq if self.messages else self.head + 1

    def load_after(self, seq: int, *, more: bool) -> None:
        """Begin anew with nothing but the place from which a delta follows."""
        self._count(-self.bytes)
        self.messages = []
        self.head = seq
        self.gap = False
        self.more_before = more or seq > 0
        self.loaded_from = seq + 1
        self._strays.clear()

    def merge(self, page: replies.History, asked: commands.History) -> list[replies.Message]:
        """Work a page in and return what it added in front.

        A page that leaves a gap before what is loaded adds nothing. Of what is loaded already,
        the loaded one stays: live events have kept it current.
        """
        messages = _ascending(page.messages)
        begin, end = _span(messages, page, asked)
        if begin >= self.loaded_from or end < self.loaded_from:
            return []
        older = [message for message in messages if message.seq < self.loaded_from]
        # The server may have read the page before events that have arrived in the meantime.
        for event in self._strays.values():
            index = bisect_left(older, event.target, key=_seq)
            if index < len(older) and older[index].seq == event.target:
                state.apply(older[index], event)
        self.messages[:0] = older
        self._count(sum(map(_weight, older)))
        self.loaded_from = begin
        self.more_before = page.more_before
        for key in [key for key, event in self._strays.items() if event.target >= begin]:
            self._lose_stray(key)
        return older

    def learn_members(self, members: Iterable[replies.Member], count: int) -> None:
        """Add a page of them; `count` is of all."""
        self.members.update((member.name, member) for member in members)
        self.count = max(count, len(self.members))

    def _keep_stray(self, event: Targeted) -> None:
        person = event.sender if isinstance(event, events.Reacted) else ""
        key = (type(event), event.target, person)
        if key in self._strays:
            self._lose_stray(key)
        self._strays[key] = event
        self._count(_stray_weight(event))
        if len(self._strays) > STRAYS:
            self._lose_stray(next(iter(self._strays)))

    def _lose_stray(self, key: tuple[type, int, str]) -> None:
        self._count(-_stray_weight(self._strays.pop(key)))

    def _drop(self, count: int) -> None:
        """The oldest."""
        self._count(-sum(map(_weight, self.messages[:count])))
        del self.messages[:count]
        self.loaded_from = self.messages[0].seq if self.messages else self.head + 1
        self.more_before = True

    def _count(self, more: int) -> None:
        self.bytes += more
        self._load.bytes += more


def _weight(message: replies.Message) -> int:
    weight = _EACH_BYTES + getsizeof(message.text)
    if message.mentions is not None:
        weight += _NAME_BYTES * len(message.mentions)
    if message.reactions is not None:
        weight += sum(
            _EMOJI_BYTES + _NAME_BYTES * len(names) for names in message.reactions.values()
        )
    return weight


def _stray_weight(event: Targeted) -> int:
    match event:
        case events.Edited():
            names = _NAME_BYTES * len(event.mentions or ())
            return _EACH_BYTES + getsizeof(event.text) + names
        case events.Reacted():
            return _EACH_BYTES + _EMOJI_BYTES * len(event.emojis)
        case events.Deleted():
            return _EACH_BYTES


def _span(
    messages: list[replies.Message], page: replies.History, asked: commands.History
) -> tuple[int, int]:
    """The part of the log that a page tells all of: from the first `seq` to before the second."""
    if asked.before is not None:
        end = asked.before
    elif not page.more_after:
        end = _END
    else:
        end = messages[-1].seq + 1 if messages else 0
    if not page.more_before:
        begin = 0
    elif asked.after is not None:
        begin = asked.after + 1
    else:
        begin = messages[0].seq if messages else end
    return begin, end


def _ascending(messages: list[replies.Message]) -> list[replies.Message]:
    """The page as it should have come: a server that errs must not break the searches."""
    for message in messages:
        _share_names(message)
    if all(before.seq < after.seq for before, after in pairwise(messages)):
        return messages
    return sorted({message.seq: message for message in messages}.values(), key=_seq)


def _share_names(message: replies.Message) -> None:
    """Each message brings its own copies, which are a third of it."""
    message.room = intern(message.room)
    message.sender = intern(message.sender)
    if message.mentions is not None:
        message.mentions = [intern(name) for name in message.mentions]
