"""The colours of a log. Names keep theirs: it follows from the name alone, on every machine."""

from functools import lru_cache
from zlib import crc32

import msgspec
from rich.style import Style

from pychat.protocol import limits
from pychat.protocol.names import fold

# Twelve hues of one lightness: each at least 4.5:1 against the backgrounds of the themes it is for.
DARK_NAMES = (
    *("#f8a6a6", "#f4ac78", "#eab413", "#aac810", "#33d812", "#11d774"),
    *("#11d2c2", "#52c9f1", "#96bef6", "#beb3f9", "#e3a5f8", "#f7a1d3"),
)
LIGHT_NAMES = (
    *("#ab0909", "#8a3e07", "#695006", "#4b5a05", "#156105", "#056133"),
    *("#055e57", "#065b77", "#094fb0", "#4421f3", "#8909b4", "#a20962"),
)


class Palette(msgspec.Struct, frozen=True):
    """Each style has the log's background: a strip does not take it from elsewhere."""

    text: Style
    dim: Style
    """Times, day lines, notes, quotes."""
    unread: Style
    state: Style
    link: Style
    selected: Style
    dark: bool

    def name(self, name: str) -> Style:
        return self.text + _name_style(name[: limits.NAME_CHARS], self.dark)


@lru_cache(1024)
def _name_style(name: str, dark: bool) -> Style:
    names = DARK_NAMES if dark else LIGHT_NAMES
    # A hostile server's name may have lone surrogates.
    number = crc32(fold(name).encode(errors="surrogatepass"))
    return Style(color=names[number % len(names)], bold=True)
