"""What the word at the cursor may become, above the composer, which keeps the focus."""

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pychat.tui import render
from pychat.tui.completion import ROWS, Candidate, Token

_LABEL_CELLS = 34
"""A name may be as long as it likes; what it is stands beside it."""


class Popup(Static):
    class Taken(Message):
        """By a click."""

    def __init__(self) -> None:
        super().__init__(id="popup")
        self.display = False
        self.token: Token | None = None
        self.chosen_by_hand = False
        self._rows: tuple[Candidate, ...] = ()
        self._at = 0

    @property
    def rows(self) -> tuple[Candidate, ...]:
        return self._rows

    @property
    def chosen(self) -> Candidate:
        return self._rows[self._at]

    def show(self, token: Token, rows: Sequence[Candidate]) -> None:
        """At most ROWS; with none it closes."""
        shown = tuple(rows[:ROWS])
        self.token = token
        if shown != self._rows:
            self._rows, self._at, self.chosen_by_hand = shown, 0, False
            self._paint()
        self.display = bool(shown)

    def close(self) -> None:
        if self.display:
            self._rows, self.token = (), None
            self.display = False

    def step(self, by: int) -> None:
        self._at = (self._at + by) % len(self._rows)
        self.chosen_by_hand = True
        self._paint()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row = event.y - self.gutter.top
        if 0 <= row < len(self._rows):
            self._at = row
            self.post_message(self.Taken())

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        labels = [render.label(row.label) for row in self._rows]
        cells = max((min(_LABEL_CELLS, Content(label).cell_length) for label in labels), default=0)
        lines = [
            _line(label, row.detail, cells, chosen=index == self._at)
            for index, (label, row) in enumerate(zip(labels, self._rows, strict=True))
        ]
        self.update(Content("\n").join(lines))


def _line(label: str, detail: str, cells: int, *, chosen: bool) -> Content:
    shown = Content(label).truncate(cells, ellipsis=True, pad=True)
    told = Content(f"  {render.label(detail)}" if detail else "")
    line = Content.assemble(" ", shown, told.stylize("$foreground-muted"), " ")
    # By its shape, too: not every terminal has colours.
    return line.stylize("bold reverse") if chosen else line
