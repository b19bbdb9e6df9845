"""Ctrl+O: a letter over each pane; pressing it goes there."""

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pychat.tui.screens.layers import Box

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

LETTERS = {"r": "rooms", "l": "log", "m": "members", "c": "composer"}
"""What is gone to, by its id."""


class JumpScreen(Box[str | None]):
    CSS_PATH = "jump.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+o", "dismiss(None)", "back", show=False, priority=True, id="jump.back")
    ]

    def __init__(self, hall: "HallScreen") -> None:
        super().__init__()
        self._hall = hall

    def compose(self) -> ComposeResult:
        for letter, pane in LETTERS.items():
            if self._is_there(pane):
                yield Static(f" {letter.upper()} ", id=f"jump-{pane}", classes="letter")
        yield Static(" a letter goes there · Esc back ", id="jump-keys")

    def on_mount(self) -> None:
        self._place()

    def on_resize(self) -> None:
        self._place()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        pane = LETTERS.get(event.key)
        if pane is not None and self._is_there(pane):
            self.dismiss(pane)

    def _is_there(self, pane: str) -> bool:
        # The lists can be shown; nobody is a member of the Hall itself.
        return pane in ("rooms", "composer") or self._hall.here is not None

    def _place(self) -> None:
        # What is hidden is gone to from the edge on which it comes.
        edges = {"rooms": (0, 4), "members": (max(0, self.size.width - 3), 4)}
        for pane in LETTERS.values():
            for letter in self.query(f"#jump-{pane}"):
                widget = self._hall.query_one(f"#{pane}")
                region = widget.region
                corner = (region.x, region.y) if widget.display else edges.get(pane, (0, 0))
                letter.styles.offset = corner
