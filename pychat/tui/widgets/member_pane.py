"""Who is in the room: me first, then who is there, then who is away."""

from collections.abc import Sequence

import msgspec
from textual import events
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pychat.tui import render
from pychat.tui.messages import MemberChosen

ROWS = 200
"""Shown; `/who` tells more."""


class MemberRow(msgspec.Struct, frozen=True):
    name: str
    me: bool = False
    away: bool = False
    typing: bool = False


class MemberPane(OptionList):
    def __init__(self) -> None:
        super().__init__(id="members", markup=False)
        self._rows: tuple[MemberRow, ...] = ()
        self._count = 0
        self._width = 0
        """Painted for."""

    def show(self, rows: Sequence[MemberRow], count: int) -> None:
        """`count` is of all members, also those without a row."""
        if (tuple(rows), count) != (self._rows, self._count):
            self._rows, self._count = tuple(rows), count
            self._paint()

    def on_resize(self, event: events.Resize) -> None:
        # New options cost a layout of the whole screen.
        if self.scrollable_content_region.width != self._width:
            self._paint()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(MemberChosen(self._rows[event.option_index - 1].name))

    def _paint(self) -> None:
        width = self.scrollable_content_region.width
        self._width = width
        if not width:
            return
        at = self.highlighted
        shown = self._rows[:ROWS]
        options = [Option(Content.styled(f"MEMBERS {self._count}", "bold"), disabled=True)]
        options += [Option(member_line(row, width)) for row in shown]
        if self._count > len(shown):
            options.append(Option(f"… and {self._count - len(shown)} more", disabled=True))
        self.set_options(options)
        self.highlighted = at if self.has_focus else None


def member_line(row: MemberRow, width: int) -> Content:
    state = "typing" if row.typing else "away" if row.away else ""
    name = render.label(row.name) + (" (you)" if row.me else "")
    room = max(1, width - 2 - (len(state) + 1 if state else 0))
    shown = Content(name).truncate(room, ellipsis=True)
    gap = max(0, width - 2 - shown.cell_length - len(state))
    shape = ("◐ ", "$foreground-muted") if row.away else ("● ", "$text-success")
    return Content.assemble(shape, shown, " " * gap, (state, "$foreground-muted"))
