"""Which Hall to go into, where none was named: a profile, one of the last, or what is typed."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pychat.client import Address, AddressError
from pychat.tui import render
from pychat.tui.screens.layers import Box
from pychat.tui.settings.destination import Destination, destination
from pychat.tui.settings.schema import Settings

_NAME_CELLS = 24
_OWN = (
    "No Hall yet? On this machine `pychat chat` opens one and goes in. For others "
    "`pychat serve 0.0.0.0` does, on a machine that they reach."
)


class WhereScreen(Box[Destination | None]):
    """Ends with None after Esc."""

    CSS_PATH = "where.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False, priority=True, id="where.cancel"),
        Binding("down", "move(1)", "next", show=False, priority=True, id="where.next"),
        Binding("up", "move(-1)", "previous", show=False, priority=True, id="where.previous"),
    ]

    def __init__(self, settings: Settings, last: Sequence[Address]) -> None:
        """`last` are the addresses that one was at, the last one first."""
        super().__init__()
        self._settings = settings
        self._names = [*settings.profiles, *(str(address) for address in last)]

    def compose(self) -> ComposeResult:
        with Vertical(id="where"):
            yield Static("Which Hall?", id="title")
            line = Input(placeholder="HOST or HOST:PORT", id="answer", select_on_focus=True)
            yield line
            yield Static(id="complaint")
            yield OptionList(*(Option(self._line(name)) for name in self._names), markup=False)
            yield Static(_OWN, id="own")
            yield Static("Enter goes there · ↑↓ choose · Esc leaves", id="keys")

    def on_mount(self) -> None:
        line = self.query_one(Input)
        line.cursor_blink = False
        line.focus()
        listed = self.query_one(OptionList)
        listed.display = bool(self._names)
        listed.highlighted = None
        if self._names:
            # The profiles stand first; where one was last is the likeliest.
            self._choose(len(self._settings.profiles) % len(self._names))

    def action_move(self, step: int) -> None:
        if self._names:
            at = self.query_one(OptionList).highlighted
            self._choose(((-1 if at is None and step > 0 else at or 0) + step) % len(self._names))

    def action_cancel(self) -> None:
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)
        self._go(self._names[event.option_index])

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._go(event.value.strip())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._complain("")

    def _choose(self, at: int) -> None:
        self.query_one(OptionList).highlighted = at
        line = self.query_one(Input)
        line.value = self._names[at]
        line.select_all()

    def _go(self, written: str) -> None:
        try:
            self.dismiss(destination(self._settings, written))
        except AddressError as error:
            self._complain(f"✗ {error}")

    def _complain(self, text: str) -> None:
        self.query_one("#complaint", Static).update(render.line(text))

    def _line(self, name: str) -> Content:
        profile = self._settings.profiles.get(name)
        if profile is None:
            return render.line(name)
        shown = render.line(name).truncate(_NAME_CELLS, ellipsis=True).stylize("bold")
        gap = " " * (_NAME_CELLS + 1 - shown.cell_length)
        address = str(destination(self._settings, name).address)
        return Content.assemble(shown, gap, (render.label(address), "$text-muted"))
