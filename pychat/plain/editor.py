"""The line in which one writes. Pure: keys go in, and what a terminal is to show of it comes out.

It takes one row, whatever is in it: so what arrives meanwhile needs no more than that row erased,
and a terminal that wraps differently is not confused.
"""

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import NamedTuple
from unicodedata import category, east_asian_width

from pychat.plain.keyboard import Key
from pychat.protocol.text import clean_line

CHARS = 100_000
"""Of one line; more than a message may have, so that a paste that is too long can be shortened."""

HISTORY = 500
"""Lines that Up brings back."""

ERASE = "\r\x1b[K"

_NOT_TEXT = ("Cc", "Cs")


class Entered(NamedTuple):
    text: str


class Offered(NamedTuple):
    """Tab was pressed, and these are possible."""

    names: list[str]


class Ended(NamedTuple):
    """Ctrl+D, where nothing is written."""


class Full(NamedTuple):
    """What was pressed would make it longer than CHARS."""


Outcome = Entered | Offered | Ended | Full | None
Completer = Callable[[str], tuple[int, Sequence[str]]]
"""For the text before the cursor: where what is to be completed begins, and what it may become."""


class Editor:
    def __init__(self, complete: Completer) -> None:
        self.text = ""
        self.at = 0
        """How many characters of it stand before the cursor."""
        self.prompt = ""
        self._complete = complete
        self._killed = ""
        self._history: list[str] = []
        self._spot = 0
        """The line of the history that is looked at; its end is the one being written."""
        self._written = ""

    def put(self, text: str) -> None:
        """In the place of what is written."""
        self.text, self.at = text, len(text)

    def remember(self, text: str) -> None:
        """As the last line of the history."""
        if text.strip() and text != (self._history[-1] if self._history else ""):
            self._history = [*self._history, text][-HISTORY:]
        self._spot = len(self._history)

    def press(self, key: Key) -> Outcome:
        if key.name in ("text", "paste"):
            return self._insert(key.text)
        if key.name in ("ctrl+j", "alt+enter"):
            return self._insert("\n")
        if key.name == "enter":
            return self._enter()
        if key.name == "tab":
            return self._tab()
        if key.name == "ctrl+d" and not self.text:
            return Ended()
        act = _KEYS.get(key.name)
        if act is not None:
            act(self)
        return None

    # What is shown

    def paint(self, columns: int) -> str:
        """The row, with the cursor at its place. `columns` is the width of the terminal."""
        before, after = _shown(self.text[: self.at]), _shown(self.text[self.at :])
        prompt = self.prompt if cells(self.prompt) < columns // 2 else ""
        room = max(1, columns - 1 - cells(prompt))
        if cells(before) > room:
            before = _end(before, room)
        at = cells(prompt) + cells(before)
        shown = f"{prompt}{before}{_beginning(after, columns - 1 - at)}"
        return f"{ERASE}{shown}\r" + (f"\x1b[{at}C" if at else "")

    # What keys do

    def _insert(self, text: str) -> Outcome:
        text = "".join(char for char in text if char in "\n\t" or category(char) not in _NOT_TEXT)
        if len(self.text) + len(text) > CHARS:
            return Full()
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)
        return None

    def _enter(self) -> Entered:
        text = self.text
        self.remember(text)
        self.put("")
        return Entered(text)

    def _tab(self) -> Outcome:
        begin, names = self._complete(self.text[: self.at])
        if not names:
            return None
        found = names[0] if len(names) == 1 else names[0][: _alike(names)]
        if len(found) <= self.at - begin and len(names) > 1:
            return Offered(list(names))
        self.text = self.text[:begin] + found + self.text[self.at :]
        self.at = begin + len(found)
        return None

    def _step(self, by: int) -> None:
        spot = self._spot + by
        if not 0 <= spot <= len(self._history):
            return
        if self._spot == len(self._history):
            self._written = self.text
        self._spot = spot
        self.put(self._written if spot == len(self._history) else self._history[spot])

    def _find(self) -> None:
        """The last line of the history that has what is written in it, then the one before."""
        if self._spot == len(self._history):
            self._written = self.text
        for spot in range(self._spot - 1, -1, -1):
            if self._written in self._history[spot]:
                self._spot = spot
                self.put(self._history[spot])
                return

    def _move(self, to: int) -> None:
        self.at = min(max(to, 0), len(self.text))

    def _delete(self, begin: int, end: int) -> None:
        begin, end = max(begin, 0), min(end, len(self.text))
        self.text = self.text[:begin] + self.text[end:]
        self.at = begin

    def _kill(self, begin: int, end: int) -> None:
        self._killed = self.text[begin:end] or self._killed
        self._delete(begin, end)

    def _word_before(self) -> int:
        return re.search(r"\w*\W*\Z", self.text[: self.at]).start()  # type: ignore[union-attr]

    def _word_after(self) -> int:
        return self.at + re.match(r"\W*\w*", self.text[self.at :]).end()  # type: ignore[union-attr]


_KEYS: dict[str, Callable[[Editor], object]] = {
    "left": lambda line: line._move(line.at - 1),
    "right": lambda line: line._move(line.at + 1),
    "home": lambda line: line._move(0),
    "end": lambda line: line._move(len(line.text)),
    "alt+b": lambda line: line._move(line._word_before()),
    "alt+f": lambda line: line._move(line._word_after()),
    "backspace": lambda line: line._delete(line.at - 1, line.at),
    "delete": lambda line: line._delete(line.at, line.at + 1),
    "ctrl+u": lambda line: line._kill(0, line.at),
    "ctrl+k": lambda line: line._kill(line.at, len(line.text)),
    "ctrl+w": lambda line: line._kill(line._word_before(), line.at),
    "alt+d": lambda line: line._kill(line.at, line._word_after()),
    "ctrl+y": lambda line: line._insert(line._killed),
    "up": lambda line: line._step(-1),
    "down": lambda line: line._step(1),
    "ctrl+r": Editor._find,
}
_ALSO = {
    "left": "ctrl+b",
    "right": "ctrl+f",
    "home": "ctrl+a",
    "end": "ctrl+e",
    "delete": "ctrl+d",
    "up": "ctrl+p",
    "down": "ctrl+n",
    "ctrl+w": "alt+backspace",
}
_KEYS |= {also: _KEYS[name] for name, also in _ALSO.items()}


def _alike(names: Sequence[str]) -> int:
    """How many characters all of them begin with, in any case."""
    first, last = min(names, key=str.casefold), max(names, key=str.casefold)
    pairs = zip(first.casefold(), last.casefold(), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def cells(text: str) -> int:
    """About what a terminal takes for it; a little more for emoji of several characters."""
    return sum(map(_cell, text))


def _cell(char: str) -> int:
    if char.isascii():
        return 1
    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in ("W", "F") else 1


def _shown(text: str) -> str:
    return clean_line(text)


def _end(text: str, room: int) -> str:
    return _beginning(text[::-1], room)[::-1]


def _beginning(text: str, room: int) -> str:
    used = 0

    def fits(char: str) -> bool:
        nonlocal used
        used += _cell(char)
        return used <= room

    return "".join(takewhile(fits, text))
