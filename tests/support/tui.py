"""What tests of the screen share: waiting for it, and reading it."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual._compositor import visible_screen_stack
from textual.app import App
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

PATIENCE = 50.0
"""Seconds that a screen may take for anything, on a machine that has ten others to serve."""


async def until(
    pilot: Pilot[Any], predicate: Callable[[], object], seconds: float = PATIENCE
) -> None:
    """Let the app run until something is so. Fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not predicate():
            await pilot.pause(0.001)


def shown(widget: Widget) -> list[str]:
    """The lines of a line-API widget as they are painted, without what trails them."""
    return [strip.text.rstrip() for strip in widget.render_lines(widget.size.region)]


def painted(app: App[Any]) -> list[Strip]:
    """The lines of the terminal as they are now."""
    # Without it nothing is painted behind a box, and Textual keeps that until the box changes.
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()
