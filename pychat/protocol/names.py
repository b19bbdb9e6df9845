"""Names of people and rooms: which are allowed, which are the same, which look the same."""

import functools
import re
import unicodedata

from pychat.protocol import limits
from pychat.protocol.errors import ErrorCode, Refused
from pychat.protocol.text import clean

_PUNCTUATION = frozenset("-_.")

# Letters that people write and NFKC would take apart: Catalan ela geminada, Armenian yev, Thai
# and Lao sara am (after a tone mark it comes out misspelt), Lao ligatures, Korean single letters.
_KEPT = re.compile("([\u013f\u0140\u0587\u0e33\u0eb3\u0edc\u0edd\u3131-\u3163\u3165-\u318e]+)")

# Letters and marks that show nothing or take no cell: variation selectors, joiners, fillers,
# Korean vowels and finals outside a syllable. With them two names could be told apart by nobody.
_INVISIBLE = re.compile(
    "[\u034f\u115f-\u11ff\u17b4\u17b5\u180b-\u180f\u3164\ud7b0-\ud7ff\ufe00-\ufe0f\uffa0"
    "\U00013441\U00013442\U00016fe4\U000e0100-\U000e01ef]"
)

# No letter comes to more than four code points in any normal form, so that none but a string
# within this can be a name, or have the key of one.
_LONGEST = 4 * limits.ROOM_CHARS + 1


def check_name(raw: str) -> str:
    """A person's name as it is to be shown. Raises Refused `bad-name`."""
    return _check(raw, limits.NAME_CHARS, "bad-name", "a name")


def check_room(raw: str) -> str:
    """A room's name as it is to be shown. Raises Refused `bad-room`."""
    return _check(raw, limits.ROOM_CHARS, "bad-room", "a room's name")


def _check(raw: str, limit: int, code: ErrorCode, what: str) -> str:
    # Far above any limit nothing need be normalised to be refused: that can be slow and long.
    name = _unify(raw) if len(raw) <= 4 * limit else raw
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


def _unify(raw: str) -> str:
    """In NFC, with fullwidth, mathematical and other such shapes made the plain letters."""
    parts = _KEPT.split(raw)
    parts[::2] = (unicodedata.normalize("NFKC", part) for part in parts[::2])
    return unicodedata.normalize("NFC", "".join(parts))


def _allowed(char: str) -> bool:
    category = unicodedata.category(char)
    if category[0] in "LM":
        return not _INVISIBLE.match(char)
    return category == "Nd" or char in _PUNCTUATION


def _show(char: str) -> str:
    """For a message: by its number where it would not show, or not by itself."""
    alone = char.isprintable() and not char.isspace() and unicodedata.category(char)[0] != "M"
    return f"{char!r}" if alone and not _INVISIBLE.match(char) else f"U+{ord(char):04X}"


def fold(name: str) -> str:
    """The key under which a name is known: two names with the same key are the same. Idempotent.

    Of what is too long to be a name only the beginning counts; it has the key of no name.
    """
    return _fold(name[:_LONGEST])


@functools.lru_cache(4096)
def _fold(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Casefolding may leave a string that is not normalised, and the reverse; the second pass
    # is stable. One letter can become eighteen, and the cache is to stay small.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())
    return folded[:_LONGEST]


def pair_of(room: str) -> list[str]:
    """The two names of a room for two people: `@ONE,OTHER`, perhaps with more behind."""
    return room[1:].split(",")[:2]


def is_durable(room: str) -> bool:
    """Whether what is said in the room of that name is on disk. Only in a room of two it need not
    be; where it is, a third part of the name says so."""
    return not room.startswith("@") or room.count(",") == 2


def skeleton(name: str) -> str:
    """What a name looks like (Unicode TR39): two with the same skeleton are taken for each other.

    It is made from the name as it is shown and not from its key, since `I` looks like `l` and
    its casefold `i` does not; the result is casefolded. What `clean` takes away is not seen.
    """
    table = _prototypes()
    decomposed = unicodedata.normalize("NFD", clean(name))
    looks = "".join(table.get(char, char) for char in decomposed)
    return unicodedata.normalize("NFD", looks).casefold()


def looks(name: str) -> frozenset[str]:
    """All that a name can be taken for: as it is shown, and as its key is.

    The key's look tells `\u0410DMIN` from `admin`: in capitals the two do not look alike.
    """
    return _looks(name[:_LONGEST])


@functools.lru_cache(4096)
def _looks(name: str) -> frozenset[str]:
    key = fold(name)
    return frozenset({skeleton(name), skeleton(key)} if key != name else {skeleton(name)})


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
