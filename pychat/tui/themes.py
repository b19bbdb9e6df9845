"""Which of Textual's themes is shown for what is set."""

from pychat.tui.settings.schema import Theme

Colour = tuple[int, int, int]
"""Red, green and blue, each from 0 to 255."""

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
