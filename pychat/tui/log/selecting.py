"""Selected text of a log. Offsets are (character in the row's text, id of the row). Pure."""

from collections.abc import Iterable

from textual.selection import Selection

from pychat.tui.log.layout import Layout, shown_of
from pychat.tui.log.rows import MessageRow, NoteRow, Row
from pychat.tui.log.wrap import Span
from pychat.tui.render import label


def span_of(selection: Selection, row: Row, layout: Layout) -> Span | None:
    """The selected characters of a row's text, clamped to it; None if there are none."""
    span = selection.get_span(row.id)
    if span is None or not isinstance(row, MessageRow | NoteRow):
        return None
    text = row_text(row, layout)
    start = min(max(0, span[0]), len(text))
    end = len(text) if span[1] == -1 else min(max(0, span[1]), len(text))
    return (start, end) if start < end else None


def text_between(rows: Iterable[Row], selection: Selection, layout: Layout) -> str:
    """The selected text of rows from the first selected one on: of several rows with names."""
    last = None if selection.end is None else selection.end.y
    parts: list[tuple[Row, str]] = []
    for row in rows:
        if last is not None and row.id > last:
            break
        span = span_of(selection, row, layout)
        if span is not None:
            parts.append((row, row_text(row, layout)[slice(*span)]))
    if len(parts) == 1:
        return parts[0][1]
    return "\n".join(_named(row, text) for row, text in parts)


def row_text(row: Row, layout: Layout) -> str:
    """The text that a row's offsets count in."""
    if isinstance(row, MessageRow):
        return shown_of(row, layout).text
    return label(row.text) if isinstance(row, NoteRow) else ""


def _named(row: Row, text: str) -> str:
    return f"{label(row.message.sender)}: {text}" if isinstance(row, MessageRow) else text
