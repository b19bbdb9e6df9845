"""Which keys a terminal lets through: those to be tried, what came of each, and what to do instead.
Pure.
"""

from collections.abc import Mapping, Sequence

import msgspec
from textual.keys import key_to_character

from pychat.protocol.text import clean_line
from pychat.tui.keymap import Keymap, label, titles

_BASIC = {"left", "right", "up", "down", "backspace", "escape"}
"""What every terminal sends; Esc ends the test besides."""

_SAME = {f"place-{digit}" for digit in range(2, 9)}
"""As Alt+1 and Alt+9."""


class Asked(msgspec.Struct, frozen=True):
    name: str
    """What it does, by its id."""
    key: str
    title: str


def to_ask(keymap: Keymap) -> list[Asked]:
    names = titles()
    return [
        Asked(name, key, names[name])
        for name, keys in keymap.keys.items()
        for key in keys
        if key not in _BASIC and name not in _SAME and not key.startswith("super+")
    ]


Came = Mapping[Asked, tuple[str, ...]]
"""The keys, in Textual's spelling, that came when one was pressed."""


def table(keymap: Keymap, came: Came) -> str:
    """Of what was tried, for people; a line each."""
    if not came:
        return "No key was tried."
    rows = [(label(asked.key), asked.title, *_verdict(keymap, came, asked)) for asked in came]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [_padded(row, (*widths, 0)) for row in rows]
    lost = sum(keys != (asked.key,) for asked, keys in came.items())
    end = f"{lost} of {len(came)} do not arrive here." if lost else f"All {len(came)} arrive here."
    return "\n".join((*lines, "", end))


def told(keys: tuple[str, ...]) -> str:
    """What came, for people."""
    return " then ".join(map(_shown, keys)) or "nothing"


def _shown(key: str) -> str:
    character = key_to_character(key)
    return clean_line(character) if character and character.isprintable() else label(key)


def _verdict(keymap: Keymap, came: Came, asked: Asked) -> tuple[str, str]:
    keys = came[asked]
    if keys == (asked.key,):
        return "arrives", ""
    what = f"came as {told(keys)}" if keys else "nothing came"
    return what, f"instead: {_instead(keymap, came, asked)}"


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(map(str.ljust, cells, widths)).rstrip()


def _instead(keymap: Keymap, came: Came, asked: Asked) -> str:
    lost = {each.key for each, keys in came.items() if keys != (each.key,)}
    others = [key for key in keymap.keys[asked.name] if key not in lost]
    if others:
        return label(others[0])
    from pychat.tui.palette import ENTRIES

    for entry in ENTRIES:
        if f"{{{asked.name}}}" in entry.help:
            slash = entry.help.split(" ·")[0]
            way = f" or {slash}" if slash.startswith("/") else ""
            return f"{entry.title.rstrip('…')} in the palette{way}"
    if asked.name.startswith("place-"):
        return keymap.label("switch-room")
    return f"another key: pychat config set keys.{asked.name} KEY"
