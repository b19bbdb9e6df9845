"""What is seen in the Hall, outside of all rooms: the welcome and what the Hall has to say."""

from collections import deque

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from pychat.tui import render

LINES = 200
"""Kept; older ones go."""


class Board(VerticalScroll, can_focus=False):
    def __init__(self) -> None:
        super().__init__(id="board")
        self._lines: deque[Content] = deque(maxlen=LINES)

    def compose(self) -> ComposeResult:
        yield Static(id="welcome")
        yield Static(id="told")

    def welcome(self, card: Content) -> None:
        self.query_one("#welcome", Static).update(card)

    def note(self, text: str, at: str) -> None:
        """A line below the others; `at` is the time as it is to be shown."""
        self._lines.append(Content.assemble((f"{at} ", "$text-muted"), render.label(text)))
        self.query_one("#told", Static).update(Content("\n").join(self._lines))
        self.scroll_end(animate=False)
