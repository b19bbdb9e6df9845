"""A row as strips, ready for the screen. Pure: what it shows follows from its arguments alone.

Every segment that stands for text carries an offset (character in the text, id of the row), which
is what Textual's selection is made of; so a selection outlives resizing and older messages. Beside
the text it is below 0 or above the text's length, and whoever uses it clamps.
"""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pychat.protocol.replies import Message
from pychat.tui.log.days import Calendar, day_name
from pychat.tui.log.layout import (
    CLOCK,
    EDITED,
    Layout,
    Shape,
    name_lines,
    note_indent,
    note_lines,
    shape,
    state_of,
)
from pychat.tui.log.palette import Palette
from pychat.tui.log.rows import (
    DayRow,
    MessageRow,
    NoteRow,
    Row,
    RuleRow,
    Told,
    TopRow,
    UnreadRow,
)
from pychat.tui.log.wrap import Span, cells, fit
from pychat.tui.render import body, label

_URL = re.compile(r"https?://\S+")
_PAST_ALL = 1 << 30
"""An offset after every character that a text can have."""
_REACTIONS = 50
"""More than a line has room for."""
_AFTER_URL = ".,;:!?'\"*_>]}"


class Ink(NamedTuple):
    """What all rows are painted with."""

    palette: Palette
    calendar: Calendar
    today: int
    """The day that day lines call so."""


class Line:
    """A strip in the making."""

    __slots__ = ("_base", "_id", "_segments", "used")

    def __init__(self, row_id: int, base: Style) -> None:
        self._id = row_id
        self._base = base
        self._segments: list[Segment] = []
        self.used = 0
        """Cells."""

    def add(self, text: str, style: Style, at: int) -> None:
        """Text whose first character has the offset `at`."""
        if text:
            offset = Style.from_meta({"offset": (at, self._id)})
            self._segments.append(Segment(text, style + offset))
            self.used += cells(text)

    def beside(self, text: str, style: Style) -> None:
        """Text that is no part of the message and follows all that is."""
        self._segments.append(Segment(text, style))
        self.used += cells(text)

    def pad(self, column: int) -> None:
        if column > self.used:
            self.beside(" " * (column - self.used), self._base)

    def strip(self, layout: Layout) -> Strip:
        width = layout.width + layout.margin
        self.pad(width)
        return Strip(self._segments, self.used).adjust_cell_length(width, self._base)


def paint(
    row: Row,
    layout: Layout,
    ink: Ink,
    *,
    quoted: Message | None = None,
    selected: Span | None = None,
) -> list[Strip]:
    """As many strips as `layout.heights` says. `quoted` is what the row replies to, if loaded."""
    match row:
        case MessageRow():
            lines = _message(row, layout, ink, quoted, selected)
        case NoteRow():
            lines = _note(row, layout, ink)
        case DayRow():
            lines = [_rule(row.id, day_name(row.day, ink.today), "─", layout, ink.palette.dim)]
        case RuleRow():
            lines = [_rule(row.id, label(row.text), "─", layout, ink.palette.dim)]
        case UnreadRow():
            lines = [_rule(row.id, f"{row.count} new", "╌", layout, ink.palette.unread)]
        case TopRow():
            lines = [_top(row, layout, ink.palette)]
    return [line.strip(layout) for line in lines]


def blank(row: Row, layout: Layout, ink: Ink) -> Strip:
    """A line below the last row."""
    line = Line(row.id, ink.palette.text)
    line.add(" " * (layout.width + layout.margin), ink.palette.text, _PAST_ALL)
    return line.strip(layout)


def links(text: str) -> Iterator[tuple[int, int, str]]:
    """The web addresses in a text: begin, end and address. Other schemes are never made links."""
    for found in _URL.finditer(text):
        url = found[0].rstrip(_AFTER_URL)
        # Closing brackets that the address did not open belong to the sentence around it.
        unopened = max(0, url.count(")") - url.count("("))
        closing = len(url) - len(url.rstrip(")"))
        url = url[: len(url) - min(unopened, closing)].rstrip(_AFTER_URL)
        # A terminal takes only ASCII here, and an address in other letters can look like another.
        if url.isascii() and url.isprintable() and not url.endswith("//"):
            yield found.start(), found.start() + len(url), url


