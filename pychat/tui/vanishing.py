"""A terminal that may go away while there is still something to be painted."""

import asyncio
import contextlib
import os
import select
import sys
from collections.abc import Callable
from typing import Any, TextIO

LOOK_SECONDS = 1.0
"""Between two looks at whether the terminal is still there."""


class Vanishing:
    """The terminal's file, which takes what can be painted nowhere any more.

    Textual's thread that paints would end with the first error, and the program wait for it for
    ever: it lived on after its window was closed.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def when_gone(end: Callable[[], object]) -> None:
    """Call `end` once nobody can type any more. Within a running loop.

    SIGHUP tells who has a terminal of its own; others, begun by a program that has gone, are told
    nothing, and Textual's thread that reads would look at the end of its input for ever.
    """
    if not hasattr(select, "poll"):
        return
    loop = asyncio.get_running_loop()
    terminal = select.poll()
    # For no event: that it is gone is told in any case.
    terminal.register(sys.__stdin__ or 0, 0)

    def look() -> None:
        if any(told & (select.POLLHUP | select.POLLERR) for _, told in terminal.poll(0)):
            end()
        else:
            loop.call_later(LOOK_SECONDS, look)

    look()


def forget() -> None:
    """What is left to be painted goes nowhere: else Python would try at its end, and say by another
    exit code that it could not."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
