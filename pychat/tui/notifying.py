"""Whether what somebody said calls the person who does not look, and in which words. Pure."""

from collections.abc import Mapping

import msgspec

from pychat.client import Changes, RoomView
from pychat.protocol.replies import Message
from pychat.tui.log.markup import preview
from pychat.tui.render import label
from pychat.tui.settings.schema import Settings

SPACING_SECONDS = 5.0
"""Between two calls for one room: more often is noise, and a flood of them a weapon."""

BODY_CHARS = 120
"""Of a message; what a desktop shows of a notification is no longer."""

TITLE_CHARS = 80

DAY_MINUTES = 24 * 60


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message, and what it has to do with me. Its words are as they came: dirty."""

    room: str
    sender: str
    text: str
    mine: bool = False
    names_me: bool = False
    """Or has a word of mine."""
    direct: bool = False
    """To me alone."""
    muted: bool = False
    """The room is: only what names me counts."""
    ignored: bool = False
    """Its sender is."""


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """What the person looks at now, and whether they want to be left alone."""

    focused: bool
    """Whether the terminal is."""
    open_room: str | None
    minute: int
    """Of the day, from 0, by this machine's clock."""
    resting: bool = False
    """`/focus` holds."""

    def sees(self, room: str) -> bool:
        return self.focused and room == self.open_room


class Call(msgspec.Struct, frozen=True):
    """Clean words of one line."""

    title: str
    body: str


def calls(said: Said, attention: Attention, settings: Settings) -> bool:
    if said.mine or said.ignored or attention.sees(said.room) or is_hushed(attention, settings):
        return False
    if said.direct and not said.muted:
        return True
    match settings.notify.level_of(said.room):
        case "all" if not said.muted:
            return True
        case "none":
            return False
        case _:
            return said.names_me


def is_hushed(attention: Attention, settings: Settings) -> bool:
    """Whether nothing at all calls now."""
    return attention.resting or is_quiet(settings.notify.quiet, attention.minute)


def is_quiet(hours: str, minute: int) -> bool:
    """`hours` as in the settings, `22:00-08:00` or empty; their end does not belong to them."""
    if not hours:
        return False
    begin, end = (_minute(time) for time in hours.split("-"))
    return (minute - begin) % DAY_MINUTES < (end - begin) % DAY_MINUTES


def _minute(time: str) -> int:
    hour, minute = time.split(":")
    return int(hour) * 60 + int(minute)


def call_for(said: Said, *, hide_body: bool) -> Call:
    sender = label(said.sender)
    title = sender if said.direct else f"{sender} in #{label(said.room)}"
    body = "wrote a message" if hide_body else label(preview(said.text))
    return Call(_cut(title, TITLE_CHARS), _cut(body, BODY_CHARS))


def call_for_several(said: Said, count: int) -> Call:
    """For as many, of which one is given."""
    place = f"from {label(said.sender)}" if said.direct else f"in #{label(said.room)}"
    return Call("pychat", _cut(f"{count} new {place}", BODY_CHARS))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


class Heard:
    """Up to where it is decided, in each room, whether what was said calls."""

    def __init__(self) -> None:
        self._heard: dict[str, int] = {}

    def fresh(self, changes: Changes, rooms: Mapping[str, RoomView]) -> dict[str, list[Message]]:
        """What was said since the last time, by room; also where so much was missed that the room
        was loaded anew. What a room has when one goes into it is no news."""
        fresh = dict(changes.appended)
        for room in changes.reset & rooms.keys():
            view = rooms[room]
            heard = self._heard.get(room, view.head)
            # A new log begins with lower positions.
            since = heard if heard <= view.head else 0
            fresh[room] = [message for message in view.messages if message.seq > since]
        for room in fresh.keys() & rooms.keys():
            self._heard[room] = rooms[room].head
        for room in self._heard.keys() - rooms.keys():
            del self._heard[room]
        return fresh


class _Pause(msgspec.Struct):
    until: float
    last: Said | None = None
    """Of those that wait for its end."""
    waiting: int = 0


class Spacing:
    """Lets one call for each room through in a while; those that come meanwhile become one.

    Times are seconds of one clock. It remembers rooms for as long as their pause lasts.
    """

    def __init__(self) -> None:
        self._pauses: dict[str, _Pause] = {}

    def offer(self, said: Said, now: float) -> bool:
        """Whether it is to call now; else it is kept for `due`."""
        pause = self._pauses.get(said.room)
        if pause is None:
            self._pauses[said.room] = _Pause(now + SPACING_SECONDS)
            return True
        pause.last = said
        pause.waiting += 1
        return False

    def due(self, now: float) -> list[tuple[Said, int]]:
        """Of each pause that has ended the last that waited, and how many did."""
        ended = [room for room, pause in self._pauses.items() if pause.until <= now]
        found = []
        for room in ended:
            pause = self._pauses.pop(room)
            if pause.last is not None:
                found.append((pause.last, pause.waiting))
                self._pauses[room] = _Pause(now + SPACING_SECONDS)
        return found

    def next_due(self) -> float | None:
        """When a pause ends; None if there is none."""
        return min((pause.until for pause in self._pauses.values()), default=None)
