"""Ctrl+K: to a room or a person, known or not, by a few letters of the name."""

from collections.abc import Sequence

from textual.fuzzy import FuzzySearch
from textual.widgets import Input

from pychat.tui import switching
from pychat.tui.screens.pick import Choice, Picked, PickScreen


class SwitchScreen(PickScreen):
    KEYS = "Enter goes there · # rooms · @ people · Esc closes"

    def __init__(self, choices: Sequence[Choice]) -> None:
        super().__init__("Switch to", choices, empty="")
        self._fuzzy = FuzzySearch()

    def offer(self, more: Sequence[Choice]) -> None:
        """There is more to choose from than was known at first."""
        self._choices += more
        if self.is_mounted:
            self._narrow(self.query_one(Input).value)

    def _find(self, typed: str) -> list[Choice]:
        return switching.narrowed(self._choices, typed, self._fuzzy)

    def _nothing(self, typed: str) -> str:
        return switching.new_place(typed)[1]

    def _new(self, typed: str) -> Picked | None:
        place, _ = switching.new_place(typed)
        return Picked(place) if place is not None else None
