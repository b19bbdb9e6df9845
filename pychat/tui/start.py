"""The terminal client as a program: what has to be so before Textual is loaded, and its end."""

import gc
import os
import sys

from pychat.client import Address

_FRAMES = "240"
"""A second. A key's echo waits for the next frame, and while others write, frames come in a fixed
beat: at Textual's 60 a key waits up to 17 ms."""


def run(address: Address, name: str | None) -> int:
    """Show the Hall until the person leaves. Returns the exit code: 1 if it cannot be entered."""
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)
    # What is loaded from here on stays; looking through it again and again costs 40 ms.
    gc.set_threshold(100_000, 50, 1_000)

    from pychat.tui.app import PychatApp

    failure = PychatApp(address, name=name, settled=_settle_memory).run()
    if failure is not None:
        print(f"pychat: {failure}", file=sys.stderr)  # noqa: T201  # the program's last word
        return 1
    return 0


def _settle_memory() -> None:
    """A full collection takes 70 ms with the widgets in it: leave those out of it for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 1_000)
