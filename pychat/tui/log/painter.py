"""A row as strips, ready for the screen. Pure: what it shows follows from its arguments alone.

Every segment that stands for text carries an offset (character in the text, id of the row), which
is what Textual's selection is made of; so a selection outlives resizing and older messages. Beside
the text it is below 0 or above the text's length, and whoever uses it clamps.
"""

from itertools import islice
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pychat.client.mentions import Me
from pychat.protocol.names import fold
from pychat.protocol.replies import Message
from pychat.tui.log.days import Calendar, day_name
from pychat.tui.log.layout import (
    EDITED,
    Layout,
    Shape,
    is_action,
    name_lines,
    note_indent,
    note_lines,
    shape,
    state_of,
)
from pychat.tui.log.line import Line
from pychat.tui.log.lines import TextLine
from pychat.tui.log.markup import preview
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
from pychat.tui.log.text_painter import TextPainter
from pychat.tui.log.wrap import Span, cells, fit
from pychat.tui.message_commands import ACTION
from pychat.tui.render import label
from pychat.tui.telling import room_title

_PAST_ALL = 1 << 30
"""An offset after every character that a text can have."""
_EMOJI_CELLS = 12
"""Of one reaction, which may be a word."""
_WHO = 1_000
"""Names of one reaction among which one's own is looked for."""
REACTION, ORIGINAL = "reaction", "original"
"""In the meta of what a click reacts with, and of what leads to the message that is answered."""
CHOSEN_BAR = "▌"
_MINE = Style(bold=True, underline=True)
"""A reaction of one's own."""


NAMES_ME = "@"
"""Beside the time of a message that does: no colour tells it alone."""


class Ink(NamedTuple):
    """What all rows are painted with."""

    palette: Palette
    calendar: Calendar
    today: int
    """The day that day lines call so."""
    me: Me = Me()


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
        led = Style.from_meta({ORIGINAL: row.message.reply_to})
        lines[-1].add(quote, palette.dim + led, -len(quote))
    form = shape(row, layout)
    length = len(form.shown.text)
    painter = TextPainter(row, form.shown, layout, palette, selected)
    for number in range(form.height):
        text_line = form.lines[number] if number < len(form.lines) else TextLine(length, length)
        lines.append(_indented(row, layout, ink, text_line.start, first == len(lines)))
        painter.paint(lines[-1], text_line)
        _add_tail(lines[-1], number, row, form, layout, palette)
    if row.message.reactions and not row.message.deleted:
        lines.append(_indented(row, layout, ink, length, False))
        _add_reactions(lines[-1], row.message.reactions, length, layout, ink)
    return lines


def _add_reactions(
    line: Line, reactions: dict[str, list[str]], at: int, layout: Layout, ink: Ink
) -> None:
    """As many as there is room for; the others are counted."""
    dim = ink.palette.dim
    left = layout.text
    for number, (emoji, who) in enumerate(reactions.items()):
        shown = f"{fit(label(emoji), _EMOJI_CELLS)}{len(who)}"
        rest = len(reactions) - number
        gap = " " if number else ""
        # Room for what tells of those that follow has to stay.
        tail = len(f" +{rest}") if rest > 1 else 0
        if cells(gap + shown) + tail > left:
            line.add(fit(f"{gap}+{rest}", left), dim, at)
            return
        style = dim + Style.from_meta({REACTION: emoji})
        if any(fold(name) in ink.me.names for name in islice(who, _WHO)):
            style += _MINE
        line.add(gap, dim, at)
        line.add(shown, style, at)
        left -= cells(gap + shown)


def marked(strip: Strip, layout: Layout, base: Style, chosen: Style) -> Strip:
    """A line of the message that is chosen: a bar to its left, and another background."""
    ground = Style(bgcolor=chosen.bgcolor)
    strip = Strip(
        [
            Segment(text, style + ground if style and style.bgcolor == base.bgcolor else style)
            for text, style, _ in strip
        ],
        strip.cell_length,
    )
    column = 0 if layout.narrow else layout.indent - 1
    place = strip.crop(column, column + 1)
    if place.text != " ":
        # Beside the name in a narrow log.
        return strip
    bar = Segment(CHOSEN_BAR, next(iter(place)).style)
    return Strip.join([strip.crop(0, column), Strip([bar], 1), strip.crop(column + 1)])


def _indented(row: MessageRow, layout: Layout, ink: Ink, start: int, first: bool) -> Line:
    line = Line(row.id, ink.palette.text)
    if first and not layout.narrow:
        _add_head(line, row, layout, ink)
        line.add(" " * (layout.indent - line.used), ink.palette.text, -1)
    elif first and row.told is not Told.ALL and _names_me(row, ink):
        line.add(NAMES_ME, ink.palette.unread, start - layout.indent)
        line.add(" " * (layout.indent - 1), ink.palette.text, start - layout.indent + 1)
    else:
        line.add(" " * layout.indent, ink.palette.text, start - layout.indent)
    return line


def _names_me(row: MessageRow, ink: Ink) -> bool:
    return ink.me.is_meant(row.message) and not ink.me.is_called(row.message.sender)


def _add_head(line: Line, row: MessageRow, layout: Layout, ink: Ink) -> None:
    """The time and the name, or what the row tells of them."""
    before = -layout.width
    if _names_me(row, ink):
        clock = _clock(row.message.time, layout, ink) if row.told else " " * layout.clock
        line.add(clock, ink.palette.dim, before)
        line.add(NAMES_ME, ink.palette.unread, before + layout.clock)
    elif row.told:
        line.add(f"{_clock(row.message.time, layout, ink)} ", ink.palette.dim, before)
    if row.told is Told.ALL:
        name = row.message.sender
        line.add(fit(label(name), layout.name), ink.palette.name(name), before + layout.clock + 1)


def _clock(time: int, layout: Layout, ink: Ink) -> str:
    return ink.calendar.clock(time, layout.hours).rjust(layout.clock)


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
    if is_action(message.text):
        return f"⤷ * {label(message.sender)} {preview(message.text[len(ACTION) :])}"
    return f"⤷ {label(message.sender)}: {preview(message.text)}"


def _note(row: NoteRow, layout: Layout, ink: Ink) -> list[Line]:
    text, spans = note_lines(row, layout)
    lines = []
    for number, (start, end) in enumerate(spans):
        line = Line(row.id, ink.palette.text)
        if number == 0:
            line.add(f"{_clock(row.time, layout, ink)} ", ink.palette.dim, -layout.width)
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
        words = f"this is the beginning of {label(room_title(row.room))}" if row.room else ""
        if row.empty and words:
            words += " · nothing said yet"
    line = Line(row.id, palette.text)
    words = fit(words, layout.width)
    line.add(" " * ((layout.width - cells(words)) // 2), palette.text, -layout.width)
    line.add(words, palette.dim, 0)
    return line
