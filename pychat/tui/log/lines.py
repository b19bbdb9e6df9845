"""The lines that a shown text takes at a width, with what stands before each. Pure."""

from typing import Literal, NamedTuple

from pychat.tui.log.markup import Block, Shown
from pychat.tui.log.wrap import wrap

QUOTE_BAR = "▌ "
CODE_SIDE = "│ "
_FRAMED = 16
"""Cells below which code has no sides: they would leave it too little."""


class TextLine(NamedTuple):
    """`start` and `end` are characters of the shown text; a code's frame has none."""

    start: int
    end: int
    lead: str = ""
    """Before the text on each line, and no part of it."""
    frame: Literal["", "top", "inside", "bottom"] = ""
    block: Block | None = None


def lines_of(shown: Shown, width: int) -> list[TextLine]:
    """At least one. `width` is at least 2."""
    if not shown.blocks:
        return [TextLine(start, end) for start, end in wrap(shown.text, width)]
    lines: list[TextLine] = []
    for block in shown.blocks:
        match block.kind:
            case "code":
                lines += _code(shown.text, block, width)
            case "item":
                lines += _item(shown.text, block, width)
            case "quote" if width >= len(QUOTE_BAR) + 2:
                lines += _wrapped(shown.text, block, width, QUOTE_BAR)
            case _:
                lines += _wrapped(shown.text, block, width, "")
    return lines


def sides(width: int) -> str:
    """What stands to the left of code in a column of so many cells."""
    return CODE_SIDE if width >= _FRAMED else ""


def _wrapped(text: str, block: Block, width: int, lead: str) -> list[TextLine]:
    at = block.start
    spans = wrap(text[at : block.end], width - len(lead))
    return [TextLine(at + start, at + end, lead, "", block) for start, end in spans]


def _item(text: str, block: Block, width: int) -> list[TextLine]:
    """What is below the mark stands under its words, while there is room for that."""
    hang = min(block.hang, width // 2)
    at = block.start + hang
    first, *more = wrap(text[at : block.end], width - hang)
    lines = [TextLine(block.start, at + first[1], "", "", block)]
    return lines + [TextLine(at + start, at + end, " " * hang, "", block) for start, end in more]


def _code(text: str, block: Block, width: int) -> list[TextLine]:
    lead = sides(width)
    spans = wrap(text[block.start : block.end], width - 2 * len(lead))
    at = block.start
    return [
        TextLine(at, at, "", "top", block),
        *(TextLine(at + start, at + end, lead, "inside", block) for start, end in spans),
        TextLine(block.end, block.end, "", "bottom", block),
    ]
