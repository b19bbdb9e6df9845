"""The places one can be in, with what is unread: the Hall, rooms, and those for two people."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pychat.tui import render
from pychat.tui.messages import LeaveWanted, PlaceChosen

Presence = Literal["", "here", "away", "gone"]
"""Empty where it is no one person's."""

MARKS: dict[Presence, str] = {"here": "● ", "away": "◐ ", "gone": "○ ", "": ""}
_MARK_STYLES = {"here": "$text-success"}
_HEADING = "DIRECT"
_MIDDLE_BUTTON = 2


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
    muted: bool = False
    presence: Presence = ""


class RoomList(OptionList):
    def __init__(self) -> None:
        super().__init__(id="rooms", markup=False)
        self._rows: tuple[PlaceRow, ...] = ()
        self._listed: list[PlaceRow | None] = []
        """As they are listed; None is no place."""
        self._width = 0
        """Painted for."""
        self._height = 0
        """Of what is seen, while it is rendered."""
        self._blank = Strip([])
        """Below the last row."""

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
        row = self._listed[event.option_index]
        if row is not None:
            self.post_message(PlaceChosen(row.room))

    def on_key(self, event: events.Key) -> None:
        if event.key == "delete" and self.highlighted is not None:
            event.stop()
            self._leave(self.highlighted)

    def on_click(self, event: events.Click) -> None:
        if event.button == _MIDDLE_BUTTON:
            event.stop()
            # Else it would be taken for a click that chooses.
            event.prevent_default()
            self._leave(event.style.meta.get("option", 0))

    def _leave(self, index: int) -> None:
        row = self._listed[index]
        if row is not None and row.room is not None:
            self.post_message(LeaveWanted(row.room))

    def _paint(self) -> None:
        width = self.scrollable_content_region.width
        self._width = width
        if not width:
            return
        at = self.highlighted if self.has_focus else None
        moved_to = self._listed[at] if at is not None else None
        self._listed = _with_heading(self._rows)
        self.set_options(
            Option(_heading(width), disabled=True)
            if row is None
            else Option(place_line(row, width))
            for row in self._listed
        )
        if at is None or moved_to is None or moved_to.open:
            self.highlighted = self._index(lambda row: row.open)
        else:
            still = self._index(lambda row: row.room == moved_to.room)
            self.highlighted = min(at, len(self._listed) - 1) if still is None else still

    def _index(self, is_it: Callable[[PlaceRow], bool]) -> int | None:
        return next((at for at, row in enumerate(self._listed) if row and is_it(row)), None)

    def render_lines(self, crop: Region) -> list[Strip]:
        # Here and not for each line: that takes longer than the line itself.
        seen = self.scrollable_content_region
        self._height = seen.height
        style = self.get_visual_style("option-list--option").rich_style
        self._blank = Strip.blank(seen.width, style)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """The first and the last line tell of what is unread in rows that are not seen."""
        height = self._height
        if self.scroll_offset.y + y >= len(self._listed):
            return self._blank
        if height > 2 and y in (0, height - 1):
            top = self.scroll_offset.y
            hidden = self._listed[: top + 1] if y == 0 else self._listed[top + height - 1 :]
            more = len(hidden) > 1
            unread = sum(row.unread or row.mentions for row in hidden if row) if more else 0
            if unread:
                text = f" {'▲' if y == 0 else '▼'}{_count(unread)} unread"
                line = Content(text).truncate(self._width, ellipsis=True, pad=True)
                return Strip(line.stylize("bold reverse").render_segments(self.visual_style))
        return super().render_line(y)


def _with_heading(rows: Sequence[PlaceRow]) -> list[PlaceRow | None]:
    first = next((at for at, row in enumerate(rows) if row.presence), len(rows))
    heading: list[PlaceRow | None] = [None] if first < len(rows) else []
    return [*rows[:first], *heading, *rows[first:]]


def _heading(width: int) -> Content:
    return Content.styled(_HEADING, "bold $foreground-muted").truncate(width)


def place_line(row: PlaceRow, width: int) -> Content:
    badge = _badge(row)
    mark = "▌" if row.open else " "
    number = str(row.number) if row.number <= 9 else " "
    presence = (MARKS[row.presence], _MARK_STYLES.get(row.presence, "$foreground-muted"))
    lead = Content.assemble((number, "$foreground-muted"), (mark, "$text-accent"), presence)
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
    if row.muted:
        parts.append(("muted", "$foreground-muted"))
    elif row.unread:
        parts.append((_count(row.unread), "bold"))
    return Content(" ").join(Content.styled(*part) for part in parts)


def _count(number: int) -> str:
    return str(number) if number <= 999 else "999+"
