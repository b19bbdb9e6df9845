"""The colours of a log. Names keep theirs: it follows from the name alone, on every machine."""

from functools import lru_cache
from zlib import crc32

import msgspec
from rich.style import Style

from pychat.protocol import limits
from pychat.protocol.names import fold
from pychat.tui.log.highlight import Role

# Twelve hues of one lightness: each at least 4.5:1 against the backgrounds of the themes it is for.
DARK_NAMES: tuple[str, ...] = (
    *("#f8a6a6", "#f4ac78", "#eab413", "#aac810", "#33d812", "#11d774"),
    *("#11d2c2", "#52c9f1", "#96bef6", "#beb3f9", "#e3a5f8", "#f7a1d3"),
)
LIGHT_NAMES: tuple[str, ...] = (
    *("#ab0909", "#8a3e07", "#695006", "#4b5a05", "#156105", "#056133"),
    *("#055e57", "#065b77", "#094fb0", "#4421f3", "#8909b4", "#a20962"),
)
# For who takes some of those for each other: seven that differ to them, too. The least difference
# between two is 22 in CIELAB where red, green or blue is not seen, dark ones on light ground 30.
DARK_SAFE_NAMES: tuple[str, ...] = (
    "#3fd100",
    "#7affff",
    "#e1be89",
    "#ffff2e",
    "#ff99b8",
    "#cba8ff",
    "#bdff7a",
)
LIGHT_SAFE_NAMES: tuple[str, ...] = (
    "#a33100",
    "#570900",
    "#290021",
    "#3300ff",
    "#110057",
    "#306454",
    "#8f00b2",
)
# Of the same kind; also against the background of code.
DARK_ROLES: dict[Role, str] = {
    "keyword": "#beb3f9",
    "string": "#11d774",
    "number": "#eab413",
    "comment": "#b9b9b9",
    "name": "#52c9f1",
    "removed": "#f8a6a6",
}
LIGHT_ROLES: dict[Role, str] = {
    "keyword": "#8909b4",
    "string": "#156105",
    "number": "#8a3e07",
    "comment": "#555555",
    "name": "#094fb0",
    "removed": "#ab0909",
}


class Palette(msgspec.Struct, frozen=True):
    """Each style has the log's background: a strip does not take it from elsewhere."""

    text: Style
    dim: Style
    """Times, day lines, notes, quotes, and what a spoiler is covered with."""
    unread: Style
    state: Style
    link: Style
    selected: Style
    code: Style
    """Its background is another than the log's."""
    frame: Style
    """Around code."""
    dark: bool
    safe_names: bool = False
    """Names have colours that differ to the colour-blind."""

    def name(self, name: str) -> Style:
        return self.text + _name_style(name[: limits.NAME_CHARS], self.dark, self.safe_names)

    def role(self, role: Role) -> Style:
        """What code of that role looks like, above `code`."""
        return _role_style(role, self.dark)


@lru_cache
def _role_style(role: Role, dark: bool) -> Style:
    # Not by colour alone where that is what sets it apart most.
    color = (DARK_ROLES if dark else LIGHT_ROLES)[role]
    return Style(color=color, bold=role == "keyword" or None, italic=role == "comment" or None)


@lru_cache(1024)
def _name_style(name: str, dark: bool, safe: bool) -> Style:
    if safe:
        names = DARK_SAFE_NAMES if dark else LIGHT_SAFE_NAMES
    else:
        names = DARK_NAMES if dark else LIGHT_NAMES
    # A hostile server's name may have lone surrogates.
    number = crc32(fold(name).encode(errors="surrogatepass"))
    return Style(color=names[number % len(names)], bold=True)
