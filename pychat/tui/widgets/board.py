"""What is seen in the Hall, outside of all rooms: the welcome and what the Hall has to say."""

from collections import deque
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from pychat.protocol.replies import RoomInfo
from pychat.tui import render
from pychat.tui.keymap import live_keymap
from pychat.tui.welcome import card

LINES = 200
"""Kept; older ones go."""


class Board(VerticalScroll, can_focus=False):
    def __init__(self) -> None:
        super().__init__(id="board")
        self._greeting: tuple[str, str, Sequence[RoomInfo] | None] | None = None
        self._lines: deque[Content] = deque(maxlen=LINES)

    def compose(self) -> ComposeResult:
        yield Static(id="welcome")
        yield Static(id="told")

    def welcome(self, hall: str, name: str, rooms: Sequence[RoomInfo] | None) -> None:
        """Greet anew; `rooms` is None as long as they are not known."""
        self._greeting = hall, name, rooms
        self.greet()

    def clear(self) -> None:
        """Take away what was told."""
        self._lines.clear()
        self.query_one("#told", Static).update(Content(""))

    def on_resize(self) -> None:
        self.greet()

    def watch_show_vertical_scrollbar(self) -> None:
        # That leaves another width and is no new size.
        self.greet()

    def note(self, text: str, at: str) -> None:
        """A line below the others; `at` is the time as it is to be shown."""
        self._lines.append(Content.assemble((f"{at} ", "$foreground-muted"), render.label(text)))
        self.query_one("#told", Static).update(Content("\n").join(self._lines))
        self.scroll_end(animate=False)

    def greet(self) -> None:
        if self._greeting is not None:
            width = max(1, self.scrollable_content_region.width)
            self.query_one("#welcome", Static).update(
                card(*self._greeting, width, live_keymap(self))
            )
