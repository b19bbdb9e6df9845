"""Which of Textual's themes is shown for what is set, and its colours as they can be read."""

from textual.color import Color, ColorParseError

from pychat.tui.settings.schema import Theme

Colour = tuple[int, int, int]
"""Red, green and blue, each from 0 to 255."""

CONTRAST = 4.5
"""Of text that is meant to be read, to what it stands on: WCAG 2, level AA."""

_READ = ("text-warning", "text-error", "text-success", "text-accent", "foreground-muted")
_GROUNDS = ("background", "surface", "panel")
_STEPS = 20
"""On the way to black or white, which has enough on every ground of the themes."""

_DARK, _LIGHT = "textual-dark", "textual-light"


def resolve_theme(setting: Theme, background: Colour | None) -> str:
    """`background` is the terminal's as it has told; None if it has not: most are dark."""
    if setting != "auto":
        return setting
    if background is None:
        return _DARK
    red, green, blue = background
    # Perceived brightness by ITU-R BT.601.
    return _LIGHT if 0.299 * red + 0.587 * green + 0.114 * blue > 127.5 else _DARK


def readable(variables: dict[str, str], *, dark: bool) -> dict[str, str]:
    """A theme's colours, the names of which are Textual's: those that are too pale for text are
    made darker, or lighter. Colours of the terminal's own are left as they are."""
    try:
        grounds = [Color.parse(variables[name]) for name in _GROUNDS]
        colors = {name: Color.parse(variables[name]) for name in _READ}
    except ColorParseError:
        return variables
    if any(color.ansi is not None for color in (*grounds, *colors.values())):
        return variables
    end = Color(255, 255, 255) if dark else Color(0, 0, 0)
    return variables | {name: _read(each, grounds, end).hex for name, each in colors.items()}


def _read(color: Color, grounds: list[Color], end: Color) -> Color:
    for step in range(_STEPS):
        found = color.blend(end, step / _STEPS)
        if all(contrast(ground + found, ground) >= CONTRAST for ground in grounds):
            return found
    return end


def contrast(one: Color, other: Color) -> float:
    """By WCAG 2: from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
