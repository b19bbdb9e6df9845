"""A paste told from typing where the terminal does not tell it: by what one reading brought.

Nobody types a line, Enter and the beginning of the next within one reading of the terminal. What
comes so is handed on as a paste, which sends nothing. A terminal that brackets its pastes is not
affected.
"""

import re
import time
from collections.abc import Callable, Iterable

from textual import constants, events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

GOES_ON_SECONDS = 0.05
"""What comes this soon after a piece of a paste is the next piece: a terminal's buffer holds 4 KiB
of a large one."""

_LINES = re.compile(r"[\r\n][^\r\n]")
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_UNFINISHED = re.compile(r"\x1b(\[[0-9;:<=>?]*)?\Z")


class Bursts:
    """What one terminal sends, reading after reading."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = float("-inf")
        """When a piece of a paste came."""
        self._bracketed = False
        self._before = ""
        """The end of what came before."""
        self._read = float("-inf")
        """When that was."""

    def is_paste(self, data: str) -> bool:
        """Whether all that a reading brought is a piece of a paste that nobody bracketed."""
        now = self._clock()
        goes_on = now - self._last < GOES_ON_SECONDS
        # Esc by itself is a key, once nothing has followed it.
        begun = now - self._read < constants.ESCAPE_DELAY
        key = begun and _UNFINISHED.search(self._before) is not None
        self._read = now
        pasted = (
            not self._bracketed
            and not key
            and _TEXT.fullmatch(data) is not None
            and (goes_on or _LINES.search(data) is not None)
        )
        # A key that is no text ends it.
        self._last = now if pasted else float("-inf")
        seen = self._before + data
        opened, closed = seen.rfind(BRACKETED_PASTE_START), seen.rfind(BRACKETED_PASTE_END)
        if opened != closed:
            self._bracketed = opened > closed
        self._before = seen[-len(BRACKETED_PASTE_START) :]
        return pasted


def teach_bursts() -> None:
    """Have Textual read by it. Idempotent; before the app runs.

    Textual 8.2 hands on what it reads key by key: Enter in the middle of it would send a line.
    """
    if getattr(XTermParser.feed, "knows_bursts", False):
        return
    by_keys = XTermParser.feed

    def feed(self: XTermParser, data: str) -> Iterable[Message]:
        bursts = self.__dict__.setdefault("_bursts", Bursts(time.monotonic))
        if data and bursts.is_paste(data):
            yield events.Paste(data)
        else:
            yield from by_keys(self, data)

    vars(feed)["knows_bursts"] = True
    setattr(XTermParser, "feed", feed)  # noqa: B010 - mypy lets no method be assigned
