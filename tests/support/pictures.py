"""Pictures of the screen as text, a file for each state of it: what stands where in each size, and
in which style it does in each look.

Under a line of the screen stand letters where another style begins, unless they are those of the
line above. `pytest tests/tui/pictures --take-pictures` takes all of them anew; `git diff` then
tells what has changed, and is to be read.
"""

import difflib
import string
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import Monochrome
from textual.pilot import Pilot

from tests.support.stillness import still
from tests.support.tui import painted

WIDE, MEDIUM, NARROW = (120, 40), (80, 24), (50, 20)
SIZES = (WIDE, MEDIUM, NARROW)
THEMES = {"dark": "textual-dark", "light": "textual-light"}

_LETTERS = string.ascii_letters + string.digits
_DIFFERENT = 60
"""Lines of a difference that are shown."""

Line = list[tuple[str, Style | None]]
"""Pieces of text with their styles."""
Shot = list[Line]

_without_colour = Monochrome()
"""Textual's, for NO_COLOR. `test_no_color` holds that nothing else comes of that."""


class Album:
    def __init__(self, folder: Path, *, anew: bool) -> None:
        """With `anew` the pictures are written rather than compared."""
        self._folder = folder
        self._anew = anew

    async def take(
        self, pilot: Pilot[Any], name: str, sizes: Sequence[tuple[int, int]] = SIZES
    ) -> None:
        """The state as it is in each size and look. Afterwards the terminal is as wide as it was,
        and may look otherwise."""
        app, before = pilot.app, pilot.app.size
        # To begin with the one that it has is a change the less; so are sizes there and back.
        looks = sorted(THEMES, key=lambda look: THEMES[look] != app.theme)
        shots: dict[tuple[int, int], dict[str, Shot]] = {size: {} for size in sizes}
        for look, along in zip(looks, (sizes, sizes[::-1]), strict=True):
            app.theme = THEMES[look]
            for size in along:
                if app.size != size:
                    await pilot.resize_terminal(*size)
                await still(pilot)
                shots[size][look] = _shot(app)
        if app.size != before:
            await pilot.resize_terminal(*before)
        self._keep(name, _written(shots))

    def _keep(self, name: str, seen: str) -> None:
        file = self._folder / f"{name}.txt"
        if self._anew:
            self._folder.mkdir(exist_ok=True)
            file.write_text(seen, encoding="utf-8", newline="\n")
            return
        assert file.exists(), f"there is no picture {file}; --take-pictures takes it"
        kept = file.read_text(encoding="utf-8")
        if seen != kept:
            lines = difflib.unified_diff(
                kept.split("\n"), seen.split("\n"), "kept", "seen", lineterm=""
            )
            changed = "\n".join(list(lines)[:_DIFFERENT])
            raise AssertionError(f"{name} looks different:\n{changed}")


def _shot(app: App[Any]) -> Shot:
    # It keeps what it has painted of those that shine through it.
    app.screen.refresh()
    return [[(segment.text, segment.style) for segment in strip] for strip in painted(app)]


def _written(shots: dict[tuple[int, int], dict[str, Shot]]) -> str:
    letters: dict[tuple[str, str, str], str] = {}
    lines: list[str] = []
    for (width, height), looks in shots.items():
        lines.append(f"[{width}x{height}]")
        above = ""
        for dark, light in zip(looks["dark"], looks["light"], strict=True):
            text, other = _text(dark), _text(light)
            assert text == other, f"another text in the light:\n{text}\n{other}"
            marks = _marks(_styles(dark), _styles(light), letters)
            lines.append(f"|{text.rstrip()}")
            if marks != above:
                lines.append(f" {marks}")
            above = marks
    styles = (f"{letter} {' | '.join(style)}" for style, letter in letters.items())
    return "\n".join([*lines, "[dark | light | no colour]", *styles, ""])


def _text(line: Line) -> str:
    return "".join(text for text, _ in line)


def _styles(line: Line) -> Iterator[tuple[str, str]]:
    """Of each character, with and without colour."""
    for text, style in line:
        told = _told(style or Style.null(), not text.strip())
        yield from (told for _ in text)


@cache
def _told(style: Style, blank: bool) -> tuple[str, str]:
    [(_, grey, _)] = _without_colour.apply([Segment("x", style)], Color.parse("black"))
    return _words(style, blank), _words(grey or Style.null(), blank)


def _words(style: Style, blank: bool) -> str:
    """Of blanks only what is seen of them."""
    seen = ("underline", "strike", "reverse", "link")
    words = [name for name in seen if getattr(style, name)]
    colour = "" if style.color is None or (blank and not words) else style.color.name
    ground = "" if style.bgcolor is None else f"on {style.bgcolor.name}"
    if not blank:
        words += [name for name in ("bold", "dim", "italic") if getattr(style, name)]
    return " ".join(filter(None, [colour, ground, *words]))


def _marks(
    dark: Iterator[tuple[str, str]],
    light: Iterator[tuple[str, str]],
    letters: dict[tuple[str, str, str], str],
) -> str:
    """Where in a line another style begins."""
    marks, before = "", None
    for (coloured, grey), other in zip(dark, light, strict=True):
        style = coloured, other[0], grey
        mark = " "
        if style != before:
            mark = letters.setdefault(style, _letter(len(letters)))
        marks, before = marks + mark, style
    return marks.rstrip()


def _letter(number: int) -> str:
    # Greek, where there are more than that.
    return next(chain(_LETTERS[number : number + 1], [chr(0x3B1 + number - len(_LETTERS))]))
