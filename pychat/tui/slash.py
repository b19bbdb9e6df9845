"""What was typed into the composer: something to say, or a command. Pure.

A text that begins with one slash is never said, known command or not: who mistypes `/qiut` does
not want the room to read it. `//x` says `/x`.
"""

import re
from collections.abc import Callable
from difflib import get_close_matches

import msgspec

from pychat.protocol import names, text
from pychat.protocol.errors import Refused
from pychat.tui import calling, message_commands, moderating, wishes
from pychat.tui.spelling import Spelling as Spelling


class Say(msgspec.Struct, frozen=True):
    text: str


class Join(msgspec.Struct, frozen=True):
    room: str


class Leave(msgspec.Struct, frozen=True):
    room: str | None = None
    """None: the open one. So for Who and Topic."""


class ListRooms(msgspec.Struct, frozen=True):
    pattern: str = ""
    """What the list is narrowed to from the beginning."""


class Rename(msgspec.Struct, frozen=True):
    name: str


class Who(msgspec.Struct, frozen=True):
    room: str | None = None


class Topic(msgspec.Struct, frozen=True):
    text: str | None = None
    """None: to be read, not set."""


class Manual(msgspec.Struct, frozen=True):
    pass


class Help(msgspec.Struct, frozen=True):
    name: str = ""
    """Of the one command that is asked about."""


class Reconnect(msgspec.Struct, frozen=True):
    pass


class Search(msgspec.Struct, frozen=True):
    text: str = ""
    everywhere: bool = False


class Retry(msgspec.Struct, frozen=True):
    everything: bool = False
    """Not only the last. So for Discard."""


class Discard(msgspec.Struct, frozen=True):
    everything: bool = False


class Release(msgspec.Struct, frozen=True):
    pass


class OpenSettings(msgspec.Struct, frozen=True):
    pass


class Set(msgspec.Struct, frozen=True):
    key: str
    value: str | None = None
    """None: to be told, not changed. So for the theme."""


class ChooseTheme(msgspec.Struct, frozen=True):
    name: str | None = None


class Quit(msgspec.Struct, frozen=True):
    reason: str | None = None


class Mistake(msgspec.Struct, frozen=True):
    """Nothing that can be done; `text` is a sentence with what to do instead."""

    text: str
    unknown: bool = False
    """Whether it may have been meant to be said."""


Command = (
    Join
    | Leave
    | ListRooms
    | Rename
    | Who
    | Topic
    | Search
    | Manual
    | Help
    | Retry
    | Discard
    | Release
    | Reconnect
    | OpenSettings
    | Set
    | ChooseTheme
    | Quit
    | calling.Command
    | moderating.Command
    | wishes.Command
    | message_commands.Command
)


SPELLINGS = {
    "join": Spelling("/join ROOM", "go into a room; a new one comes to be", takes="room"),
    "leave": Spelling("/leave [ROOM]", "leave the room", takes="room"),
    "list": Spelling("/list [PATTERN]", "all rooms, or those like it, to choose from"),
    "name": Spelling("/name NAME", "be called something else"),
    "who": Spelling("/who [ROOM]", "who is in the room", takes="room"),
    "topic": Spelling("/topic [TEXT]", "read or set the room's topic"),
    "search": Spelling("/search [-a] [TEXT]", "find what was said here; -a: in all my rooms"),
    "plain": Spelling("/plain TEXT", "say it as it is written, without any Markdown"),
    "manual": Spelling("/manual", "the Hall's manual"),
    "help": Spelling("/help [COMMAND]", "this list, or about one command", takes="command"),
    "retry": Spelling("/retry [-a]", "send again the last that was not sent; -a: all"),
    "discard": Spelling("/discard [-a]", "give up the last that was not sent; -a: all"),
    "release": Spelling("/release", "send what waited so long that it asks"),
    "reconnect": Spelling("/reconnect", "try now to get the connection back"),
    "settings": Spelling("/settings", "what can be set, to be changed"),
    "set": Spelling("/set KEY [VALUE]", "see or change one setting"),
    "theme": Spelling(
        "/theme [NAME]", "the colours; without a name: to choose from", takes="theme"
    ),
    **message_commands.SPELLINGS,
    **calling.SPELLINGS,
    **wishes.SPELLINGS,
    **moderating.SPELLINGS,
    "quit": Spelling("/quit [REASON]", "leave the Hall"),
}
"""Every command by its name, in the order in which help lists them."""

ALIASES = {
    "nick": "name",
    "j": "join",
    "part": "leave",
    "rooms": "list",
    "names": "who",
    "members": "who",
    "find": "search",
    "man": "manual",
    "h": "help",
    "q": "quit",
    "exit": "quit",
    "l": "list",
    **wishes.ALIASES,
}


_SHORTEST = 2
"""Letters of a command's beginning that may stand for all of it, where no other begins so."""


def told(name: str) -> str:
    """Of one command, by its name: how it is written, and what it does."""
    spelling = SPELLINGS[name]
    others = [f"/{alias}" for alias, meant in ALIASES.items() if meant == name]
    also = f" (also {', '.join(others)})" if others else ""
    return f"{spelling.usage}{also}: {spelling.help}."


