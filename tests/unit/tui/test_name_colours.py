"""The colours of names: to be read on each theme, and told apart by those who see fewer."""

from itertools import combinations
from math import dist
from operator import mul

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from pychat.tui.log.palette import (
    DARK_NAMES,
    DARK_SAFE_NAMES,
    LIGHT_NAMES,
    LIGHT_SAFE_NAMES,
)


def luminance(color: Color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted(luminance(Color.parse(color)) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


# The themes that take the terminal's own colours are left out: nobody knows those.
@pytest.mark.parametrize("name", [name for name in BUILTIN_THEMES if not name.startswith("ansi")])
def test_names_can_be_read_on_every_theme(name: str) -> None:
    theme = BUILTIN_THEMES[name]
    colors = theme.to_color_system().generate()
    names = DARK_NAMES + DARK_SAFE_NAMES if theme.dark else LIGHT_NAMES + LIGHT_SAFE_NAMES

    for background in (colors["background"], colors["surface"]):
        assert min(contrast(color, background) for color in names) >= 4.5


def seen_by_each(color: str) -> list[tuple[float, float, float]]:
    """In CIELAB, by those who see all colours, no red, no green, no blue (Machado and others)."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in Color.parse(color).normalized
    ]
    seen = [[sum(map(mul, row, parts)) for row in rows] for rows in LACKS]
    return [lab([min(1.0, max(0.0, part)) for part in each]) for each in [parts, *seen]]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    def root(part: float) -> float:
        return part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116

    x, y, z = (root(sum(map(mul, row, rgb))) for row in XYZ)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


XYZ = [
    (0.4124 / 0.95047, 0.3576 / 0.95047, 0.1805 / 0.95047),
    (0.2126, 0.7152, 0.0722),
    (0.0193 / 1.08883, 0.1192 / 1.08883, 0.9505 / 1.08883),
]
LACKS = [
    [(0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)],
    [(0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9690)],
    [(1.2555, -0.0767, -0.1788), (-0.0784, 0.9308, 0.1476), (0.0047, 0.6914, 0.3039)],
]


@pytest.mark.parametrize(("names", "least"), [(DARK_SAFE_NAMES, 22), (LIGHT_SAFE_NAMES, 30)])
def test_the_colour_blind_can_tell_the_safe_colours_from_each_other(
    names: tuple[str, ...], least: float
) -> None:
    for one, other in combinations(map(seen_by_each, names), 2):
        assert min(map(dist, one, other)) >= least
