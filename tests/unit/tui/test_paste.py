"""What a paste comes to: nothing of it is lost, and every part is within the limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol import limits
from pychat.protocol.text import check_text
from pychat.tui import paste

TEXTS = st.text(alphabet="ab \n`é", max_size=400)


@given(TEXTS, st.integers(1, 40), st.integers(1, 6))
def test_the_parts_joined_are_the_paste(text: str, chars: int, lines: int) -> None:
    parts = paste.split(text, chars=chars, lines=lines)

    assert "".join(parts) == text
    for part in parts:
        bare = part.removesuffix("\n")
        assert part
        assert len(bare) <= chars
        assert bare.count("\n") < lines


@given(TEXTS, st.integers(1, 40), st.integers(1, 6))
def test_a_line_is_cut_only_if_it_is_longer_than_a_part(text: str, chars: int, lines: int) -> None:
    if max(map(len, text.split("\n"))) > chars:
        return

    assert all(part.endswith("\n") for part in paste.split(text, chars=chars, lines=lines)[:-1])


def test_a_line_that_is_too_long_is_cut_after_a_space() -> None:
    assert paste.split("one two three fours", chars=10) == ["one two ", "three ", "fours"]
    assert paste.split("a bcdefghijkl", chars=10) == ["a bcdefghi", "jkl"]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("a\nb\nc", False),
        ("a\nb\nc\n", False),
        ("a\nb\nc\nd", True),
        ("x" * 1_999, False),
        ("x" * 2_000, False),
        ("x" * 2_001, True),
    ],
)
def test_a_paste_asks_above_three_lines_or_two_thousand_characters(text: str, asks: bool) -> None:
    assert paste.asks(text, lines=3, chars=2_000) is asks


def test_the_line_ends_of_terminals_are_made_plain_and_controls_harmless() -> None:
    assert paste.tidy("a\r\nb\rc\td\x1b[31m") == "a\nb\nc\td␛[31m"


def test_a_code_block_has_its_text_between_fences() -> None:
    assert paste.as_code("def f():\n\treturn 1\n") == ["```\ndef f():\n\treturn 1\n```"]


@pytest.mark.parametrize(
    ("text", "fence"),
    [("a ``` b", "```"), ("```\na\n```", "````"), ("  `````py\nx", "``````")],
)
def test_a_fence_is_longer_than_those_in_the_text(text: str, fence: str) -> None:
    [block] = paste.as_code(text)

    assert block == f"{fence}\n{text}\n{fence}"


@pytest.mark.parametrize(("ticks", "blocks"), [(98, 1), (99, 1), (100, 0)])
def test_a_text_that_needs_too_long_a_fence_is_no_code(ticks: int, blocks: int) -> None:
    assert len(paste.as_code("`" * ticks)) == blocks


@pytest.mark.parametrize(("lines", "blocks"), [(197, 1), (198, 1), (199, 2)])
def test_a_code_block_and_its_fences_are_within_a_message(lines: int, blocks: int) -> None:
    found = paste.as_code("\n".join("x" * lines))

    assert len(found) == blocks
    assert all(check_text(block) == block for block in found)


@pytest.mark.parametrize(("lines", "messages"), [(199, 1), (200, 1), (201, 2)])
def test_lines_fill_messages_to_their_limit(lines: int, messages: int) -> None:
    assert len(paste.as_messages("\n".join("x" * lines))) == messages


@pytest.mark.parametrize(("chars", "messages"), [(7_999, 1), (8_000, 1), (8_001, 2)])
def test_characters_fill_messages_to_their_limit(chars: int, messages: int) -> None:
    assert len(paste.as_messages("x" * chars)) == messages


@given(st.text(alphabet="ab \n`/", min_size=1, max_size=300).map(lambda text: text * 60))
def test_the_hall_takes_every_message(text: str) -> None:
    for message in paste.as_messages(text) + paste.as_code(text):
        assert check_text(message) == message
        assert len(message) <= limits.TEXT_CHARS


def test_what_shows_nothing_is_no_message() -> None:
    assert paste.as_messages("\n" * 500) == []
    assert paste.as_messages("\n" * 500 + "a") == ["a"]
    assert paste.as_code(" \n ") == []
