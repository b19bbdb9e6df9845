"""Whom a text names, against a plain reference that tries every stretch of it."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol import names
from pychat.protocol.mentions import named

# Letters in both cases, two that fold to more than one, a composed and a decomposed one, a
# fullwidth one, digits, joints, and what is none of these.
ALPHABET = "abB\u00df\ufb01\u00e9e\u0301\uff42" + "2\u00b2" + "-_." + "@:, \n'"

texts = st.text(ALPHABET, max_size=24)
known_names = st.sets(st.text("abBß\u00e9e\u03012-_.", min_size=1, max_size=4), max_size=6)


def is_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def ends(rest: str) -> bool:
    if rest[:1] in ("-", "_", "."):
        rest = rest[1:]
    return not rest or not is_word(rest[0])


def longest_at(text: str, begin: int, known: set[str]) -> str | None:
    found = None
    for end in range(begin + 1, len(text) + 1):
        name = text[begin:end]
        if not all(is_word(char) or char in "-_." for char in name):
            break
        if names.fold(name) in known and ends(text[end:]):
            found = names.fold(name)
    return found


def reference(text: str, known: set[str]) -> list[str]:
    found = []
    for end, char in enumerate(text):
        if char in ":," and names.fold(text[:end]) in known and end:
            found.append(names.fold(text[:end]))
    for at, char in enumerate(text):
        if char == "@" and (at == 0 or not is_word(text[at - 1])):
            key = longest_at(text, at + 1, known)
            if key is not None:
                found.append(key)
    return list(dict.fromkeys(found))


@given(texts, known_names)
def test_a_text_names_whom_the_reference_finds(text: str, raw: set[str]) -> None:
    known = {names.fold(name) for name in raw}

    assert named(text, known) == reference(text, known)


@given(st.text(max_size=60))
def test_any_text_names_nobody_where_nobody_is(text: str) -> None:
    assert named(text, set()) == []
