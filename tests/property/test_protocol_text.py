"""What is true of all text: said, refused, or shown."""

import unicodedata
from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pychat.protocol.errors import Refused
from pychat.protocol.text import check_emojis, check_text, check_topic, clean, clean_line

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
REFUSED = frozenset(map(chr, [*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0)]))

awkward = st.sampled_from(
    "\x1b\x07\x9b\x9d\x00\x7f\r\n\t\x85\u2028\u2029\u202e\u2066\u200d\u200b\ufe0f\u3164\u00ad"
    "\u0301\u0300\u0316\u0653\u20dd\u05b0\u0e47\u0345\u0336اαa가가ก👨❤\ud83d\ude00\U0003fffd"
)
dirty = st.text(st.one_of(awkward, st.characters()), max_size=40)


def marks(text: str) -> int:
    """The most nonspacing marks on one letter, however they are composed."""
    most = height = 0
    for char in unicodedata.normalize("NFD", text):
        category = unicodedata.category(char)
        if category in ("Mn", "Me"):
            height += 1
        elif category not in ("Mc", "Cf"):
            height = 0
        most = max(most, height)
    return most


@settings(max_examples=300)
@given(dirty)
@example("ا\u0316\u0316\u0316\u0316\u0300\u0653")
@example("a\u0301\u0301\u0301\u0301\u20dd\u05b0\u0301\u0301\u0301\u0301")
def test_whatever_is_cleaned_is_harmless(raw: str) -> None:
    shown = clean(raw)

    assert clean(shown) == shown
    shown.encode()
    assert all(unicodedata.category(c) not in ("Cc", "Cs") or c in "\n\t" for c in shown)
    assert BIDI.isdisjoint(shown)
    assert unicodedata.is_normalized("NFC", shown)
    assert marks(shown) <= 8
    assert len(shown) <= 4 * len(raw)


@given(dirty)
def test_a_cleaned_line_is_one_line(raw: str) -> None:
    shown = clean_line(raw)

    assert clean_line(shown) == shown
    assert len(shown.splitlines()) <= 1
    assert "\t" not in shown


def outcome(check: Callable[[Any], Any], raw: Any) -> Any:
    """What is kept, or the Refused; anything else that is raised fails the test."""
    try:
        return check(raw)
    except Refused as refused:
        return refused


@settings(max_examples=300)
@given(dirty)
@example("\xad")
def test_text_is_kept_but_for_its_line_ends_or_refused(raw: str) -> None:
    text = raw.replace("\r\n", "\n")
    shows = bool(clean(text).strip())
    bad = not shows or any(c in REFUSED or "\ud800" <= c <= "\udfff" for c in text)

    kept = outcome(check_text, raw)

    if bad:
        assert isinstance(kept, Refused)
        assert kept.code == "bad-text"
    else:
        assert kept == text
        assert check_text(kept) == kept
        clean(kept).encode()


@given(dirty)
def test_a_topic_is_kept_or_refused(raw: str) -> None:
    kept = outcome(check_topic, raw)

    if isinstance(kept, Refused):
        assert kept.code == "bad-text"
    else:
        assert kept == raw
        assert "\n" not in clean(kept)


@given(st.lists(dirty, max_size=4))
def test_reactions_are_kept_once_each_or_refused(raw: list[str]) -> None:
    kept = outcome(check_emojis, raw)

    if isinstance(kept, Refused):
        assert kept.code == "bad-text"
    else:
        assert sorted(kept) == sorted(set(raw))
        assert check_emojis(kept) == kept
        assert all(1 <= len(emoji) <= 32 and not any(map(str.isspace, emoji)) for emoji in kept)
