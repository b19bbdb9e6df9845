"""A box with a list that typing narrows: Enter picks what is highlighted, Up and Down go on."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from pychat.tui.screens.layers import Box

Thing = TypeVar("Thing")


class NarrowingScreen(Box[Thing | None], Generic[Thing]):
    """Ends with what was picked, or with None. It has an Input and an OptionList."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[Thing] = []

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self.narrow("")

    def narrow(self, typed: str) -> None:
        """Show what fits, by `show`."""
        raise NotImplementedError

    def show(self, found: Sequence[Thing], lines: Sequence[Content]) -> None:
        self._found = list(found)
        listed = self.query_one(OptionList)
        listed.set_options([Option(line) for line in lines])
        listed.highlighted = 0 if found else None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.narrow(event.value)
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._found[at])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found[event.option_index])

    def action_move(self, step: int) -> None:
        listed = self.query_one(OptionList)
        if self._found:
            listed.highlighted = ((listed.highlighted or 0) + step) % len(self._found)
