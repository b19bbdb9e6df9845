"""Before something typed would be lost: do it all the same, or stay."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pychat.tui import render
from pychat.tui.screens.layers import Box


class ConfirmScreen(Box[bool]):
    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,enter", "dismiss(False)", "stay", show=False, priority=True, id="confirm.stay"
        ),
        # Whoever presses it twice means it.
        Binding("ctrl+q", "dismiss(True)", "quit", show=False, priority=True, id="confirm.quit"),
    ]

    def __init__(self, text: str, *, key: str) -> None:
        """`key` is the letter that does it."""
        super().__init__()
        self._text = text
        self._key = key

    def compose(self) -> ComposeResult:
        yield Static(render.line(self._text), id="text")

    def on_key(self, event: events.Key) -> None:
        if event.key.lower() == self._key:
            event.stop()
            self.dismiss(True)
