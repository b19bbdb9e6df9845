"""The commands about what calls the person who looks elsewhere. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import cast, get_args

import msgspec

from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.tui.settings.schema import Level
from pychat.tui.spelling import Spelling

FOCUS_MINUTES = 30
"""That `/focus` lasts if nothing is said."""

LONGEST_FOCUS = 24 * 60
"""Minutes. For good there is `/notify none`."""

_SPAN = re.compile(r"([0-9]{1,4})([mh])\Z")
_HOURS = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)\Z", re.ASCII)


class Notify(msgspec.Struct, frozen=True):
    level: Level | None = None
    """None: to be told."""
    room: str | None = None
    """None: the open one; outside of all rooms it is all of them."""


class Quiet(msgspec.Struct, frozen=True):
    hours: str | None = None
    """As in the settings; empty for none, None to be told."""


class Focus(msgspec.Struct, frozen=True):
    minutes: int = FOCUS_MINUTES
    """0 ends it."""


class Highlight(msgspec.Struct, frozen=True):
    word: str = ""
    """Empty: to be told all."""
    drop: bool = False


Command = Notify | Quiet | Focus | Highlight

SPELLINGS = {
    "notify": Spelling("/notify [all|mentions|none] [ROOM]", "what calls you from a room"),
    "quiet": Spelling("/quiet [22:00-08:00|off]", "hours in which nothing calls you"),
    "focus": Spelling("/focus [30m|2h|off]", "nothing calls you for so long"),
    "highlight": Spelling("/highlight [-r] [WORD]", "a word that counts as your name; -r: no more"),
}


def _notify(rest: str) -> Notify:
    level, _, room = rest.partition(" ")
    if level and level.lower() not in get_args(Level):
        raise Refused("bad-request", f"{level[:30]!r} is neither all, mentions nor none")
    room = room.strip()
    named = names.check_room(room.removeprefix("#")) if room else None
    return Notify(cast(Level, level.lower()) if level else None, named)


def _quiet(rest: str) -> Quiet:
    if not rest or rest.lower() in ("off", "none"):
        return Quiet("" if rest else None)
    found = _HOURS.match(rest)
    times = [int(part) for part in found.groups()] if found else []
    if not times or max(times[::2]) > 23 or max(times[1::2]) > 59:
        raise Refused("bad-request", f"{rest[:30]!r} is not from when to when, as 22:00-08:00")
    return Quiet("{:02}:{:02}-{:02}:{:02}".format(*times))


def _focus(rest: str) -> Focus:
    if not rest:
        return Focus()
    if rest.lower() in ("off", "none"):
        return Focus(0)
    found = _SPAN.match(rest.lower())
    minutes = int(found[1]) * (60 if found[2] == "h" else 1) if found else 0
    if not 1 <= minutes <= LONGEST_FOCUS:
        raise Refused("bad-request", f"{rest[:30]!r} is no time from 1m to 24h")
    return Focus(minutes)


def _highlight(rest: str) -> Highlight | None:
    first, _, word = rest.partition(" ")
    if first != "-r":
        return Highlight(rest)
    return Highlight(word.strip(), drop=True) if word.strip() else None


READERS: Mapping[str, Callable[[str], Command | None]] = {
    "notify": _notify,
    "quiet": _quiet,
    "focus": _focus,
    "highlight": _highlight,
}
