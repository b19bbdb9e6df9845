"""What keys open is made ready while nobody waits for anything: the first opening of a box would
load its module, and have Textual parse the styles of all that there is again."""

import asyncio
from importlib import import_module
from pathlib import Path

from textual.css.stylesheet import Stylesheet

from pychat.tui import screens

_BOXES = ("help", "switch", "search", "emoji", "confirm", "guide", "context", "about")
"""Modules of those behind one key."""

PAUSE_SECONDS = 0.2
"""Before each piece, of 10 ms at most: who types meanwhile does not notice."""


async def get_ready(styles: Stylesheet) -> None:
    for box in _BOXES:
        await asyncio.sleep(PAUSE_SECONDS)
        import_module(f"{screens.__name__}.{box}")
    for sheet in Path(screens.__file__).parent.glob("*.tcss"):
        if not styles.has_source(str(sheet)):
            await asyncio.sleep(PAUSE_SECONDS)
            styles.read(sheet)
            styles.parse()
