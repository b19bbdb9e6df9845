"""A message's text, line by line, in its styles: what is bold or a link, code in its frame."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from operator import add

from rich.style import Style

from pychat.tui.log.highlight import colourings
from pychat.tui.log.layout import Layout
from pychat.tui.log.line import Line
from pychat.tui.log.lines import QUOTE_BAR, TextLine, sides
from pychat.tui.log.markup import FOLD_LINES, Block, Shown
from pychat.tui.log.palette import Palette
from pychat.tui.log.rows import MessageRow
from pychat.tui.log.wrap import Span, cells, fit

HIDDEN = "hidden"
"""In the meta of what a click opens or closes."""
HIGHLIGHT_CHARS = 1_000
"""Of a message's code, in all; more keeps one colour. Some lexers take time that grows with the
square, and nobody asked for what is painted."""
OPENED_HIGHLIGHT_CHARS = 4_000
"""As much once the reader has unfolded it, and waits for it."""

Mark = tuple[int, int, Style]
"""A stretch of the text with a style of its own."""


class TextPainter:
    def __init__(
        self,
        row: MessageRow,
        shown: Shown,
        layout: Layout,
        palette: Palette,
        selected: Span | None,
    ) -> None:
        self._shown = shown
        self._layout = layout
        self._palette = palette
        self._opened = row.opened
        self._plain = palette.dim if row.message.deleted else palette.text
        marks = [*self._coloured(), *self._marked()]
        if selected is not None:
            marks.append((*selected, palette.selected))
        self._stretches = list(flattened(marks))
        self._ends = [end for _, end, _ in self._stretches]

    def paint(self, line: Line, text_line: TextLine) -> None:
        """Add what the line says to what stands to its left already."""
        start, end, lead, frame, block = text_line
        palette = self._palette
        if frame in ("top", "bottom") and block is not None:
            self._paint_edge(line, block, top=frame == "top")
            return
        style = self._plain
        if frame:
            style = palette.code
            line.beside(lead, palette.frame)
        else:
            if lead == QUOTE_BAR:
                style = palette.dim
            line.beside(lead, style)
        for begin, stop, marked in self._pieces(start, end, style):
            line.add(self._shown.text[begin:stop], marked, begin)
        if frame:
            right = self._layout.indent + self._layout.text - len(lead)
            line.pad(right, palette.code)
            line.beside(lead[::-1], palette.frame)

    def _paint_edge(self, line: Line, block: Block, *, top: bool) -> None:
        style, width = self._palette.frame, self._layout.text
        if top:
            left, right = block.language or "code", f"{self._layout.copy_key} copy"
        else:
            left, right = self._folding(block), ""
            if left:
                style += Style.from_meta({HIDDEN: True})
        corners = ("┌┐" if top else "└┘") if sides(width) else "──"
        left = fit(f" {left} ", width - 2) if left else ""
        right = f" {right} " if right and cells(left) + len(right) + 8 <= width else ""
        stroke = "─" * (width - 2 - cells(left + right))
        line.beside(f"{corners[0]}{left}{stroke}{right}{corners[1]}", style)

    def _folding(self, block: Block) -> str:
        """What can be done with long code."""
        if block.lines <= FOLD_LINES:
            return ""
        if self._opened:
            return f"{block.lines} lines · Enter folds"
        seen = self._shown.text.count("\n", block.start, block.end) + 1
        return f"{seen} of {block.lines} lines · Enter expands"

    def _coloured(self) -> Iterator[Mark]:
        left = OPENED_HIGHLIGHT_CHARS if self._opened else HIGHLIGHT_CHARS
        for block in self._shown.blocks:
            if block.kind != "code" or block.end - block.start > left:
                continue
            left -= block.end - block.start
            for found in colourings(block.language, self._shown.text[block.start : block.end]):
                role = self._palette.role(found.role)
                yield block.start + found.start, block.start + found.end, role

    def _marked(self) -> Iterator[Mark]:
        palette = self._palette
        for span in self._shown.spans:
            match span.look:
                case "bold":
                    style = Style(bold=True)
                case "italic":
                    style = Style(italic=True)
                case "strike":
                    style = Style(strike=True)
                case "code":
                    style = palette.code
                case "link":
                    style = palette.link + Style(link=span.url)
                case "spoiler":
                    style = palette.code if self._opened else palette.dim
                    style += Style.from_meta({HIDDEN: True})
            yield span.start, span.end, style

    def _pieces(self, start: int, end: int, style: Style) -> Iterator[Mark]:
        """A line cut where styles begin and end."""
        at = start
        for number in range(bisect_right(self._ends, start), len(self._stretches)):
            first, last, marked = self._stretches[number]
            if first >= end:
                break
            if first > at:
                yield at, first, style
                at = first
            stop = min(last, end)
            yield at, stop, style + marked
            at = stop
        if at < end:
            yield at, end, style


def flattened(marks: list[Mark]) -> Iterator[Mark]:
    """The same styles in stretches that do not overlap; of two marks the later is above."""
    begin: defaultdict[int, set[int]] = defaultdict(set)
    finish: defaultdict[int, set[int]] = defaultdict(set)
    for number, (start, end, _) in enumerate(marks):
        if start < end:
            begin[start].add(number)
            finish[end].add(number)
    there: set[int] = set()
    # Of each look at most one is in force at a place, so `there` stays small.
    for left, right in pairwise(sorted({*begin, *finish})):
        there -= finish[left]
        there |= begin[left]
        if there:
            yield left, right, reduce(add, [marks[number][2] for number in sorted(there)])
