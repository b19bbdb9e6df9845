"""A terminal that may go away while there is still something to be painted."""

import contextlib
from typing import Any, TextIO


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
