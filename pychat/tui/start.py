"""The terminal client as a program: what has to be so before Textual is loaded, and its end."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING

from pychat.client.identity import Identity
from pychat.tui.settings.destination import Destination
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.reading import Loaded
from pychat.tui.vanishing import Vanishing, forget, when_gone

if TYPE_CHECKING:
    from pychat.tui.app import PychatApp

_FRAMES = "240"
"""A second. A key's echo waits for the next frame, and while others write, frames come in a fixed
beat: at Textual's 60 a key waits up to 17 ms."""


_HUNG_UP = 129
"""The exit code where the terminal has gone: 128 and the number of SIGHUP."""


def run(where: Destination | None, loaded: Loaded) -> int:
    """Show the Hall until the person leaves. Without one the person is asked where to go.

    Returns the exit code: 1 if it cannot be entered.
    """
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)
    # Where Textual paints.
    sys.__stderr__ = Vanishing(sys.__stderr__)  # type: ignore[assignment, misc, arg-type]
    # What is loaded from here on stays, 100,000 objects and more: each look at them takes 40 ms.
    gc.set_threshold(250_000, 50, 1_000)

    from pychat.tui.app import PychatApp

    app = PychatApp(
        where,
        identity=Identity(),
        preferences=Preferences.of(loaded),
        settled=lambda: _settle(app),
    )
    failure = asyncio.run(_show(app))
    if failure is not None:
        from pychat.tui.left import left_for

        left = "" if app.address is None else left_for(app.address)
        for sentence in filter(None, (failure, left)):
            print(f"pychat: {sentence}", file=sys.stderr)  # noqa: T201  # the program's last word
        return 1
    if app.return_code == _HUNG_UP:
        forget()
    # Not 0 after a signal, or after a fault of ours, which Textual has told already.
    return app.return_code or 0


async def _show(app: "PychatApp") -> str | None:
    # Otherwise who ends it by a signal is left with a terminal that shows nothing typed.
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        end = partial(app.exit, return_code=128 + number)
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, end)
    when_gone(partial(app.exit, return_code=_HUNG_UP))
    return await app.run_async(mouse=app.settings.look.mouse)


def _settle(app: "PychatApp") -> None:
    from pychat.tui.readying import get_ready
    from pychat.tui.visited import remember

    _settle_memory()
    app.run_worker(get_ready(app))
    if app.address is not None:
        remember(app.address)


def _settle_memory() -> None:
    """A full collection takes 70 ms with the widgets in it: leave those out of it for good."""
    gc.collect()
    gc.freeze()
    # Short ones: of 10,000 objects each took up to 20 ms, and a key that came then waited for it.
    gc.set_threshold(1_000, 500, 1_000)
