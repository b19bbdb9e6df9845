"""What Tab may make of what is written: commands, rooms and the names of members. Pure."""

from collections.abc import Iterable, Sequence

from pychat.client import Mirror
from pychat.plain import typed
from pychat.protocol import names
from pychat.protocol.text import clean_line

OFFERED = 50
"""Shown at a time."""

_OF_ROOMS = ("/join", "/j", "/leave", "/part", "/switch", "/b", "/who", "/list")


def candidates(
    before: str, mirror: Mirror, known_rooms: Iterable[str]
) -> tuple[int, Sequence[str]]:
    """Where the word before the cursor begins, and what it may become."""
    lead, space, word = before.rpartition(" ")
    begin = len(lead) + len(space)
    if not space and word.startswith("/"):
        return begin, [f"/{name} " for name in sorted(typed.SPELLINGS) if name.startswith(word[1:])]
    if word.startswith("#") or lead in _OF_ROOMS:
        rooms = dict.fromkeys([*mirror.rooms, *known_rooms])
        return begin, _fitting("#", word.removeprefix("#"), rooms)
    view = mirror.room(mirror.open_room) if mirror.open_room is not None else None
    if view is None or not word:
        return begin, []
    return begin, _fitting(
        "@" if word.startswith("@") else "", word.removeprefix("@"), view.members
    )


def _fitting(mark: str, word: str, known: Iterable[str]) -> list[str]:
    beginning = names.fold(word)
    # What a Hall that means harm says is a name may be none.
    fitting = (name for name in known if clean_line(name) == name)
    found = sorted(name for name in fitting if names.fold(name).startswith(beginning))
    return [f"{mark}{name} " for name in found[:OFFERED]]
