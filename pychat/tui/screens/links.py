"""Which of several links: each in full, since its end may be what matters."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pychat.tui import render
from pychat.tui.screens.layers import Box


class LinksScreen(Box[str | None]):
    CSS_PATH = "message.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "cancel", show=False, priority=True, id="links.cancel")
    ]

    def __init__(self, links: Sequence[str]) -> None:
        super().__init__()
        self._links = list(links)

    def compose(self) -> ComposeResult:
        with Vertical(id="links"):
            yield Static("Open which link in the browser?", id="title")
            yield OptionList(*(Option(render.line(link)) for link in self._links), markup=False)
            yield Static("↑↓ choose · Enter opens · Esc closes", id="keys")

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._links[event.option_index])
