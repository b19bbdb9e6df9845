"""The line above the composer: what is wrong, or else who types, and the way back to the end."""

from textual.content import Content
from textual.widgets import Static

from pychat.tui import render


class SignalLine(Static):
    """A complaint stays until the person acts on it; it is where their eyes are."""

    def __init__(self) -> None:
        super().__init__(id="signal")
        self._complaint = ""
        self._quiet = ""
        self._way_back = ""

    @property
    def complaint(self) -> str:
        return self._complaint

    def complain(self, text: str) -> None:
        """One sentence; empty when all is well again."""
        if text != self._complaint:
            self._complaint = text
            self._paint()

    def show(self, quiet: str, way_back: str) -> None:
        """`quiet`: who types, or why there is no connection."""
        if (quiet, way_back) != (self._quiet, self._way_back):
            self._quiet, self._way_back = quiet, way_back
            self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        width = self.size.width
        if self._complaint:
            self.update(Content.styled(f"✗ {render.label(self._complaint)}", "$text-error"))
            return
        below = Content.styled(self._way_back, "bold")
        room = max(0, width - below.cell_length - 1)
        quiet = render.line(self._quiet).truncate(room, ellipsis=True)
        gap = max(0, width - quiet.cell_length - below.cell_length)
        self.update(Content.assemble(quiet.stylize("$foreground-muted italic"), " " * gap, below))
