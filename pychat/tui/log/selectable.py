"""The mouse in a log: which row it is on, and what it selects.

A selection counts in characters of rows, so it stays with its text whatever is scrolled, resized or
put before it.
"""

from textual import events
from textual.geometry import Offset
from textual.scroll_view import ScrollView
from textual.selection import Selection

from pychat.protocol.replies import Message
from pychat.tui.log.rows import MessageRow, Row
from pychat.tui.log.selecting import row_text, text_between
from pychat.tui.log.text_painter import HIDDEN
from pychat.tui.log.transcript import Transcript


class SelectableLog(ScrollView):
    """Whoever paints the transcript paints what is selected of it."""

    def __init__(
        self,
        transcript: Transcript,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._transcript = transcript
        self._pressed_row: Row | None = None
        self._pressed_at: Offset | None = None

    def message_at(self, y: int) -> Message | None:
        """The message on the widget's line `y`."""
        row = self._row_at(y)
        return row.message if isinstance(row, MessageRow) else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed_row = self._row_at(event.y)
        self._pressed_at = event.offset

    def on_click(self, event: events.Click) -> None:
        """A click on what is hidden opens it, and the next one closes it; the end of a selection
        and a double click do not."""
        message = self.message_at(event.y)
        if (
            message is not None
            and event.chain == 1
            and event.offset == self._pressed_at
            and HIDDEN in event.style.meta
        ):
            self.toggle_hidden(message.seq)

    def toggle_hidden(self, seq: int) -> bool:
        raise NotImplementedError

    def text_select_all(self) -> None:
        """A double click selects the message."""
        row = self._pressed_row
        if row is None:
            return
        end = Offset(len(row_text(row, self._transcript.layout)), row.id)
        self.screen.selections = {self: Selection(Offset(0, row.id), end)}

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        rows = self._transcript.rows
        first = rows.first.id if selection.start is None else selection.start.y
        place = rows.find(first)
        if place is None:
            return None
        return text_between(rows.onward(place), selection, self._transcript.layout), "\n"

    def _row_at(self, y: int) -> Row | None:
        if not 0 <= y < self._transcript.rows.total - self._transcript.y:
            return None
        row, _ = next(self._transcript.seen(self._transcript.y + y))
        return row
