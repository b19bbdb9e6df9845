"""What was typed in plain mode: as on the full screen, and what has a key there is a word here.
Pure."""

import re
from collections.abc import Callable, Mapping

import msgspec

from pychat.protocol import limits, names
from pychat.protocol.errors import Refused
from pychat.tui import moderating, slash
from pychat.tui.message_commands import ACTION
from pychat.tui.slash import Mistake, Spelling

HISTORY = 20
"""Messages that `/history` shows if it is not told how many."""


class Switch(msgspec.Struct, frozen=True):
    """Look at a room that I am in; at the next with something unread if none is named."""

    text: str = ""


class Direct(msgspec.Struct, frozen=True):
    """Talk to somebody alone."""

    name: str
    text: str = ""


class Whois(msgspec.Struct, frozen=True):
    name: str


class History(msgspec.Struct, frozen=True):
    count: int = HISTORY


class Reply(msgspec.Struct, frozen=True):
    target: int
    text: str


class Edit(msgspec.Struct, frozen=True):
    text: str
    target: int | None = None
    """None: my last message here. So for Delete."""


class Delete(msgspec.Struct, frozen=True):
    target: int | None = None


class React(msgspec.Struct, frozen=True):
    emoji: str
    target: int | None = None
    """None: the last message here."""


Command = Switch | Direct | Whois | History | Reply | Edit | Delete | React
Typed = slash.Say | slash.Command | Command | Mistake

_SPELLINGS = {
    "switch": Spelling("/switch [TEXT]", "look at another of my rooms; the next with unread"),
    "msg": Spelling("/msg NAME [TEXT]", "talk to somebody alone"),
    "whois": Spelling("/whois NAME", "who that is, and where"),
    "history": Spelling("/history [N]", f"the {HISTORY}, or N, messages before those shown"),
    "reply": Spelling("/reply ID TEXT", "answer a message; the ID stands behind it"),
    "edit": Spelling("/edit [ID] TEXT", "say it better; without ID my last message"),
    "delete": Spelling("/delete [ID]", "take a message of mine back"),
    "react": Spelling("/react [ID] EMOJI", "react to a message, or take that back"),
    "me": Spelling("/me TEXT", "say what you are doing"),
}
_ALIASES = {"b": "switch", "buffer": "switch", "query": "msg"}

_SHARED = (
    *("join", "leave", "list", "name", "who", "topic", "search"),
    *moderating.SPELLINGS,
    *("retry", "discard", "release", "reconnect", "manual", "help", "quit"),
)
SPELLINGS = {**_SPELLINGS, **{name: slash.SPELLINGS[name] for name in _SHARED}}
"""Every command that works here by its name, in the order in which help lists them."""

_WORD = re.compile(r"/(\w+)(?:\s+(.*))?\Z", re.DOTALL)


def parse(typed: str) -> Typed:
    """As `slash.parse`, for more commands."""
    found = _WORD.match(typed.strip())
    name = found[1].lower() if found is not None else ""
    name = _ALIASES.get(name, name)
    if found is None or name not in _READERS:
        return slash.parse(typed)
    try:
        meant = _READERS[name]((found[2] or "").strip())
    except Refused as refusal:
        return Mistake(f"{refusal.text}; write {_SPELLINGS[name].usage}")
    return meant or Mistake(f"/{name} needs more: write {_SPELLINGS[name].usage}")


def _switch(rest: str) -> Switch:
    return Switch(rest.lstrip("#@"))


def _direct(rest: str) -> Direct | None:
    name, _, text = rest.partition(" ")
    return Direct(names.check_name(name.removeprefix("@")), text.strip()) if name else None


def _whois(rest: str) -> Whois | None:
    return Whois(names.check_name(rest.removeprefix("@"))) if rest else None


def _history(rest: str) -> History:
    count = _number(rest) if rest else HISTORY
    if count is None or not 1 <= count <= limits.PAGE_MESSAGES:
        raise Refused("bad-request", f"N is a number of 1 to {limits.PAGE_MESSAGES}")
    return History(count)


def _reply(rest: str) -> Reply | None:
    target, text = _target(rest)
    if target is None and text:
        raise Refused("bad-request", "the ID is missing, a number that stands behind the message")
    return Reply(target, text) if target is not None and text else None


def _edit(rest: str) -> Edit | None:
    target, text = _target(rest)
    return Edit(text, target) if text else None


def _delete(rest: str) -> Delete:
    if not rest:
        return Delete()
    target = _number(rest)
    if target is None:
        raise Refused("bad-request", "the ID is a number that stands behind the message")
    return Delete(target)


def _react(rest: str) -> React | None:
    target, emoji = _target(rest)
    return React(emoji, target) if emoji else None


def _me(rest: str) -> slash.Say | None:
    return slash.Say(ACTION + rest) if rest else None


def _target(rest: str) -> tuple[int | None, str]:
    """A number that something follows is an ID; one that stands alone is what is said."""
    word, _, text = rest.partition(" ")
    target = _number(word)
    return (target, text.strip()) if target is not None and text.strip() else (None, rest)


def _number(word: str) -> int | None:
    word = word.removeprefix("#")
    if not (word.isascii() and word.isdigit() and len(word) <= len(str(limits.MAX_INTEGER))):
        return None
    return min(int(word), limits.MAX_INTEGER)


_READERS: dict[str, Callable[[str], Command | slash.Say | None]] = {
    "switch": _switch,
    "msg": _direct,
    "whois": _whois,
    "history": _history,
    "reply": _reply,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "me": _me,
}


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
