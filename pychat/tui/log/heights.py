"""Heights of many rows, of which only those near the window are measured. Pure.

Rows stand in blocks; a block's height is either measured row by row or estimated from its number
of characters, so that a new width costs one formula per block. Whoever paints settles the blocks
around the window first; what that adds above the window is told, so that nothing moves.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import expm1
from typing import Generic, NamedTuple, Protocol, TypeVar

BLOCK = 128
"""Rows at most in a block."""


class Keyed(Protocol):
    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Keyed)


class Block(Generic[R]):
    __slots__ = ("chars", "heights", "rows", "total")

    def __init__(self) -> None:
        self.rows: list[R] = []
        self.heights: list[int] | None = None
        self.total = 0
        self.chars = 0


class Place(NamedTuple):
    """A line of a row: the block's index, the row's in its block, the line's in its row."""

    block: int
    row: int
    line: int = 0


class Heights(Generic[R]):
    """Rows in ascending order of `id`.

    `measure` gives each row's lines at `width` columns, `chars` the length of all their texts.
    """

    def __init__(
        self,
        measure: Callable[[Sequence[R]], list[int]],
        chars: Callable[[Sequence[R]], int],
        width: int,
    ) -> None:
        self._measure = measure
        self._chars = chars
        self._width = width
        self._blocks: list[Block[R]] = []
        self._sums: list[int] | None = [0]
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def total(self) -> int:
        """Lines of all rows, estimated where they are not measured."""
        return self._starts()[-1]

    @property
    def first(self) -> R:
        return self._blocks[0].rows[0]

    @property
    def last(self) -> R:
        return self._blocks[-1].rows[-1]

    def relayout(self, measure: Callable[[Sequence[R]], list[int]], width: int) -> None:
        """Every height is another now."""
        self._measure, self._width = measure, width
        for block in self._blocks:
            block.heights = None
            block.total = self._estimate(block)
        self._sums = None

    # What the rows are

    def extend(self, rows: Sequence[R]) -> None:
        blocks = self._blocks
        sums = self._starts()
        done = 0
        while done < len(rows):
            if not blocks or len(blocks[-1].rows) >= BLOCK:
                blocks.append(Block())
                sums.append(sums[-1])
                # Of a flood only the end is ever seen.
                blocks[-1].heights = [] if len(rows) - done < BLOCK else None
            block = blocks[-1]
            part = rows[done : done + BLOCK - len(block.rows)]
            sums[-1] += self._fill(block, part)
            done += len(part)
        self._length += done

    def extend_left(self, rows: Sequence[R]) -> None:
        """Rows that come before all others. They are measured: the window is near."""
        blocks = []
        for start in range(0, len(rows), BLOCK):
            block: Block[R] = Block()
            block.heights = []
            self._fill(block, rows[start : start + BLOCK])
            blocks.append(block)
        self._blocks[:0] = blocks
        self._length += len(rows)
        self._sums = None

    def pop(self) -> R:
        return self._remove(len(self._blocks) - 1, -1)

    def pop_left(self) -> R:
        return self._remove(0, 0)

    def replace(self, place: Place, row: R) -> None:
        """Put a row of the same id in the place of another."""
        block = self._blocks[place.block]
        block.chars += self._chars([row]) - self._chars([block.rows[place.row]])
        block.rows[place.row] = row
        if block.heights is not None:
            [height] = self._measure([row])
            block.total += height - block.heights[place.row]
            block.heights[place.row] = height
            self._sums = None

    def remove(self, place: Place) -> R:
        return self._remove(place.block, place.row)

    # Where they are

    def find(self, row_id: int) -> Place | None:
        """The row of an id, or else the first one after it."""
        block = bisect_left(self._blocks, row_id, key=lambda block: block.rows[-1].id)
        if block == len(self._blocks):
            return None
        row = bisect_left(self._blocks[block].rows, row_id, key=lambda row: row.id)
        return Place(block, row)

    def get(self, row_id: int) -> R | None:
        place = self.find(row_id)
        row = self.at(place) if place else None
        return row if row is not None and row.id == row_id else None

    def at(self, place: Place) -> R:
        return self._blocks[place.block].rows[place.row]

    def locate(self, y: int) -> Place:
        """The row and its line that are at `y`, or the nearest; there must be rows."""
        starts = self._starts()
        index = min(max(0, bisect_right(starts, y) - 1), len(self._blocks) - 1)
        self._settle_block(index)
        rest = max(0, y - self._starts()[index])
        heights = self._blocks[index].heights or [1]
        for row, height in enumerate(heights):
            if rest < height:
                return Place(index, row, rest)
            rest -= height
        return Place(index, len(heights) - 1, heights[-1] - 1)

    def top(self, place: Place) -> int:
        """The line on which a row begins."""
        self._settle_block(place.block)
        heights = self._blocks[place.block].heights or []
        return self._starts()[place.block] + sum(heights[: place.row])

    def height(self, place: Place) -> int:
        self._settle_block(place.block)
        return (self._blocks[place.block].heights or [1])[place.row]

    def onward(self, place: Place) -> Iterator[R]:
        """The rows from a place to the end."""
        yield from self._blocks[place.block].rows[place.row :]
        for index in range(place.block + 1, len(self._blocks)):
            yield from self._blocks[index].rows

    def back(self, place: Place) -> Iterator[R]:
        """The rows before a place, the nearest first."""
        yield from reversed(self._blocks[place.block].rows[: place.row])
        for index in range(place.block - 1, -1, -1):
            yield from reversed(self._blocks[index].rows)

    def backward(self) -> Iterator[R]:
        """The rows from the last to the first."""
        for block in reversed(self._blocks):
            yield from reversed(block.rows)

    # Measuring

    def settle(self, y: int, before: int, after: int) -> int:
        """Measure what lies from `before` lines above `y` to `after` below it.

        Returns where `y` is now. In a block that was not measured it keeps its distance to the
        block's end.
        """
        while True:
            starts = self._starts()
            low = max(0, bisect_right(starts, max(0, y - before)) - 1)
            high = min(len(self._blocks), bisect_right(starts, y + after))
            grown = settled = 0
            for index in range(low, high):
                if self._blocks[index].heights is None:
                    settled += 1
                    growth = self._settle_block(index)
                    grown += growth if starts[index] < y else 0
            if not settled:
                return y
            y = max(0, y + grown)

    def settle_end(self, lines: int) -> None:
        """Measure the last `lines`."""
        index, seen = len(self._blocks), 0
        while index and seen < lines:
            index -= 1
            self._settle_block(index)
            seen += self._blocks[index].total

    def _settle_block(self, index: int) -> int:
        block = self._blocks[index]
        if block.heights is not None:
            return 0
        block.heights = self._measure(block.rows)
        growth = sum(block.heights) - block.total
        if growth:
            block.total += growth
            self._sums = None
        return growth

    def _fill(self, block: Block[R], rows: Sequence[R]) -> int:
        before = block.total
        block.rows.extend(rows)
        block.chars += self._chars(rows)
        if block.heights is None:
            block.total = self._estimate(block)
        else:
            heights = self._measure(rows)
            block.heights.extend(heights)
            block.total += sum(heights)
        return block.total - before

    def _remove(self, block_index: int, row_index: int) -> R:
        block = self._blocks[block_index]
        row = block.rows.pop(row_index)
        block.chars -= self._chars([row])
        if not block.rows:
            del self._blocks[block_index]
        elif block.heights is None:
            block.total = self._estimate(block)
        else:
            block.total -= block.heights.pop(row_index)
        self._length -= 1
        self._sums = None
        return row

    def _estimate(self, block: Block[R]) -> int:
        """Lines of a block whose texts' lengths are taken to be exponentially distributed."""
        rows = len(block.rows)
        ratio = self._width * rows / (block.chars + 1)
        return rows + (int(rows / expm1(ratio)) if ratio < 50 else 0)

    def _starts(self) -> list[int]:
        """The line on which each block begins, and after them the number of all lines."""
        if self._sums is None:
            self._sums = list(accumulate([block.total for block in self._blocks], initial=0))
        return self._sums
