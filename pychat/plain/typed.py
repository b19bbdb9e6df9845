"""What was typed in plain mode: as on the full screen, and what has a key there is a word here.
Pure."""

import re
from collections.abc import Mapping

import msgspec

from pychat.protocol import limits, names
from pychat.tui import message_commands, moderating, slash
from pychat.tui.slash import Mistake, Spelling

HISTORY = 20
"""Messages that `/history` shows if it is not told how many."""


class History(msgspec.Struct, frozen=True):
    count: int = HISTORY


Typed = slash.Say | slash.Command | History | Mistake

_SPELLINGS = {
    **{name: slash.SPELLINGS[name] for name in ("switch", "msg", "whois")},
    "history": Spelling("/history [N]", f"the {HISTORY}, or N, messages before those shown"),
    "reply": Spelling("/reply [ID] TEXT", "answer a message by its ID; the last without it"),
    "edit": Spelling("/edit [ID] TEXT", "say it better; without ID my last message"),
    **{name: slash.SPELLINGS[name] for name in ("delete", "react", "me")},
}

_SHARED = (
    *("join", "leave", "list", "name", "who", "topic", "search"),
    *moderating.SPELLINGS,
    *("retry", "discard", "release", "reconnect", "manual", "help", "quit"),
)
SPELLINGS = {**_SPELLINGS, **{name: slash.SPELLINGS[name] for name in _SHARED}}
"""Every command that works here by its name, in the order in which help lists them."""

_HISTORY = re.compile(r"/history(?:\s+(.*))?\Z", re.DOTALL | re.IGNORECASE)


def parse(typed: str) -> Typed:
    """As `slash.parse`; what would be written or chosen there later has to be here at once."""
    found = _HISTORY.match(typed.strip())
    if found is not None:
        return _history((found[1] or "").strip())
    match slash.parse(typed):
        case message_commands.Reply(text="") | message_commands.Edit(text=""):
            word = typed.split()[0].removeprefix("/").lower()
            return _needs_more(slash.full_name(word))
        case message_commands.React(emoji=""):
            return _needs_more("react")
        case meant:
            return meant


def _needs_more(name: str) -> Mistake:
    return Mistake(f"/{name} needs more: write {SPELLINGS[name].usage}")


def _history(rest: str) -> History | Mistake:
    count = message_commands.number(rest) if rest else HISTORY
    if count is None or not 1 <= count <= limits.PAGE_MESSAGES:
        usage = SPELLINGS["history"].usage
        return Mistake(f"N is a number of 1 to {limits.PAGE_MESSAGES}; write {usage}")
    return History(count)


def room_like(text: str, rooms: Mapping[str, str]) -> str | None:
    """The room that is meant, by what it is called: so, else the first that begins so, else that
    has it."""
    wanted = names.fold(text)
    folded = [(names.fold(called), room) for called, room in rooms.items()]
    for fits in (str.__eq__, str.startswith, str.__contains__):
        for known, room in folded:
            if fits(known, wanted):
                return room
    return None
