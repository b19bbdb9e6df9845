"""Painted rows, kept while they are near the window.

The same strips are given again as long as they would look the same: a strip remembers what it is
as escape sequences, and painting an unchanged line is then a copy.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rich.style import Style
from textual.cache import LRUCache
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from pychat.protocol.replies import Message
from pychat.tui.log.layout import Layout
from pychat.tui.log.painter import Ink, blank, marked, paint
from pychat.tui.log.rows import Row
from pychat.tui.log.wrap import Span

ROWS = 256
"""About six windows. Each strip has several caches inside, so more would burden the collector."""


class _Kept(NamedTuple):
    row: Row
    quoted: Message | None
    strips: list[Strip]


class StripCache:
    def __init__(self) -> None:
        self._kept: LRUCache[int, _Kept] = LRUCache(ROWS)
        self._look: tuple[Layout, Ink, tuple[LineFilter, ...], Color] | None = None

    def use(
        self, layout: Layout, ink: Ink, filters: Sequence[LineFilter], background: Color
    ) -> None:
        """How to paint from now on. What was painted otherwise is dropped."""
        look = (layout, ink, tuple(filters), background)
        if look != self._look:
            self._look = look
            self._kept.clear()

    def of(
        self,
        row: Row,
        quoted: Message | None,
        selected: Span | None,
        chosen: Style | None = None,
    ) -> list[Strip]:
        """A row's strips; `chosen` is the look of the one that is. Selected ones are not kept: they
        change with every move of the mouse."""
        if selected is not None or chosen is not None:
            return self._paint(row, quoted, selected, chosen)
        kept = self._kept.get(row.id)
        if kept is None or kept.row is not row or kept.quoted is not quoted:
            kept = _Kept(row, quoted, self._paint(row, quoted, None))
            self._kept[row.id] = kept
        return kept.strips

    def blank(self, row: Row) -> Strip:
        """A line below the last row, which is that row's end to a selection."""
        layout, ink, _, _ = self._looks()
        return self._filtered([blank(row, layout, ink)])[0]

    def clear(self) -> None:
        self._kept.clear()

    def _paint(
        self,
        row: Row,
        quoted: Message | None,
        selected: Span | None,
        chosen: Style | None = None,
    ) -> list[Strip]:
        layout, ink, _, _ = self._looks()
        strips = paint(row, layout, ink, quoted=quoted, selected=selected)
        if chosen is not None:
            strips = [marked(strip, layout, ink.palette.text, chosen) for strip in strips]
        return self._filtered(strips)

    def _filtered(self, strips: list[Strip]) -> list[Strip]:
        _, _, filters, background = self._looks()
        for line_filter in filters:
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return strips

    def _looks(self) -> tuple[Layout, Ink, tuple[LineFilter, ...], Color]:
        assert self._look is not None, "`use` comes first"
        return self._look
