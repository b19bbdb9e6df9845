"""A room is picked from a list that typing narrows: for `/list` and for Ctrl+K."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pychat.tui import render
from pychat.tui.screens.layers import Box

ROWS = 500
"""Shown at a time; narrowing brings out the others."""

_NAME_CELLS = 22


class Choice(msgspec.Struct, frozen=True):
    room: str | None
    """None: the Hall."""
    title: str
    detail: str = ""
    """How many are in it, or what is unread."""
    topic: str = ""


class Picked(msgspec.Struct, frozen=True):
    """Told apart from leaving with Esc, after which there is none."""

    room: str | None


class PickScreen(Box[Picked | None]):
    CSS_PATH = "pick.tcss"
    KEYS: ClassVar[str] = "Enter goes there · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False, id="pick.cancel"),
        Binding("down", "move(1)", "next", show=False, priority=True, id="pick.next"),
        Binding("up", "move(-1)", "previous", show=False, priority=True, id="pick.previous"),
        Binding("ctrl+k", "move(1)", "next", show=False, priority=True, id="pick.next-ctrl+k"),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice], *, empty: str, typed: str = ""
    ) -> None:
        """`empty` is said when there is nothing to choose from; `typed` narrows at first."""
        super().__init__()
        self._heading = title
        self._choices = list(choices)
        self._empty = empty
        self._typed = typed
        self._search = FuzzySearch()
        self._found: list[Choice] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="pick"):
            yield Static(render.line(self._heading), id="title")
            yield Input(
                self._typed, placeholder="type to narrow", id="filter", select_on_focus=False
            )
            yield OptionList(id="choices", markup=False)
            yield Static(id="nothing")
            yield Static(self.KEYS, id="keys")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._narrow(self._typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        at = self.query_one(OptionList).highlighted
        picked = self._new(event.value) if at is None else Picked(self._found[at].room)
        if picked is not None:
            self.dismiss(picked)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(Picked(self._found[event.option_index].room))

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        choices = self.query_one(OptionList)
        if self._found:
            choices.highlighted = ((choices.highlighted or 0) + step) % len(self._found)

    def _narrow(self, typed: str) -> None:
        found = self._find(typed)
        self._found = found[:ROWS]
        choices = self.query_one(OptionList)
        choices.set_options([Option(choice_line(choice)) for choice in self._found])
        choices.highlighted = 0 if self._found else None
        self.query_one("#nothing", Static).update(render.line(self._said(typed, len(found))))

    def _find(self, typed: str) -> list[Choice]:
        query = typed.strip().lstrip("#@")
        if not query:
            return self._choices
        scored = [(self._search.match(query, each.title)[0], each) for each in self._choices]
        ranked = sorted(scored, key=lambda pair: -pair[0])
        return [choice for score, choice in ranked if score > 0]

    def _said(self, typed: str, found: int) -> str:
        if found > ROWS:
            return f"{found - ROWS} more: type to narrow"
        if found:
            return ""
        return self._nothing(typed) if typed.strip() else self._empty

    def _nothing(self, typed: str) -> str:
        """What is said where nothing fits."""
        query = typed.strip().removeprefix("#")
        return f"No room like {query!r}. Esc, then /join {query} makes it."

    def _new(self, typed: str) -> Picked | None:
        """What Enter picks where nothing fits."""
        return None


def choice_line(choice: Choice) -> Content:
    name = render.line(choice.title).truncate(_NAME_CELLS, ellipsis=True)
    pad = " " * (_NAME_CELLS - name.cell_length + 1)
    return Content.assemble(
        name.stylize("bold"),
        pad,
        f"{render.label(choice.detail):<12}",
        (render.label(choice.topic), "$foreground-muted"),
    )
