"""Whether a person is there to look at it."""

import sys


def on_terminal() -> bool:
    # The screen is drawn on standard error.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)
