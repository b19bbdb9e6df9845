"""Where the parts of a row stand at a width, and how many lines it takes. Pure.

The painter draws what `shape` says and `heights` counts the same, so the two cannot differ.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from pychat.tui.clock import CELLS, Hours
from pychat.tui.log.inline import Span as Styled
from pychat.tui.log.lines import TextLine, lines_of
from pychat.tui.log.markup import Shown, as_typed, is_plain, show
from pychat.tui.log.rows import MessageRow, NoteRow, Row, Told, Veiled
from pychat.tui.log.wrap import Span, cells, fit, wrap
from pychat.tui.message_commands import ACTION
from pychat.tui.render import body, label

TEXT_CELLS = 100
"""Longer lines are hard to read."""
EDITED = "(edited)"
DELETED = "message deleted"
VEILED = "from somebody you ignore"
ARRIVED = "✓"
"""A state that takes no line of its own: it says nothing that one has to know."""
_NARROW_INDENT = 2


class Layout(msgspec.Struct, frozen=True):
    """The columns of a log, in cells, and how what is in them is written."""

    width: int
    """Of a row."""
    narrow: bool
    """The name has a line of its own."""
    name: int
    """The name's column."""
    indent: int
    """Where text begins."""
    text: int
    """At least 2, the cells of a wide character."""
    margin: int
    """Painted to the right of each row, under the scrollbar."""
    most: int = TEXT_CELLS
    """That `text` may be."""
    hours: Hours = "24h"
    markdown: bool = True
    """Whether the marks of a text mean something, or are shown as they were typed."""
    copy_key: str = "Alt+C"
    """That copies code."""

    @classmethod
    def of(
        cls,
        width: int,
        *,
        narrow: bool,
        margin: int = 0,
        most: int = TEXT_CELLS,
        hours: Hours = "24h",
        markdown: bool = True,
        copy_key: str = "Alt+C",
    ) -> "Layout":
        clock = CELLS[hours]
        name = 12 if width >= 76 else 8
        indent = _NARROW_INDENT if narrow else clock + 1 + name + 1
        text = max(2, min(most, width - indent))
        name = max(1, width - clock - 1) if narrow else name
        return cls(width, narrow, name, indent, text, margin, most, hours, markdown, copy_key)

    @property
    def clock(self) -> int:
        """The time's column; one cell is between it and what follows."""
        return CELLS[self.hours]


class Shape(NamedTuple):
    """The lines of a text and what follows it. Lines count from the text's first."""

    shown: Shown
    lines: list[TextLine]
    edited: int | None
    """The line on which it says so, after the text."""
    state: int | None
    """The line whose right edge has the state."""
    height: int


def heights(rows: Sequence[Row], layout: Layout) -> list[int]:
    """Each row's lines, at least one."""
    return [
        _message_height(row, layout) if type(row) is MessageRow else _line_height(row, layout)
        for row in rows
    ]


def _line_height(row: Row, layout: Layout) -> int:
    return len(note_lines(row, layout)[1]) if isinstance(row, NoteRow) else 1


def _message_height(row: MessageRow, layout: Layout) -> int:
    message = row.message
    lead = name_lines(row, layout)
    if (
        row.state
        or message.reactions
        or message.edited is not None
        or message.reply_to is not None
        or message.deleted
    ):
        quote = message.reply_to is not None
        reactions = bool(message.reactions) and not message.deleted
        return lead + quote + shape(row, layout).height + reactions
    # Nearly all messages come this way, and most of them are told by their length: on one line
    # nothing is shown longer than it is written.
    text = message.text
    if is_action(text):
        return lead + len(lines_of(shown_of(row, layout), layout.text))
    if len(text) <= layout.text and text.isascii() and text.isprintable():
        return lead + 1
    text = body(text)
    if is_plain(text):
        return lead + len(wrap(text, layout.text))
    return lead + len(lines_of(shown_of(row, layout), layout.text))


def name_lines(row: Row, layout: Layout) -> int:
    """The lines of a row that stand above what it says: these may come and go with the row before
    it."""
    return 1 if layout.narrow and isinstance(row, MessageRow) and row.told is Told.ALL else 0


def shown_of(row: MessageRow, layout: Layout) -> Shown:
    """What is shown, and selected, as the text of a message."""
    if row.message.deleted:
        return Shown(VEILED if isinstance(row.message, Veiled) else DELETED)
    if is_action(row.message.text):
        return _action(row, layout)
    return _text(body(row.message.text), row, layout)


def _text(text: str, row: MessageRow, layout: Layout) -> Shown:
    return show(text, opened=row.opened) if layout.markdown else as_typed(text)


def is_action(text: str) -> bool:
    return text.startswith(ACTION) and not text[len(ACTION) :].isspace() and text != ACTION


def _action(row: MessageRow, layout: Layout) -> Shown:
    """`/me waves` as `* ada waves`. What has blocks is shown without them."""
    text = body(row.message.text[len(ACTION) :]).lstrip()
    shown = _text(text, row, layout)
    if any(block.kind != "text" for block in shown.blocks):
        shown = Shown(text)
    who = f"* {label(row.message.sender)} "
    at = len(who)
    spans = [Styled(span.start + at, span.end + at, *span[2:]) for span in shown.spans]
    return Shown(
        who + shown.text,
        (Styled(0, at - 1, "bold"), Styled(at, at + len(shown.text), "italic"), *spans),
        hides=shown.hides,
    )


def shape(row: MessageRow, layout: Layout) -> Shape:
    shown = shown_of(row, layout)
    lines = lines_of(shown, layout.text)
    line, last = len(lines) - 1, lines[-1]
    used = layout.text if last.frame else cells(last.lead + shown.text[last.start : last.end])
    edited = state = None
    if row.message.edited is not None and not row.message.deleted:
        gap = 1 if used else 0
        if used + gap + len(EDITED) > layout.text:
            line, used, gap = line + 1, 0, 0
        edited, used = line, used + gap + len(EDITED)
    if row.state:
        if layout.indent + used + 2 + cells(state_of(row, layout)) <= layout.width:
            state = line
        elif row.state != ARRIVED:
            state = line = line + 1
    return Shape(shown, lines, edited, state, line + 1)


def state_of(row: MessageRow, layout: Layout) -> str:
    """Where it has to be cut, what stands after its last dot stays: that is what one can do."""
    room = max(1, layout.width - layout.indent)
    state = label(row.state)
    if cells(state) > room:
        why, dot, way_out = state.rpartition(" · ")
        state = fit(why, max(1, room - cells(dot + way_out))) + dot + way_out
    return fit(state, room)


def note_lines(row: NoteRow, layout: Layout) -> tuple[str, list[Span]]:
    """A note's text and its lines; they begin where texts do, or beside the time if narrow."""
    text = label(row.text)
    return text, wrap(text, max(2, min(layout.most, layout.width - note_indent(layout))))


def note_indent(layout: Layout) -> int:
    return layout.clock + 1 if layout.narrow else layout.indent


def chars(rows: Sequence[Row]) -> int:
    """The length of the rows' texts, for estimates."""
    return sum([len(row.message.text) for row in rows if type(row) is MessageRow])
