"""Whether a person is there to look at it, and at what."""

import os
import sys


def on_terminal() -> bool:
    # The screen is drawn on standard error.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)


def can_draw() -> bool:
    """Whether a full screen can be drawn: on a terminal that is able to, or in a browser, for
    which `pychat web` sets another driver of Textual's."""
    if "TEXTUAL_DRIVER" in os.environ:
        return True
    return on_terminal() and os.environ.get("TERM") != "dumb"
