"""What search takes for a word, the same in every engine whatever its own idea of text is.

Case, accents, vowel points and the compatibility forms of Unicode make no difference. In scripts
that set no space between words each character is a word, and a run of them matches as a phrase.
"""

import re
import unicodedata

QUERY_CHARS = 256
"""Of a search text; what comes after narrows nothing. It bounds the terms of one search."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_ASCII = bytes(
    ord(char.lower()) if char.isascii() and char.isalnum() else 0x20
    for char in map(chr, range(256))
)
"""Of each byte what it is in a word: a letter or digit, or a space for anything else."""
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")
_POINTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]+"
)


def words(text: str) -> list[str]:
    """The words of a text in order. Of ASCII they have letters and digits only, so no quotes."""
    if text.isascii():
        return text.encode().translate(_ASCII).decode().split()
    bare = _POINTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _WORD.findall(unicodedata.normalize("NFKC", bare).casefold())


def terms(text: str) -> list[list[str]]:
    """What a message must contain to be found: phrases, of whose last words a beginning does."""
    phrases = [words(part) for part in text[:QUERY_CHARS].split()]
    return [phrase for phrase in phrases if phrase]


def matches(said: list[str], phrases: list[list[str]]) -> bool:
    """Whether a message with these words contains each of the phrases."""
    return all(_contains(said, phrase) for phrase in phrases)


def _contains(said: list[str], phrase: list[str]) -> bool:
    *whole, beginning = phrase
    return any(
        said[at : at + len(whole)] == whole and said[at + len(whole)].startswith(beginning)
        for at in range(len(said) - len(whole))
    )