def takes() -> dict[str, str]:
    """What the first argument of a command is, by each of its names."""
    names = {name: name for name in SPELLINGS} | ALIASES
    kinds = {word: SPELLINGS[name].takes for word, name in names.items()}
    return {word: kind for word, kind in kinds.items() if kind}


_CLASSIC = re.compile(
    r"\A<(join|list|manual|quit|leave|name)>(?:\s+(.*))?\Z", re.IGNORECASE | re.DOTALL
)


def parse(typed: str) -> Say | Command | Mistake:
    """White space around a command is ignored; of what is said only that at its end is cut."""
    bare = typed.strip()
    classic = _CLASSIC.match(bare)
    if classic:
        return _command(classic[1].lower(), (classic[2] or "").strip())
    if bare.startswith("//"):
        return Say(bare[1:])
    if bare.startswith("/"):
        word = re.match(r"/(\S*)", bare)
        assert word is not None
        return _command(word[1], bare[word.end() :].strip())
    return Say(typed.lstrip("\n").rstrip())


def _command(word: str, rest: str) -> Say | Command | Mistake:
    name = full_name(word)
    reader = _READERS.get(name)
    if reader is None:
        return Mistake(_unknown(word), unknown=True)
    try:
        command = reader(rest)
    except Refused as error:
        return Mistake(f"{error.text}; write {SPELLINGS[name].usage}")
    if command is None:
        return Mistake(f"/{name} needs more: write {SPELLINGS[name].usage}")
    return command


def full_name(word: str) -> str:
    """The command of that name, or of the only one that begins so; else the word itself."""
    word = word.lower()
    if word in ALIASES or word in SPELLINGS:
        return ALIASES.get(word, word)
    meant = _beginning(word)
    return meant[0] if len(meant) == 1 else word


def _beginning(word: str) -> list[str]:
    if len(word) < _SHORTEST:
        return []
    names = [name for name in (*SPELLINGS, *ALIASES) if name.startswith(word)]
    return sorted({ALIASES.get(name, name) for name in names})


def _unknown(word: str) -> str:
    if not word:
        return "a command is missing after the /; /help lists them, // begins a text with a slash"
    shown = word if len(word) <= 30 else word[:30] + "…"
    meant = [f"/{name}" for name in _beginning(word.lower())]
    if meant:
        return f"/{shown} may be {', '.join(meant[:-1])} or {meant[-1]}: write more of it"
    near = get_close_matches(word.lower()[:30], [*SPELLINGS, *ALIASES], n=1, cutoff=0.7)
    if near:
        return f"no /{shown} — did you mean /{near[0]}? To say it as it is, begin with //"
    return f"no /{shown} — /help lists the commands. To say it as it is, begin with //"


def _maybe_room(written: str) -> str | None:
    return wishes.room(written) if written else None


def _help(rest: str) -> Help:
    name = full_name(rest.removeprefix("/")) if rest else ""
    if name and name not in SPELLINGS:
        raise Refused("bad-request", _unknown(rest.removeprefix("/")).partition(" To say")[0])
    return Help(name)


def _search(rest: str) -> Search:
    word, _, text = rest.partition(" ")
    return Search(text.strip(), True) if word == "-a" else Search(rest)


def _set(rest: str) -> Set | None:
    key, _, value = rest.partition(" ")
    return Set(key.lower(), value.strip() or None) if key else None


def _plain(rest: str) -> Say | None:
    # The log's parser comes with the screen, which plain mode does without.
    from pychat.tui.log.markup import escaped

    return Say(escaped(rest)) if rest else None


def _saying(text_of: Callable[[str], str]) -> Callable[[str], Say | None]:
    def read(rest: str) -> Say | None:
        said = text_of(rest)
        return Say(said) if said else None

    return read


_READERS: dict[str, Callable[[str], Say | Command | None]] = {
    "join": lambda rest: Join(wishes.room(rest)) if rest else None,
    "leave": lambda rest: Leave(_maybe_room(rest)),
    "list": ListRooms,
    "name": lambda rest: Rename(names.check_name(rest)) if rest else None,
    "who": lambda rest: Who(_maybe_room(rest)),
    "topic": lambda rest: Topic(text.check_topic(rest) if rest else None),
    "plain": _plain,
    "manual": lambda _: Manual(),
    "help": _help,
    "search": _search,
    "retry": lambda rest: Retry(rest == "-a"),
    "discard": lambda rest: Discard(rest == "-a"),
    "release": lambda _: Release(),
    "reconnect": lambda _: Reconnect(),
    "settings": lambda _: OpenSettings(),
    "set": _set,
    "theme": lambda rest: ChooseTheme(rest.lower() or None),
    **message_commands.READERS,
    **{word: _saying(text_of) for word, text_of in message_commands.SAYINGS.items()},
    **calling.READERS,
    **wishes.READERS,
    **moderating.READERS,
    "quit": lambda rest: Quit(rest or None),
}
