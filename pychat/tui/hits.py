"""A message that was found, as one line with what was searched for in sight. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from textual.content import Content

from pychat.protocol.replies import Message
from pychat.tui import render
from pychat.tui.log.markup import preview
from pychat.tui.log.wrap import cells

QUERY_WORDS = 32
"""Of a query; those after them are not marked."""

_BEFORE = 12
"""Characters kept before the first mark, where the text has to be cut."""

_WORD = re.compile(r"[^\W_]+")
_WHEN_CELLS = 11
_NAME_CELLS = 10
_ROOM_CELLS = 12


def found_line(message: Message, when: str, query: str, width: int, *, room: bool) -> Content:
    """At most `width` cells. With its room where several are searched."""
    parts = [Content.styled(f"{when:<{_WHEN_CELLS}} ", "$foreground-muted")]
    if room:
        parts.append(Content.styled(_column(f"#{message.room}", _ROOM_CELLS), "$text-accent"))
    parts.append(Content.styled(_column(message.sender, _NAME_CELLS), "bold"))
    lead = Content.assemble(*parts)
    text = excerpt(message.text, query, max(8, width - lead.cell_length))
    return Content.assemble(lead, text).truncate(width, ellipsis=True)


def excerpt(text: str, query: str, width: int) -> Content:
    """The text as one line, cut so that its first mark is seen in `width` cells."""
    line = " ".join(preview(text).split())
    spans = marks(line, query)
    if spans and cells(line) > width and cells(line[: spans[0][1]]) > width - 1:
        start = max(0, spans[0][0] - _BEFORE)
        # At the beginning of a word, if there is one.
        start = line.find(" ", start, spans[0][0]) + 1 or start
        line = f"…{line[start:]}"
        spans = [(begin - start + 1, end - start + 1) for begin, end in spans]
    content = Content(line)
    for begin, end in spans:
        content = content.stylize("reverse", begin, end)
    return content


def marks(text: str, query: str) -> list[tuple[int, int]]:
    """Where words of the text begin with a word of the query, or else contain one.

    Close to how a Hall finds it: case and accents make no difference.
    """
    folded, places = _fold(text)
    words = _WORD.findall(_fold(query)[0])[:QUERY_WORDS]
    found: set[tuple[int, int]] = set()
    for word in words:
        spots = list(_spots(folded, word))
        beginnings = [at for at in spots if at == 0 or not folded[at - 1].isalnum()]
        for at in beginnings or spots:
            found.add((places[at], places[at + len(word) - 1] + 1))
    return _apart(sorted(found))


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """The text without case and accents, and where each of its characters stood."""
    if text.isascii():
        return text.lower(), range(len(text))
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for part in unicodedata.normalize("NFKD", char.casefold()):
            if not unicodedata.combining(part):
                chars.append(part)
                places.append(place)
    return "".join(chars), places


def _spots(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _column(text: str, width: int) -> str:
    shown = Content(render.label(text)).truncate(width, ellipsis=True)
    return f"{shown.plain}{' ' * (width - shown.cell_length + 1)}"
