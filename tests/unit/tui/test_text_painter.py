"""Markdown as it is painted: what stands where, and in which style."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES

from pychat.protocol.replies import Message
from pychat.tui.log.highlight import LANGUAGES, colourings
from pychat.tui.log.layout import Layout
from pychat.tui.log.lines import lines_of
from pychat.tui.log.markup import show
from pychat.tui.log.painter import paint
from pychat.tui.log.palette import DARK_ROLES, LIGHT_ROLES
from pychat.tui.log.rows import MessageRow, Told
from pychat.tui.log.text_painter import (
    HIDDEN,
    HIGHLIGHT_CHARS,
    OPENED_HIGHLIGHT_CHARS,
    flattened,
)
from pychat.tui.log.wrap import cells
from pychat.tui.render import body
from tests.unit.tui.conftest import NOON, Make
from tests.unit.tui.test_markup_of_any_text import TEXTS
from tests.unit.tui.test_name_colours import contrast
from tests.unit.tui.test_painter import INK, MEDIUM, NARROW, PALETTE

COLUMN = MEDIUM.indent


def row(text: str, *, opened: bool = False, **more: object) -> MessageRow:
    message = Message(room="general", seq=1, time=NOON, sender="ada", text=text, **more)
    return MessageRow(message, Told.NOTHING, "", opened)


def texts(row: MessageRow, layout: Layout = MEDIUM) -> list[str]:
    return [strip.text[layout.indent :].rstrip() for strip in paint(row, layout, INK)]


def style_of(strips: list[Strip], text: str) -> Style:
    """Of the first piece that has the text in it."""
    for strip in strips:
        for segment in strip:
            if text in segment.text and segment.style is not None:
                return segment.style
    raise AssertionError(f"{text!r} is not painted")


def fence(lines: int, language: str = "") -> str:
    return "\n".join([f"```{language}", *(f"line {number}" for number in range(lines)), "```"])


def test_each_look_has_an_attribute_that_needs_no_colour() -> None:
    strips = paint(row("**bold** *italic* ~~gone~~ https://e.org ***both***"), MEDIUM, INK)

    assert style_of(strips, "bold").bold
    assert style_of(strips, "italic").italic
    assert style_of(strips, "gone").strike
    assert style_of(strips, "e.org").underline
    assert style_of(strips, "e.org").link == "https://e.org"
    assert style_of(strips, "both").bold
    assert style_of(strips, "both").italic
    assert not style_of(strips, " ").bold


def test_code_in_a_line_keeps_its_backticks_and_has_a_background() -> None:
    strips = paint(row("run `make` now"), MEDIUM, INK)

    assert style_of(strips, "`make`").bgcolor == PALETTE.code.bgcolor
    assert style_of(strips, " now").bgcolor == PALETTE.text.bgcolor


def test_every_line_of_a_quote_has_a_bar() -> None:
    assert texts(row("> " + "word " * 10 + "end\nok")) == [
        "▌ word word word word word word word word",
        "▌ word word end",
        "ok",
    ]
    assert texts(row("> word"), NARROW) == ["▌ word"]


def test_what_is_wrapped_in_a_list_stands_under_its_words() -> None:
    assert texts(row("- " + "word " * 10 + "end\n10. " + "word " * 9)) == [
        "• word word word word word word word word",
        "  word word end",
        "10. word word word word word word word word",
        "    word",
    ]


def test_code_stands_in_a_frame_that_says_its_language_and_how_to_copy_it() -> None:
    assert texts(row("so:\n```python\nif x:\n    pass\n```\nok?")) == [
        "so:",
        "┌ python ─────────────────────── Alt+C copy ┐",
        "│ if x:                                     │",
        "│     pass                                  │",
        "└───────────────────────────────────────────┘",
        "ok?",
    ]
    assert texts(row("```\nx\n```"), NARROW)[0] == "┌ code ────────────────── Alt+C copy ┐"


def test_where_there_is_no_room_for_a_frame_the_code_has_what_there_is() -> None:
    narrow = Layout.of(14, narrow=True)

    assert texts(row("```python\nsome code\n```"), narrow) == [
        "─ python ───",
        "some code",
        "────────────",
    ]


def test_long_code_says_how_much_there_is_and_how_to_see_it() -> None:
    folded, opened = texts(row(fence(14))), texts(row(fence(14), opened=True))

    assert len(folded) == 10
    assert folded[-1].startswith("└ 8 of 14 lines · Enter expands ─")
    assert len(opened) == 16
    assert opened[-1].startswith("└ 14 lines · Enter folds ─")


def test_a_spoiler_and_a_fold_can_be_clicked_and_nothing_else() -> None:
    strips = paint(row("a ||secret|| b\n" + fence(14)), MEDIUM, INK)
    clicked = [s.text for strip in strips for s in strip if s.style and HIDDEN in s.style.meta]

    assert clicked[0] == "▒▒▒▒▒▒"
    assert clicked[1].startswith("└ 8 of 14 lines")
    assert len(clicked) == 2


def test_an_edited_message_that_ends_in_code_says_so_below_the_frame() -> None:
    assert texts(row("```\nx\n```", edited=NOON))[-2:][0].startswith("└")
    assert texts(row("```\nx\n```", edited=NOON))[-1] == "(edited)"


def test_a_quoted_original_is_one_line_of_plain_words_with_its_spoilers_covered(
    message: Make,
) -> None:
    original = message(0, "**so** it is\n> [x](https://e.org) ||secret||")
    strips = paint(MessageRow(message(1, reply_to=0), Told.ALL), MEDIUM, INK, quoted=original)

    assert strips[0].text[COLUMN:].rstrip() == "⤷ ada: so it is x (e.org) ▒▒▒▒▒▒"


def test_offsets_count_in_what_is_shown_and_frames_have_none() -> None:
    text = "**so**:\n```\nab\n```\n> cd"
    offsets = [
        (segment.text, segment.style.meta["offset"][0])
        for strip in paint(row(text), MEDIUM, INK)
        for segment in strip
        if segment.style and "offset" in segment.style.meta and segment.text.strip()
    ]

    assert offsets == [("so", 0), (":", 2), ("ab", 4), ("cd", 7)]


# Colours of code


def test_code_of_a_known_language_is_coloured_and_other_code_is_not() -> None:
    strips = paint(row("```py\nclass Room: # one\n```"), MEDIUM, INK)

    assert style_of(strips, "class").color == PALETTE.role("keyword").color
    assert style_of(strips, "# one").color == PALETTE.role("comment").color
    assert style_of(strips, "class").bgcolor == PALETTE.code.bgcolor
    for language in ("", "brainfuck", "python3x"):
        strips = paint(row(f"```{language}\nclass Room: # one\n```"), MEDIUM, INK)
        assert style_of(strips, "class").color == PALETTE.code.color


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_every_language_colours_its_code_without_gaps_or_overlaps(language: str) -> None:
    at = 0
    for start, end, role in colourings(language, 'a = "b" # 1\n-x\n+y\n<a b="c">\nreturn 1\n'):
        assert at <= start < end
        assert role in DARK_ROLES
        at = end
    assert at


@pytest.mark.parametrize(
    ("opened", "bound"), [(False, HIGHLIGHT_CHARS), (True, OPENED_HIGHLIGHT_CHARS)]
)
def test_code_is_coloured_up_to_a_bound(opened: bool, bound: int) -> None:
    for length, coloured in ((bound - 1, True), (bound, True), (bound + 1, False)):
        code = "class Room: " + "x" * (length - len("class Room: "))
        strips = paint(row(f"```py\n{code}\n```", opened=opened), MEDIUM, INK)
        assert bool(style_of(strips, "class").bold) is coloured


def test_of_many_blocks_of_code_in_a_message_only_the_first_are_coloured() -> None:
    block = "```py\nclass Room: " + "x" * 480 + "\n```"
    strips = paint(row("\n".join([block] * 4)), MEDIUM, INK)

    assert sum(s.text == "class" for strip in strips for s in strip) == 2


def test_nothing_is_loaded_for_colours_before_code_is_painted() -> None:
    script = "import sys, pychat.tui.log; print([m for m in sys.modules if 'pygments.lexer' in m])"

    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert loaded.strip() == "[]"


@pytest.mark.parametrize("name", [name for name in BUILTIN_THEMES if not name.startswith("ansi")])
def test_code_can_be_read_on_every_theme(name: str) -> None:
    theme = BUILTIN_THEMES[name]
    colors = theme.to_color_system().generate()
    roles = DARK_ROLES if theme.dark else LIGHT_ROLES

    for background in (colors["background"], colors["surface"]):
        assert min(contrast(color, background) for color in roles.values()) >= 4.5


# Properties


@given(TEXTS, st.booleans(), st.integers(2, 60))
def test_every_shown_character_stands_on_one_line_but_spaces_at_its_end(
    raw: str, opened: bool, width: int
) -> None:
    shown = show(body(raw), opened=opened)
    lines = lines_of(shown, width)
    words = "".join(shown.text[line.start : line.end] for line in lines)

    assert "".join(words.split()) == "".join(shown.text.split())
    for line in lines:
        side = len(line.lead) if line.frame == "inside" else 0
        assert cells(line.lead + shown.text[line.start : line.end]) + side <= width


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6))
def test_flattened_styles_are_those_that_lie_above_each_character(
    ranges: list[tuple[int, int]],
) -> None:
    styles = [Style(color=f"color({number + 1})") for number in range(len(ranges))]
    marks = [(start, end, style) for (start, end), style in zip(ranges, styles, strict=True)]
    flat = list(flattened(marks))

    for at in range(31):
        above = [style for start, end, style in marks if start <= at < end]
        found = [style for start, end, style in flat if start <= at < end]
        assert [style.color for style in found] == [style.color for style in above[-1:]]
