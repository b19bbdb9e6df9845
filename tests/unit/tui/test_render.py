"""Remote text before it is painted."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pychat.protocol import limits
from pychat.tui.render import LINE_CHARS, body, label, line
from tests.support.hostile import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_a_line_of_hostile_text_has_no_control_character(text: str) -> None:
    shown = line(text).plain

    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Cn") for char in shown)
    assert len(shown) <= LINE_CHARS + text.count("\n")


@given(st.text(max_size=300))
def test_a_body_has_no_control_character_but_newlines(text: str) -> None:
    assert not any(unicodedata.category(char) == "Cc" for char in body(text).replace("\n", ""))


@pytest.mark.parametrize(
    "text", ["[b]bold[/b]", "[@click=app.quit]x[/]", "[/]", "[ @click=f()]y[/]"]
)
def test_markup_is_shown_as_it_was_written_and_does_nothing(text: str) -> None:
    content = line(text)

    assert content.plain == text
    assert content.spans == []


def test_a_tab_becomes_spaces_up_to_the_next_stop() -> None:
    assert body("a\tb\n\tc") == "a   b\n    c"


def test_a_body_longer_than_the_protocol_allows_is_cut() -> None:
    assert body("x" * limits.TEXT_CHARS) == "x" * limits.TEXT_CHARS
    assert len(body("x" * (limits.TEXT_CHARS + 1))) == limits.TEXT_CHARS
    assert body("x" * (limits.TEXT_CHARS + 1)).endswith("x…")


def test_a_body_of_more_lines_than_the_protocol_allows_is_cut() -> None:
    allowed = "\n".join("x" * limits.TEXT_LINES)

    assert body(allowed) == allowed
    assert body(allowed + "\nmore") == allowed + "…"


@pytest.mark.parametrize("text", ["👨‍👩‍👧‍👦", "🏳️‍🌈", "👩🏽‍❤️‍💋‍👩🏽", "❤️‍🔥"])
def test_emoji_keep_their_joiners(text: str) -> None:
    assert label(text) == text


def test_letters_joined_to_look_narrow_are_parted() -> None:
    # Textual takes what follows a joiner for nothing; a terminal would paint all of it.
    assert label("x\u200d" * 50) == "x" * 50
    assert cell_len(label("\u200dx")) == 1


def test_no_chain_of_emoji_has_more_than_five() -> None:
    assert "\u200d".join("👩" * 6) not in label("\u200d".join("👩" * 200))
