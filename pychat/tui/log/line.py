"""A strip in the making: each stretch of text with where it is in its row, for the mouse."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pychat.tui.log.layout import Layout
from pychat.tui.log.wrap import cells


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

    def pad(self, column: int, style: Style | None = None) -> None:
        if column > self.used:
            self.beside(" " * (column - self.used), style or self._base)

    def strip(self, layout: Layout) -> Strip:
        width = layout.width + layout.margin
        self.pad(width)
        return Strip(self._segments, self.used).adjust_cell_length(width, self._base)