def _message(
    row: MessageRow, layout: Layout, ink: Ink, quoted: Message | None, selected: Span | None
) -> list[Line]:
    palette = ink.palette
    lines: list[Line] = []
    if name_lines(row, layout):
        lines.append(Line(row.id, palette.text))
        _add_head(lines[0], row, layout, ink)
    first = len(lines)
    if row.message.reply_to is not None:
        quote = fit(_quote(quoted), layout.text)
        lines.append(_indented(row, layout, ink, 0, first == len(lines)))
        lines[-1].add(quote, palette.dim, -len(quote))
    form = shape(row, layout)
    marks = _marks(row, form.text, palette, selected)
    style = palette.dim if row.message.deleted else palette.text
    for number in range(form.height):
        start, end = form.lines[number] if number < len(form.lines) else (len(form.text),) * 2
        lines.append(_indented(row, layout, ink, start, first == len(lines)))
        for begin, stop, marked in _pieces(start, end, marks, style):
            lines[-1].add(form.text[begin:stop], marked, begin)
        _add_tail(lines[-1], number, row, form, layout, palette)
    if row.message.reactions and not row.message.deleted:
        lines.append(_indented(row, layout, ink, len(form.text), False))
        reactions = islice(row.message.reactions.items(), _REACTIONS)
        counts = (f"{label(emoji)}{len(who)}" for emoji, who in reactions)
        lines[-1].add(fit(" ".join(counts), layout.text), palette.dim, len(form.text))
    return lines


def _indented(row: MessageRow, layout: Layout, ink: Ink, start: int, first: bool) -> Line:
    line = Line(row.id, ink.palette.text)
    if first and not layout.narrow:
        _add_head(line, row, layout, ink)
        line.add(" " * (layout.indent - line.used), ink.palette.text, -1)
    else:
        line.add(" " * layout.indent, ink.palette.text, start - layout.indent)
    return line


def _add_head(line: Line, row: MessageRow, layout: Layout, ink: Ink) -> None:
    """The time and the name, or what the row tells of them."""
    before = -layout.width
    if row.told:
        line.add(f"{ink.calendar.clock(row.message.time)} ", ink.palette.dim, before)
    if row.told is Told.ALL:
        name = row.message.sender
        line.add(fit(label(name), layout.name), ink.palette.name(name), before + CLOCK + 1)


def _add_tail(
    line: Line, number: int, row: MessageRow, form: Shape, layout: Layout, palette: Palette
) -> None:
    if number == form.edited:
        if line.used > layout.indent:
            line.beside(" ", palette.text)
        line.beside(EDITED, palette.dim)
    if number == form.state:
        state = state_of(row, layout)
        line.pad(layout.width - cells(state))
        line.beside(state, palette.state)


def _quote(message: Message | None) -> str:
    if message is None:
        return "⤷ an earlier message"
    if message.deleted:
        return f"⤷ {label(message.sender)}: message deleted"
    return f"⤷ {label(message.sender)}: {body(message.text[:400])}".replace("\n", " ")


def _marks(
    row: MessageRow, text: str, palette: Palette, selected: Span | None
) -> list[tuple[int, int, Style]]:
    """Stretches of the text with a style of their own, the later above the earlier."""
    marks = []
    if "://" in text and not row.message.deleted:
        marks = [(at, end, palette.link + Style(link=url)) for at, end, url in links(text)]
    if selected is not None:
        marks.append((*selected, palette.selected))
    return marks


def _pieces(
    start: int, end: int, marks: list[tuple[int, int, Style]], style: Style
) -> Iterator[tuple[int, int, Style]]:
    """A line cut where marks begin and end."""
    marks = [mark for mark in marks if mark[0] < end and start < mark[1]]
    if not marks:
        yield start, end, style
        return
    edges = {min(max(edge, start), end) for mark in marks for edge in mark[:2]}
    cuts = sorted({start, end} | edges)
    for begin, stop in pairwise(cuts):
        piece = style
        for first, last, marked in marks:
            if first <= begin and stop <= last:
                piece += marked
        yield begin, stop, piece


def _note(row: NoteRow, layout: Layout, ink: Ink) -> list[Line]:
    text, spans = note_lines(row, layout)
    lines = []
    for number, (start, end) in enumerate(spans):
        line = Line(row.id, ink.palette.text)
        if number == 0:
            line.add(f"{ink.calendar.clock(row.time)} ", ink.palette.dim, -layout.width)
        line.add(" " * (note_indent(layout) - line.used), ink.palette.text, start - layout.width)
        line.add(text[start:end], ink.palette.dim, start)
        lines.append(line)
    return lines


def _rule(row_id: int, words: str, stroke: str, layout: Layout, style: Style) -> Line:
    line = Line(row_id, style)
    line.add(fit(f" {words} ".center(layout.width, stroke), layout.width), style, 0)
    return line


def _top(row: TopRow, layout: Layout, palette: Palette) -> Line:
    if row.more_before:
        words = "▲ older messages — keep scrolling"
    else:
        words = f"this is the beginning of #{label(row.room)}" if row.room else ""
    line = Line(row.id, palette.text)
    words = fit(words, layout.width)
    line.add(" " * ((layout.width - cells(words)) // 2), palette.text, -layout.width)
    line.add(words, palette.dim, 0)
    return line
