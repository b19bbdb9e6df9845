"""The places one can be in: the Hall first, then the rooms by number, with what is unread."""

from collections.abc import Sequence

import msgspec
from textual import events
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pychat.tui import render
from pychat.tui.messages import PlaceChosen


class PlaceRow(msgspec.Struct, frozen=True):
    number: int
    room: str | None
    """None: the Hall."""
    title: str
    open: bool
    unread: int = 0
    mentions: int = 0
    draft: bool = False
    unsent: bool = False


class RoomList(OptionList):
    def __init__(self) -> None:
        super().__init__(id="rooms", markup=False)
        self._rows: tuple[PlaceRow, ...] = ()
        self._width = 0
        """Painted for."""

    def show(self, rows: Sequence[PlaceRow]) -> None:
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._paint()

    def on_resize(self, event: events.Resize) -> None:
        # New options cost a layout of the whole screen.
        if self.scrollable_content_region.width != self._width:
            self._paint()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(PlaceChosen(self._rows[event.option_index].room))

    def _paint(self) -> None:
        width = self.scrollable_content_region.width
        self._width = width
        if not width:
            return
        at = self.highlighted if self.has_focus else None
        self.set_options([Option(place_line(row, width)) for row in self._rows])
        opened = next((index for index, row in enumerate(self._rows) if row.open), None)
        self.highlighted = opened if at is None else min(at, len(self._rows) - 1)


def place_line(row: PlaceRow, width: int) -> Content:
    badge = _badge(row)
    mark = "▌" if row.open else " "
    number = str(row.number) if row.number <= 9 else " "
    lead = Content.assemble((number, "$foreground-muted"), (mark, "$text-accent"))
    room = max(1, width - lead.cell_length - badge.cell_length - 2)
    title = render.line(row.title).truncate(room, ellipsis=True)
    if row.open or row.unread:
        title = title.stylize("bold")
    gap = max(0, width - 1 - lead.cell_length - title.cell_length - badge.cell_length)
    return Content.assemble(lead, title, " " * gap, badge, " ")


def _badge(row: PlaceRow) -> Content:
    parts: list[tuple[str, str]] = []
    if row.unsent:
        parts.append(("!", "bold $text-error"))
    if row.draft:
        parts.append(("✎", "$foreground-muted"))
    if row.mentions:
        parts.append((f"@{_count(row.mentions)}", "bold $text-warning"))
    if row.unread:
        parts.append((_count(row.unread), "bold"))
    return Content(" ").join(Content.styled(*part) for part in parts)


def _count(number: int) -> str:
    return str(number) if number <= 999 else "999+"
