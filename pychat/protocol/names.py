"""Names of people and rooms: which are allowed, which are the same, which look the same."""

import functools
import unicodedata

from pychat.protocol import limits
from pychat.protocol.errors import ErrorCode, Refused

_PUNCTUATION = frozenset("-_.")


def check_name(raw: str) -> str:
    """A person's name as it is to be shown. Raises Refused `bad-name`."""
    return _check(raw, limits.NAME_CHARS, "bad-name", "a name")


def check_room(raw: str) -> str:
    """A room's name as it is to be shown. Raises Refused `bad-room`."""
    return _check(raw, limits.ROOM_CHARS, "bad-room", "a room's name")


def _check(raw: str, limit: int, code: ErrorCode, what: str) -> str:
    # Far above any limit nothing need be normalised to be refused: NFKC can be slow and long.
    name = unicodedata.normalize("NFKC", raw) if len(raw) <= 4 * limit else raw
    if not 1 <= len(name) <= limit:
        raise Refused(code, f"{what} has 1 to {limit} characters, this one has {len(name)}")
    if unicodedata.category(name[0])[0] not in "LN" or not _allowed(name[0]):
        raise Refused(code, f"{what} begins with a letter or digit, not with {_show(name[0])}")
    for char in name:
        if not _allowed(char):
            raise Refused(
                code, f"{what} has letters, digits, '-', '_' and '.' only, not {_show(char)}"
            )
    return name


def _allowed(char: str) -> bool:
    category = unicodedata.category(char)
    # Marks that show nothing (variation selectors, the grapheme joiner) would make two names
    # that nobody can tell apart.
    if category[0] == "M":
        return not _invisible(char)
    return (category[0] == "L" and not _invisible(char)) or category == "Nd" or char in _PUNCTUATION


def _invisible(char: str) -> bool:
    point = ord(char)
    return (
        0xFE00 <= point <= 0xFE0F
        or 0xE0100 <= point <= 0xE01EF
        or point in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0)
        or 0x180B <= point <= 0x180F
    )


def _show(char: str) -> str:
    if char.isprintable() and not char.isspace():
        return f"{char!r}"
    return f"U+{ord(char):04X}"


def fold(name: str) -> str:
    """The key under which a name is known: two names with the same key are the same.

    Of what is far too long to be a name only the beginning counts.
    """
    return _fold(name[: 4 * limits.ROOM_CHARS])


@functools.lru_cache(4096)
def _fold(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Casefolding may leave a string that is not normalised, and the reverse; the second pass
    # is stable.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())


def skeleton(name: str) -> str:
    """What a name looks like (Unicode TR39): two with the same skeleton are taken for each other.

    It is made from the name as it is shown and not from its key, since `I` looks like `l` and
    its casefold `i` does not; the result is casefolded.
    """
    table = _prototypes()
    decomposed = unicodedata.normalize("NFD", name)
    looks = "".join(table.get(char, char) for char in decomposed)
    return unicodedata.normalize("NFD", looks).casefold()


@functools.cache
def _prototypes() -> dict[str, str]:
    """Each confusable character to the one that stands for all that look like it.

    The library has TR39's table as a graph whose edges lead both ways; what hangs together
    looks alike. A prototype of several characters ("rn" for "m") is told by its length.
    """
    from confusable_homoglyphs.confusables import confusables_data

    graph: dict[str, set[str]] = {}
    for source, targets in confusables_data.items():
        # The table wraps right-to-left entries in U+200E.
        near = graph.setdefault(source.strip("\u200e"), set())
        near.update(target["c"].strip("\u200e") for target in targets)
    table: dict[str, str] = {}
    for start in graph:
        if len(start) == 1 and start not in table:
            group = _reachable(graph, start)
            prototype = min(group, key=lambda text: (-len(text), text))
            table.update((char, prototype) for char in group if len(char) == 1)
    return {char: "".join(table.get(c, c) for c in to) for char, to in table.items()}


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    group, frontier = {start}, [start]
    while frontier:
        for near in graph.get(frontier.pop(), set()) - group:
            group.add(near)
            frontier.append(near)
    return group
