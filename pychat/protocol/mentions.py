"""Whom a text names: `@name` anywhere, and `name:` or `name,` at its beginning. Pure.

Names are compared by `names.fold`, and the longest that is known wins. One ends where a word ends:
`@bob` names bob in "@bob's" and "ask @bob.", not in "@bobby", "@bob-2" or "ann@bob".
"""

import re
import unicodedata
from collections.abc import Container, Iterator

from pychat.protocol import limits, names

_LEADING = re.compile(r"([^\s:,@]{1,128}+)[:,]")
"""No name has more code points, in whatever form it is written."""

_PIECES = 1_000
"""Words and joints behind the signs of one text that are looked at, a millisecond or two: a text of
fifty names has two hundred, and one that is made to take long has eight thousand."""

_JOINTS = frozenset("-_.")
"""What a name may have besides letters, marks and digits; at its end it is the sentence's."""


def named(text: str, known: Container[str]) -> list[str]:
    """Keys among `known`, in the order of their first naming, at most `limits.MENTIONS`."""
    if "@" not in text and "," not in text and ":" not in text:
        # Most of what is said.
        return []
    found: dict[str, None] = {}
    leading = _LEADING.match(text)
    if leading is not None and (addressed := names.fold(leading[1])) in known:
        found[addressed] = None
    at = text.find("@")
    looked_at = 0
    while at >= 0 and len(found) < limits.MENTIONS and looked_at < _PIECES:
        if at == 0 or not _in_word(text[at - 1]):
            key, pieces = _longest(text, at + 1, known)
            looked_at += pieces
            if key is not None:
                found[key] = None
        at = text.find("@", at + 1)
    return list(found)


def _longest(text: str, begin: int, known: Container[str]) -> tuple[str | None, int]:
    """The longest key among `known` that the text has from there on, and how many pieces that
    took."""
    longest: str | None = None
    key, pieces = "", 0
    for pieces, piece in enumerate(_pieces(text, begin), 1):  # noqa: B007  # the last is told
        # Folding goes by the letter, and nothing joins on to a joint: so what is folded piece by
        # piece is what the whole would be, and a long row of joints costs little.
        key += names.fold(piece)
        begin += len(piece)
        if not _goes_on(text[begin : begin + 2]) and key in known:
            longest = key
    return longest, pieces


def _pieces(text: str, begin: int) -> Iterator[str]:
    """What might be a name, as words and single joints; no more than one can have."""
    end, last = begin, min(len(text), begin + 4 * limits.NAME_CHARS)
    while end < last:
        start = end
        while end < last and _in_word(text[end]):
            end += 1
        if end == start:
            if text[end] not in _JOINTS:
                return
            end += 1
        yield text[start:end]


def _goes_on(rest: str) -> bool:
    """Whether a word goes on there: with a letter, or with a joint and a letter."""
    if rest[:1] in _JOINTS:
        return rest[1:] != "" and _in_word(rest[1])
    return rest != "" and _in_word(rest[0])


def _in_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] in "LMN"
