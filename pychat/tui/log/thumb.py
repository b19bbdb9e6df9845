"""What of a scrollbar can be seen, so that it is painted only when that changes. Pure."""

from math import ceil

_EIGHTHS = 8
"""Of a cell: the finest that a scrollbar's ends show."""


def thumb(total: float, window: float, position: float) -> tuple[int, int]:
    """Where the thumb begins and how long it is, in eighths of a cell, for a bar as long as the
    window. (0, 0) if all is seen."""
    if not window or total <= window:
        return 0, 0
    size = max(1.0, window * window / total)
    start = (window - size) * position / (total - window)
    return int(start * _EIGHTHS), ceil(size * _EIGHTHS)
