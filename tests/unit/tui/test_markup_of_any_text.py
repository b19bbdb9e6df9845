"""What holds of the Markdown of any text, and how long it takes."""

import sys
import unicodedata
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pychat.protocol.text import clean
from pychat.tui.log.inline import COVER
from pychat.tui.log.markup import (
    BULLET,
    code_blocks,
    escaped,
    preview,
    show,
)
from pychat.tui.render import body
from tests.support.hostile import HOSTILE

SCRAPS = st.sampled_from(
    [
        *("*", "**", "***", "_", "__", "~~", "||", "`", "``", "```", "```py", "\\", "[", "](", ")"),
        *("](https://e.org/x)", "https://e.org", "http://", "\n", "\n\n", "> ", "- ", "1. ", "# "),
        *("a", "word", " ", "é", "\u0301", "日本", "👍", "🏽", "\u200d", "\ufe0f", "🇫", "\t"),
        *("\x1b", "\u202e", "\u1100", "\u1161", "\n```\n", "\\*", "0", ".", "@", "(", "█", COVER),
    ]
)
TEXTS = st.lists(SCRAPS, max_size=40).map("".join) | st.sampled_from(HOSTILE) | st.text(max_size=60)
OURS = set(COVER + BULLET + "() \n")


@given(TEXTS, st.booleans())
def test_of_any_text_only_its_own_characters_are_shown(raw: str, opened: bool) -> None:
    source = body(raw)
    shown = show(source, opened=opened).text

    assert set(shown) <= set(source) | OURS
    for char in shown:
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cs", "Cn")


@given(TEXTS, st.booleans())
def test_what_is_shown_is_as_harmless_as_the_cleaned_text(raw: str, opened: bool) -> None:
    shown = show(body(raw), opened=opened).text

    assert clean(shown) == shown


@given(TEXTS)
def test_taking_marks_away_leaves_the_words_in_their_order(raw: str) -> None:
    source = body(raw)
    shown = show(source, opened=True).text
    fences = source.count("```")
    words = [char for char in source if char.isalnum()]
    # What a link leads to is shown as its host, and a fence's language in its frame.
    kept = [char for char in shown if char.isalnum()]

    if "](http" not in source and not fences:
        assert kept == words


@given(TEXTS, st.booleans())
def test_spans_and_blocks_lie_within_the_text_and_blocks_make_it_up(raw: str, opened: bool) -> None:
    text, spans, blocks, _ = show(body(raw), opened=opened)

    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert (span.look == "link") == bool(span.url)
    if blocks:
        assert "\n".join(text[block.start : block.end] for block in blocks) == text
        assert [block.start for block in blocks[1:]] == [block.end + 1 for block in blocks[:-1]]


@given(TEXTS.filter(lambda text: "\n" not in text))
def test_one_line_is_never_shown_longer_than_it_is_written(raw: str) -> None:
    source = body(raw)
    if "\n" not in source:
        for opened in (False, True):
            assert cell_len(show(source, opened=opened).text) <= cell_len(source)


@given(TEXTS)
def test_an_escaped_text_is_shown_as_it_was_written(raw: str) -> None:
    source = body(raw)
    shown = show(escaped(source))

    assert shown.text == source
    assert {span.look for span in shown.spans} <= {"link"}
    assert not shown.hides


# But for stray joiners, which nobody types and which are taken away.
@given(st.lists((SCRAPS | st.just("\u2028")).filter("\u200d".__ne__), max_size=40).map("".join))
def test_an_escaped_text_comes_through_the_cleaning_that_every_text_comes_through(
    raw: str,
) -> None:
    assert show(body(escaped(raw))).text == body(raw)


@given(TEXTS, st.booleans())
def test_a_covered_text_is_of_the_same_cells_as_the_open_one(raw: str, opened: bool) -> None:
    source = body(raw)
    if "```" not in source:
        covered, uncovered = show(source), show(source, opened=True)
        assert len(covered.text.split("\n")) == len(uncovered.text.split("\n"))


# Time


def steps(act: Callable[[], object]) -> int:
    """Lines of Python that something takes."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> Callable[..., object]:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


WORST = [
    *("*", "*a ", "*a* ", "**a ", "_a", "~~a", "||a", "||a||", "`", "`a", "``a`", "`\n", "\\", "["),
    *(
        "[a](",
        "[a](https://e.org/",
        "](https://e.org/((",
        "](",
        "http://",
        "https://a](",
        "http://a\\",
    ),
    *("http://a)*", "> ", "> a\n", "- ", "- a\n", "1. a\n> b\n", "# ", "```\n", "```a\n", "`" * 3),
    *("***a**b*", "[||a](https://e.org)", "\n", " \n", "||\n\n", "*a **b ***c _d ~~e ||f `g"),
]


@pytest.mark.parametrize("scrap", WORST)
@pytest.mark.parametrize("act", [show, escaped, code_blocks, preview])
def test_twice_the_text_takes_twice_the_steps(act: Callable[[str], object], scrap: str) -> None:
    once, twice = scrap * 100, scrap * 200

    assert steps(lambda: act(twice)) <= 2.2 * steps(lambda: act(once)) + 100
