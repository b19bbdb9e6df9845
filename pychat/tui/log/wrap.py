"""Lines of text by width in terminal cells. Pure; the text has no control character but newline.

A line break takes the place of one space, or stands beside a wide character, or cuts a word that
is longer than a line. Nothing else is left out.
"""

import re
from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size

Span = tuple[int, int]
"""Where a line begins and ends in the text."""

_JOINER = "\u200d"
# All of one cell each, so that a character is a cell and `str.rfind` finds the break.
_NARROW = re.compile(
    r"[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2500-\u259f]*\Z"
)

_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int) -> str:
    """At most `width` cells of a text, with an ellipsis where something was cut."""
    if cells(text) <= width:
        return text
    used = end = 0
    for _, stop, size in _clusters(text, 0, len(text)):
        if used + size > width - 1:
            break
        used, end = used + size, stop
    return text[:end] + "…" if width > 0 else ""


def wrap(text: str, width: int) -> list[Span]:
    """The lines of a text, at least one. `width` is at least 2: the cells of a wide character."""
    lines: list[Span] = []
    start = 0
    if text.isascii() or _NARROW.match(text.replace("\n", "")):
        wrap_paragraph = _wrap_narrow
    else:
        wrap_paragraph = _wrap_wide
    while (end := text.find("\n", start)) >= 0:
        wrap_paragraph(text, start, end, width, lines)
        start = end + 1
    wrap_paragraph(text, start, len(text), width, lines)
    return lines


def _wrap_narrow(text: str, start: int, end: int, width: int, lines: list[Span]) -> None:
    while end - start > width:
        cut = text.rfind(" ", start, start + width + 1)
        if cut <= start:
            lines.append((start, start + width))
            start += width
        else:
            lines.append((start, cut))
            start = cut + 1
    lines.append((start, end))


def _wrap_wide(text: str, start: int, end: int, width: int, lines: list[Span]) -> None:
    used = 0
    # The last place for a break: where this line would end, where the next would begin, and the
    # cells from this line's beginning to there.
    last: tuple[int, int, int] | None = None
    for at, after, size in _clusters(text, start, end):
        space = text[at:after] == " "
        if size == 2 and at > start:
            last = (at, at, used)
        if used + size > width and at > start:
            if space:
                lines.append((start, at))
                start, used, last = after, 0, None
                continue
            stop, resume, before = last or (at, at, used)
            lines.append((start, stop))
            start, used, last = resume, used - before, None
        used += size
        if space and at > start:
            last = (at, after, used)
        elif size == 2:
            last = (after, after, used)
    lines.append((start, end))


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """What a cursor steps over: begin, end and cells. Their sum is `cell_len` of the whole."""
    size = get_character_cell_size
    at = start
    while at < end:
        char = text[at]
        after = at + 1
        if char == _JOINER or (char >= "\U0001f1e6" and _FLAG.match(text, at, end)):
            after = at + 2
        while after < end and (char := text[after]) > "~":
            if char == _JOINER:
                after += 2
            elif size(char) == 0:
                after += 1
            else:
                break
        after = min(after, end)
        yield at, after, size(text[at]) if after == at + 1 else cell_len(text[at:after])
        at = after
