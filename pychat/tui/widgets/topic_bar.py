"""The line above the log: the room, what it is about, and how many are in it."""

from textual.content import Content
from textual.widgets import Static

from pychat.tui import render


class TopicBar(Static):
    def __init__(self) -> None:
        super().__init__(id="topic")
        self._shown = ("", "", "")

    def show(self, place: str, topic: str, right: str) -> None:
        if (place, topic, right) != self._shown:
            self._shown = (place, topic, right)
            self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        width = self.size.width
        if not width:
            return
        place, topic, right = self._shown
        left = Content.assemble((render.label(place), "bold"))
        if topic:
            left = Content.assemble(left, (" — ", "$foreground-muted"), render.label(topic))
        left = left.truncate(max(1, width - len(right) - 1), ellipsis=True)
        gap = max(0, width - left.cell_length - len(right))
        line = Content.assemble(left, " " * gap, (right, "$foreground-muted"))
        # Always one line: there is nothing to lay out.
        self.update(line, layout=False)
