"""Who is in the room: me first, then who is there, then who is away. Enter is for a word to one."""

from collections.abc import Sequence

import msgspec
from textual import events
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pychat.tui import render
from pychat.tui.messages import MemberChosen, MemberWanted, MentionWanted

ROWS = 200
"""Shown; the others are looked for in a list of their own, which is fetched when it is wanted."""

ROLES = {"owner": "★", "operator": "☆"}


class MemberRow(msgspec.Struct, frozen=True):
    name: str
    me: bool = False
    away: bool = False
    typing: bool = False
    role: str = "member"
    verified: bool = False
    """Whether the name was proved to be theirs."""


class MemberPane(OptionList):
    def __init__(self) -> None:
        super().__init__(id="members", markup=False)
        self._rows: tuple[MemberRow, ...] = ()
        self._listed: list[MemberRow | str] = []
        """As they are listed; a text is no person."""
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
        row = self._listed[event.option_index]
        if isinstance(row, str):
            self.post_message(MemberWanted())
        elif not row.me:
            self.post_message(MemberChosen(row.name))

    def on_key(self, event: events.Key) -> None:
        if event.character != "@" or self.highlighted is None:
            return
        row = self._listed[self.highlighted]
        if isinstance(row, MemberRow):
            event.stop()
            event.prevent_default()
            self.post_message(MentionWanted(row.name))

    def _paint(self) -> None:
        width = self.scrollable_content_region.width
        self._width = width
        if not width:
            return
        at = self.highlighted
        self._listed = member_lines(self._rows[:ROWS], self._count)
        self.set_options(
            Option(Content.styled(row, "bold $foreground-muted"), disabled=not row.startswith("…"))
            if isinstance(row, str)
            else Option(member_line(row, width))
            for row in self._listed
        )
        self.highlighted = at if self.has_focus else None


def member_lines(rows: Sequence[MemberRow], count: int) -> list[MemberRow | str]:
    """In groups; me among those who are here."""
    here = [row for row in rows if row.me or not row.away]
    away = [row for row in rows if row.away and not row.me]
    lines: list[MemberRow | str] = [f"MEMBERS {count}", *here]
    if away:
        lines += [f"AWAY {len(away)}", *away]
    if count > len(rows):
        lines.append(f"… {count - len(rows)} more: Enter")
    return lines


def member_line(row: MemberRow, width: int) -> Content:
    state = "typing" if row.typing else "away" if row.away else ""
    role = f" {ROLES[row.role]}" if row.role in ROLES else ""
    proved = " ✓" if row.verified else ""
    name = render.label(row.name) + (" (you)" if row.me else "")
    room = max(1, width - 2 - len(proved) - len(role) - (len(state) + 1 if state else 0))
    shown = Content(name).truncate(room, ellipsis=True)
    gap = max(0, width - 2 - shown.cell_length - len(proved) - len(role) - len(state))
    shape = ("◐ ", "$foreground-muted") if row.away else ("● ", "$text-success")
    return Content.assemble(
        shape,
        shown,
        (proved, "$text-success"),
        (role, "$text-warning"),
        " " * gap,
        (state, "$foreground-muted"),
    )
