"""What keys open is made ready while nobody waits for anything: the first opening of a box would
load its module, and have Textual parse the styles of all that there is again."""

import asyncio
from importlib import import_module
from pathlib import Path
from typing import Any

from textual.app import App
from textual.widgets import Input

from pychat.tui import screens
from pychat.tui.keymap import live_keymap
from pychat.tui.palette import ENTRIES
from pychat.tui.screens.layers import Box

_BOXES = ("help", "switch", "search", "emoji", "confirm", "guide", "context", "about")
"""Modules of those behind one key."""

AFTER_SECONDS = 0.5
"""From the first painting on."""

PAUSE_SECONDS = 0.02
"""Between two pieces, of some milliseconds each: keys that come meanwhile have their turn."""


async def get_ready(app: App[Any]) -> None:
    styles = app.stylesheet
    await asyncio.sleep(AFTER_SECONDS)
    for box in _BOXES:
        import_module(f"{screens.__name__}.{box}")
        await asyncio.sleep(PAUSE_SECONDS)
    # Here: by now it is loaded.
    from pychat.tui.screens.guide import lines

    lines(ENTRIES, live_keymap(app))
    for widget in (Box[None](), Input()):
        # Its kind's own styles, which no sheet has.
        widget._post_register(app)
        styles.parse()
        await asyncio.sleep(PAUSE_SECONDS)
    for sheet in Path(screens.__file__).parent.glob("*.tcss"):
        if not styles.has_source(str(sheet)):
            styles.read(sheet)
            styles.parse()
            await asyncio.sleep(PAUSE_SECONDS)
