"""The line above the composer: what is wrong, or else who types and what is below."""

from textual.content import Content
from textual.widgets import Static

from pychat.tui import render


class SignalLine(Static):
    """A complaint stays until the person acts on it; it is where their eyes are."""

    def __init__(self) -> None:
        super().__init__(id="signal")
        self._complaint = ""
        self._typing = ""
        self._below = 0

    @property
    def complaint(self) -> str:
        return self._complaint

    def complain(self, text: str) -> None:
        """One sentence; empty when all is well again."""
        if text != self._complaint:
            self._complaint = text
            self._paint()

    def show(self, typing: str, below: int) -> None:
        if (typing, below) != (self._typing, self._below):
            self._typing, self._below = typing, below
            self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        width = self.size.width
        if self._complaint:
            self.update(Content.styled(f"✗ {render.label(self._complaint)}", "$text-error"))
            return
        below = Content.styled(f"▼ {self._below} new below — End" if self._below else "", "bold")
        room = max(0, width - below.cell_length - 1)
        typing = render.line(self._typing).truncate(room, ellipsis=True)
        gap = max(0, width - typing.cell_length - below.cell_length)
        self.update(Content.assemble(typing.stylize("$foreground-muted italic"), " " * gap, below))
