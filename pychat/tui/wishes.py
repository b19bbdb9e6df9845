"""The commands for finding one's way: to places, to people, and about the program. Pure."""

import re
from collections.abc import Callable, Mapping

import msgspec

from pychat.protocol import names, text
from pychat.protocol.errors import Refused
from pychat.tui.spelling import Spelling

LONGEST_MUTE = 365 * 86_400_000
"""Milliseconds. For longer one mutes without a time."""

_UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_SPAN = re.compile(r"([0-9]{1,6})([mhd])\Z")
_WORD = re.compile(r"[a-z][a-z0-9-]{0,19}\Z")


class Wish(msgspec.Struct, frozen=True):
    """What all of them are, for who tells them from other commands."""


class Switch(Wish, frozen=True):
    text: str = ""
    """Empty: to be chosen from a list."""


class Message(Wish, frozen=True):
    """Something for one person alone; without a text their room is opened."""

    name: str
    text: str = ""


class Whois(Wish, frozen=True):
    name: str


class Away(Wish, frozen=True):
    away: bool


class Ignore(Wish, frozen=True):
    name: str | None = None
    """None: to be told who is."""


class Unignore(Wish, frozen=True):
    name: str


class Mute(Wish, frozen=True):
    room: str | None = None
    """None: the open one. So for Unmute."""
    milliseconds: int | None = None
    """None: for good."""


class Unmute(Wish, frozen=True):
    room: str | None = None


class Read(Wish, frozen=True):
    everything: bool = False


class Clear(Wish, frozen=True):
    pass


class Export(Wish, frozen=True):
    file: str


class Editor(Wish, frozen=True):
    pass


class Disconnect(Wish, frozen=True):
    pass


class Doctor(Wish, frozen=True):
    pass


class Version(Wish, frozen=True):
    pass


class Alias(Wish, frozen=True):
    """Without a word all are told, without a meaning that one is."""

    word: str = ""
    meant: str = ""
    drop: bool = False


Command = (
    Switch
    | Message
    | Whois
    | Away
    | Ignore
    | Unignore
    | Mute
    | Unmute
    | Read
    | Clear
    | Export
    | Editor
    | Disconnect
    | Doctor
    | Version
    | Alias
)

SPELLINGS = {
    "switch": Spelling("/switch [TEXT]", "go to a room or person; without TEXT: choose"),
    "msg": Spelling("/msg NAME [TEXT]", "say something to one person alone", takes="person"),
    "whois": Spelling("/whois NAME", "who somebody is", takes="person"),
    "away": Spelling("/away", "show others that you are away"),
    "back": Spelling("/back", "and that you are back"),
    "ignore": Spelling("/ignore [NAME]", "hide what somebody says; or who is", takes="person"),
    "unignore": Spelling("/unignore NAME", "show it again", takes="person"),
    "mute": Spelling("/mute [ROOM] [30m|8h|2d]", "only mentions count there", takes="room"),
    "unmute": Spelling("/unmute [ROOM]", "all counts there again", takes="room"),
    "read": Spelling("/read [-a]", "mark the room as read; -a: all rooms"),
    "clear": Spelling("/clear", "empty the view; what was said stays"),
    "export": Spelling("/export FILE", "write the room to a new .md or .jsonl file"),
    "editor": Spelling("/editor", "write in $EDITOR"),
    "disconnect": Spelling("/disconnect", "end the connection; /reconnect brings it back"),
    "alias": Spelling("/alias [-r] [NAME [/CMD…]]", "a word of your own for a command"),
    "doctor": Spelling("/doctor", "a report on this program and its connection"),
    "version": Spelling("/version", "which pychat this is"),
}

ALIASES = {"b": "switch", "buffer": "switch", "query": "msg", "dm": "msg"}


def _name(written: str) -> str:
    # `@ada` is how people are mentioned; no name begins with that.
    return names.check_name(written.removeprefix("@"))


def room(written: str) -> str:
    """`#general`, `general`, or `@ada` for the room that one shares with ada."""
    if written.startswith("@"):
        return f"@{_name(written)}"
    return names.check_room(written.removeprefix("#"))


def _message(rest: str) -> Message | None:
    name, _, said = rest.partition(" ")
    said = said.strip()
    if said:
        text.check_text(said)
    return Message(_name(name), said) if name else None


def _mute(rest: str) -> Mute:
    words = rest.split()
    milliseconds = None
    if words and (span := _SPAN.match(words[-1].lower())):
        milliseconds = int(span[1]) * _UNITS[span[2]]
        words.pop()
        if not 0 < milliseconds <= LONGEST_MUTE:
            raise Refused("bad-request", "a room is muted for 1m to 365d, or for good")
    if len(words) > 1:
        raise Refused("bad-request", f"{words[-1]!r} is no time such as 30m, 8h or 2d")
    return Mute(room(words[0]) if words else None, milliseconds)


def _alias(rest: str) -> Alias:
    drop, word, meant = _alias_words(rest)
    if word and not _WORD.match(word):
        raise Refused(
            "bad-request", "an alias has 1 to 20 letters, digits and '-', a letter being the first"
        )
    if drop and not word:
        raise Refused("bad-request", "which alias is to go?")
    if meant and (not meant.startswith("/") or meant.startswith("//")):
        raise Refused("bad-request", "what an alias stands for begins with one slash")
    return Alias(word, meant, drop)


def _alias_words(rest: str) -> tuple[bool, str, str]:
    first, _, more = rest.partition(" ")
    if first == "-r":
        return True, more.strip().removeprefix("/").lower(), ""
    return False, first.removeprefix("/").lower(), more.strip()


def _alone(wish: Command) -> Callable[[str], Command]:
    """Of a command that nothing follows."""

    def read(rest: str) -> Command:
        if rest:
            raise Refused("bad-request", f"nothing follows it, and here {rest[:30]!r} does")
        return wish

    return read


READERS: Mapping[str, Callable[[str], Command | None]] = {
    "switch": Switch,
    "msg": _message,
    "whois": lambda rest: Whois(_name(rest)) if rest else None,
    "away": _alone(Away(away=True)),
    "back": _alone(Away(away=False)),
    "ignore": lambda rest: Ignore(_name(rest) if rest else None),
    "unignore": lambda rest: Unignore(_name(rest)) if rest else None,
    "mute": _mute,
    "unmute": lambda rest: Unmute(room(rest) if rest else None),
    "read": lambda rest: Read(rest == "-a"),
    "clear": _alone(Clear()),
    "export": lambda rest: Export(rest) if rest else None,
    "editor": _alone(Editor()),
    "disconnect": _alone(Disconnect()),
    "alias": _alias,
    "doctor": _alone(Doctor()),
    "version": _alone(Version()),
}
