"""What is seen while the Hall is dialled: where, for how long, and how to stop it."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from pychat.tui import render


class ConnectingScreen(Screen[None]):
    """Esc calls `cancel`; nothing else happens here."""

    CSS_PATH = "connecting.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False, id="connecting.cancel")
    ]

    def __init__(
        self, address: str, *, clock: Callable[[], float], cancel: Callable[[], None]
    ) -> None:
        super().__init__()
        self._address = address
        self._clock = clock
        self._cancel = cancel
        self._since = clock()

    def compose(self) -> ComposeResult:
        yield Static(id="dialling")

    def on_mount(self) -> None:
        self._paint()
        self.set_interval(1.0, self._paint)

    def action_cancel(self) -> None:
        self._cancel()

    def _paint(self) -> None:
        seconds = int(self._clock() - self._since)
        self.query_one("#dialling", Static).update(
            Content.assemble(
                ("◌ ", "$text-warning"),
                "Connecting to ",
                (render.label(self._address), "bold"),
                f" … {seconds} s\n\n",
                ("Esc cancels", "$foreground-muted"),
            )
        )
