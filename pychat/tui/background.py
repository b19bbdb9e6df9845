"""The colour of the terminal's background: asked for, and its answer taken out of what is typed.

Textual 8.2 reads such an answer as keys. Whatever of one comes, whole, in pieces, late or broken,
no letter of it gets to whoever has the focus. Terminals that know nothing of it say nothing.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping

from textual import constants
from textual._xterm_parser import XTermParser
from textual.message import Message

from pychat.tui.themes import Colour

QUESTION = "\x1b]11;?\a"

KEY_SECONDS = 0.1
"""`ESC ]` may be a key. What may yet become an answer and is too short to be known for one is
passed on after that."""

BROKEN_SECONDS = 5.0
"""The rest of an answer is waited for as long; then what has come of it is dropped."""

_START = "\x1b]"
_VALUE = "[0-9a-fA-F/:rgb#]{0,40}"
_ANSWER = re.compile(rf"\x1b\]11;({_VALUE})(?:\x07|\x1b\\|\x9c)")
_PIECE = re.compile(rf"\x1b\](?:1(?:1(?:;{_VALUE}\x1b?)?)?)?\Z")
# Something else than a colour, of which at least the end is known.
_NONSENSE = re.compile(r"\x1b\]11;[^\x00-\x1f\x7f]{0,80}(?:\x07|\x1b\\)")
_BROKEN = re.compile(rf"\x1b\]11;{_VALUE}")
_KNOWN = "\x1b]11;"
# What Textual ignores after an ESC that it has already: an answer about a mode that nobody knows.
_NOTHING = "[?2026;0$y"
_RGB = re.compile(r"rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})(?:/[0-9a-f]{1,4})?\Z")
_HEX = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\Z")
_LIGHT_NUMBERS = {7, *range(9, 16)}
"""Of the 16 colours of a terminal."""
_SILENT = ("dumb", "linux")
"""By TERM: those that would show the question."""


class BackgroundTold(Message, bubble=False):
    def __init__(self, colour: Colour) -> None:
        super().__init__()
        self.colour = colour


class Answers:
    """Takes the answers out of what one terminal sends, reading after reading."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held = ""
        self._since = 0.0
        self._began_apart = False
        """Whether the held ESC has been passed on already: a reading ended with it."""
        self._escaped = float("-inf")
        """When a reading ended with ESC."""

    def take(self, data: str) -> tuple[str, list[Colour]]:
        """What is left of a reading, and the colours that were told in it."""
        now = self._clock()
        apart = self._began_apart
        if not self._held and data.startswith("]") and now - self._escaped < constants.ESCAPE_DELAY:
            apart, data = True, f"\x1b{data}"
        text, self._held = self._held + data, ""
        left, at = "", 0
        colours: list[Colour] = []
        while (found := text.find(_START, at)) >= 0:
            left += text[at:found]
            if answer := _ANSWER.match(text, found):
                colours += filter(None, [colour_of(answer[1])])
                at = answer.end()
            elif _PIECE.match(text, found):
                self._held, self._since, at = text[found:], now, len(text)
            elif broken := _NONSENSE.match(text, found) or _BROKEN.match(text, found):
                at = broken.end()
            else:
                left += _START
                at = found + len(_START)
            if apart and found == 0 and not self._held:
                left = _NOTHING if not left else left[1:]
                apart = False
        left += text[at:]
        self._began_apart = apart
        if data:
            self._escaped = now if left.endswith("\x1b") else float("-inf")
        return left, colours

    def late(self) -> str:
        """What was held back and is a key after all."""
        waited = self._clock() - self._since
        if not self._held or waited < KEY_SECONDS:
            return ""
        known = self._held.startswith(_KNOWN)
        if known and waited < BROKEN_SECONDS:
            return ""
        held, self._held = self._held, ""
        apart, self._began_apart = self._began_apart, False
        return "" if known else held[1:] if apart else held


def teach_answers() -> None:
    """Have Textual take them out of what it reads. Idempotent; before the app runs."""
    if hasattr(XTermParser, "answers_of"):
        return
    by_keys, by_time = XTermParser.feed, XTermParser.tick

    def answers_of(self: XTermParser) -> Answers:
        answers: Answers = self.__dict__.setdefault("_answers", Answers(time.monotonic))
        return answers

    def feed(self: XTermParser, data: str) -> Iterable[Message]:
        left, colours = answers_of(self).take(data)
        for colour in colours:
            yield BackgroundTold(colour)
        # Nothing at all is what ends the reading.
        if left or not data:
            yield from by_keys(self, left)

    def tick(self: XTermParser) -> Iterable[Message]:
        if late := answers_of(self).late():
            yield from by_keys(self, late)
        yield from by_time(self)

    for name, method in (("answers_of", answers_of), ("feed", feed), ("tick", tick)):
        setattr(XTermParser, name, method)


def colour_of(answer: str) -> Colour | None:
    """`rgb:1e1e/1e1e/1e1e`, `#1e1e1e`; None if it is neither."""
    if found := _RGB.match(answer.lower()):
        red, green, blue = (int(part, 16) * 255 // (16 ** len(part) - 1) for part in found.groups())
        return red, green, blue
    if found := _HEX.match(answer.lower()):
        red, green, blue = (int(part, 16) for part in found.groups())
        return red, green, blue
    return None


def told_by(environ: Mapping[str, str]) -> Colour | None:
    """What COLORFGBG says, which some terminals set: `15;0`, `0;default;15`."""
    number = environ.get("COLORFGBG", "").rpartition(";")[2]
    if not (number.isascii() and number.isdigit()) or int(number) > 15:
        return None
    return (255, 255, 255) if int(number) in _LIGHT_NUMBERS else (0, 0, 0)


def may_ask(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM", "") not in _SILENT
