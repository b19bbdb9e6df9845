"""Wrapping by cells."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pychat.tui.log import wrap as wrapping
from pychat.tui.log.wrap import cells, fit, wrap

SCRAPS = st.sampled_from(
    [
        *("a", "word", " ", "  ", "\n", "longerword" * 9, "é", "e\u0301", "Привет", "日本語", "か"),
        *(
            "🎉",
            "👍🏽",
            "❤️",
            "1️⃣",
            "🏳️‍🌈",
            "👨‍👩‍👧‍👦",
            "🇫🇷",
            "🇫",
            "क्षि",
            "\u200d",
            "\ufe0f",
            "\u0301",
        ),
    ]
)
TEXTS = st.lists(SCRAPS, max_size=40).map("".join) | st.text(
    st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n"), max_size=200
)
WIDTHS = st.integers(2, 40)


@given(TEXTS, WIDTHS)
def test_no_line_is_wider_than_the_width(text: str, width: int) -> None:
    assert all(cell_len(text[start:end]) <= width for start, end in wrap(text, width))


@given(TEXTS, WIDTHS)
def test_every_character_stands_once_and_a_break_leaves_out_one_space_or_newline(
    text: str, width: int
) -> None:
    lines = wrap(text, width)

    assert lines[0][0] == 0
    assert lines[-1][1] == len(text)
    for (_, end), (start, _) in pairwise(lines):
        assert text[end:start] in ("", " ", "\n")


@given(TEXTS, WIDTHS)
def test_a_newline_always_breaks_and_never_stands_in_a_line(text: str, width: int) -> None:
    assert not any("\n" in text[start:end] for start, end in wrap(text, width))


@given(st.text("ab éж-", max_size=80), WIDTHS)
def test_the_path_for_narrow_text_breaks_where_the_one_for_any_text_does(
    text: str, width: int
) -> None:
    anyhow: list[tuple[int, int]] = []
    wrapping._wrap_wide(text, 0, len(text), width, anyhow)

    assert wrap(text, width) == anyhow


@given(TEXTS)
def test_clusters_have_together_the_cells_of_the_text(text: str) -> None:
    line = text.replace("\n", "")

    clusters = list(wrapping._clusters(line, 0, len(line)))

    assert "".join(line[start:end] for start, end, _ in clusters) == line
    assert sum(size for _, _, size in clusters) == cell_len(line)


def test_every_character_that_is_taken_for_narrow_has_one_cell() -> None:
    narrow = [chr(point) for point in range(0x3000) if wrapping._NARROW.match(chr(point))]

    assert len(narrow) > 500
    assert all(cell_len(char) == 1 for char in narrow)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 8, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("to abcdefgh", 5, ["to", "abcde", "fgh"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("日本語です", 4, ["日本", "語で", "す"]),
        ("ab 日本語", 6, ["ab 日", "本語"]),
        ("see 🎉🎉", 6, ["see 🎉", "🎉"]),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, ["👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"]),
        ("🇫🇷🇩🇪", 3, ["🇫🇷", "🇩🇪"]),
    ],
)
def test_lines_break_at_spaces_beside_wide_characters_and_else_within_words(
    text: str, width: int, lines: list[str]
) -> None:
    assert [text[start:end] for start, end in wrap(text, width)] == lines


@given(TEXTS.map(lambda text: text.replace("\n", "")), st.integers(0, 30))
def test_what_is_fitted_is_the_text_or_its_beginning_with_an_ellipsis(
    text: str, width: int
) -> None:
    fitted = fit(text, width)

    assert cells(fitted) <= width
    assert fitted == text or not width or (fitted[-1] == "…" and text.startswith(fitted[:-1]))
