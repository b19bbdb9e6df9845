"""When a screen has come to rest, as its program knows it: nothing is left to be done, so that
neither a busy machine nor an idle one can be taken for it.

Textual tells nobody; what is looked at here is what it goes by itself.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import WorkerState

from pychat.tui.log import MessageLog
from pychat.tui.screens.hall import HallScreen
from pychat.tui.screens.search import SearchScreen
from tests.support.tui import PATIENCE

SOON_SECONDS = 1.5
"""A timer that runs out once within this is waited for."""

FRAME_SECONDS = 1 / 60
"""Textual paints as often as that."""


async def still(pilot: Pilot[Any], seconds: float = PATIENCE) -> None:
    """Let the app run until nothing is left that changes the screen. Fails after `seconds`."""
    app = pilot.app
    try:
        async with asyncio.timeout(seconds):
            while True:
                if any(_is_due(timer) for pump in _pumps(app) for timer in list(pump._timers)):
                    await asyncio.sleep(FRAME_SECONDS)
                    continue
                await pilot.pause(0)
                for screen in _seen(app)[1:]:
                    # As the pilot does with the one on top; painted it is never done.
                    if _arranges(screen) or screen._callbacks:
                        screen._on_timer_update()
                # Twice: what was handled in the first may have asked others for something.
                if not any(_reasons(app)):
                    await pilot.pause(0)
                    if not any(_reasons(app)):
                        return
                await asyncio.sleep(FRAME_SECONDS)
    except TimeoutError:
        raise AssertionError(f"it does not come to rest: {list(_reasons(app))}") from None


async def handled(pilot: Pilot[Any], seconds: float = PATIENCE) -> None:
    """Let the app run until each message has been handled, and what came of it. The pilot itself
    goes by the processor's rest, and a busy machine looks like that too."""
    async with asyncio.timeout(seconds):
        empty = 0
        # What is left in a program that ends is handled by nobody.
        while empty < 2 and not pilot.app._exit:
            await pilot.pause(0)
            busy = any(
                pump.message_queue_size or pump._next_callbacks for pump in _pumps(pilot.app)
            )
            empty = 0 if busy else empty + 1


def _reasons(app: Any) -> Iterator[str]:
    if app._batch_count:
        yield "updates are held back"
    screens = _seen(app)
    if app.screen._repaint_required or app.screen._dirty_widgets:
        yield f"{app.screen} is to be painted"
    for screen in screens:
        if _arranges(screen):
            yield f"{screen} is to be arranged"
        if screen._callbacks:
            yield f"{screen} has somebody who waits for its painting"
    for pump in _pumps(app):
        if pump.message_queue_size or pump._next_callbacks:
            yield f"{pump} has a message"
        if any(_is_due(timer) for timer in list(pump._timers)):
            yield f"{pump} has a timer"
        if isinstance(pump, MessageLog) and pump._flushing.is_due:
            yield f"{pump} has something to show"
        if isinstance(pump, HallScreen) and (pump.around._painted.is_due or pump.waiting._fresh):
            yield f"{pump} may have something to show"
        if isinstance(pump, SearchScreen) and pump._pausing.is_due:
            yield f"{pump} is to search"
    for worker in app.workers:
        # Those of the app and of the screens behind may wait for what is answered on this one.
        on_top = worker.node is not app and worker.node.screen is app.screen
        if on_top and worker.state in (WorkerState.PENDING, WorkerState.RUNNING):
            yield f"{worker} is at work"


def _pumps(app: Any) -> list[MessagePump]:
    pumps: list[MessagePump] = [app]
    for screen in _seen(app):
        pumps += screen.walk_children(with_self=True)
    return pumps


def _arranges(screen: Screen[Any]) -> bool:
    return screen._layout_required or screen._scroll_required or screen._recompose_required


def _seen(app: Any) -> list[Screen[Any]]:
    """The screen, and those that shine through it."""
    seen = [app.screen]
    for screen in reversed(app.screen_stack[:-1]):
        if seen[-1].styles.background.a == 1:
            break
        seen.append(screen)
    return seen


def _is_due(timer: Timer) -> bool:
    once = timer._repeat == 0 and timer._interval <= SOON_SECONDS
    return once and timer._task is not None and not timer._task.done()
