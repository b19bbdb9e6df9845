"""Bold, italic and the like within a paragraph. Pure.

One pass from left to right: of each kind of mark at most one is open, so what a text costs grows
with its length alone, and nothing nests deeper than there are kinds. A mark that finds no partner
is a character like any other.
"""

import re
from itertools import accumulate, islice
from typing import Literal, NamedTuple

from rich.cells import cell_len, get_character_cell_size

from pychat.protocol.limits import TEXT_LINES
from pychat.tui.log.addresses import ADDRESS, TARGET, is_address, trimmed

Look = Literal["bold", "italic", "strike", "code", "link", "spoiler"]
COVER = "▒"
"""Stands for each cell of what is hidden."""
MARKS = 500
"""Of a message; those after them mean nothing. A screen full of marks stays quick to measure."""

TOKEN = re.compile(
    r"(?:\\[!-/:-@\[-`{-~])+|\*+|_+|~+|\|+|`+|\[|\](?=\()|\n(?= *\n)|https?://(?=\S)"
)
"""What may mean something: escapes, a mark, a bracket of a link, an empty line, an address."""
_TICKS = re.compile(r"`+|\n")
# Where emphasis may begin and end: at a word's edge, so that snake_case, 2**3, a*b*c and
# src/**/*.py stay as they are.
_BEFORE = frozenset(" \n([{\"'“‘«‹„<*_~|>—–-:")
_BEHIND = frozenset(" \n)]}\"'”’»›“>*_~|—–-…,.;:!?")
_KINDS: dict[str, tuple[Look, ...]] = {
    "*": ("italic",),
    "**": ("bold",),
    "***": ("italic", "bold"),
    "_": ("italic",),
    "~~": ("strike",),
    "||": ("spoiler",),
}


class Span(NamedTuple):
    """A stretch of the shown text that looks different."""

    start: int
    end: int
    look: Look
    url: str = ""
    """Of a link."""


class Inline(NamedTuple):
    text: str
    spans: tuple[Span, ...]
    hides: bool
    """Whether it has a spoiler, hidden or open."""
    marks: int
    """How many of those that were allowed are left."""


def inline(source: str, *, opened: bool, marks: int = MARKS) -> Inline:
    """A paragraph as it is shown. Spoilers are covered unless `opened`.

    What comes after so many marks is as it is written, and covered if there is a `||` in it.
    """
    return _Reading(source, opened, marks).read()


class _Reading:
    """The text in pieces, in order; a mark that has found its partner becomes an empty one."""

    def __init__(self, source: str, opened: bool, marks: int) -> None:
        self._source = source
        self._opened = opened
        self._left = marks
        self._pieces: list[str] = []
        self._spans: list[tuple[int, int, Look, str]] = []
        """By pieces."""
        self._open: dict[str, int] = {}
        """The pieces that marks open with; `_` and `*` are two kinds."""
        self._bracket: int | None = None
        self._links: list[tuple[int, int, Look, str]] = []
        self._hides = False
        self._code = _code_ends(source, marks) if "`" in source else {}

    def read(self) -> Inline:
        source, at = self._source, 0
        while self._left and (token := TOKEN.search(source, at)):
            if token.start() > at:
                self._pieces.append(source[at : token.start()])
            at = self._take(token)
            self._left -= 1
        self._take_rest(source[at:])
        return self._shown()

    def _take_rest(self, rest: str) -> None:
        covered = "||" in rest and not self._left
        if covered and "||" not in self._open:
            self._open_marks("||")
        if rest:
            self._pieces.append(rest)
        if covered:
            self._close_one("||")

    def _take(self, token: re.Match[str]) -> int:
        """Deal with a token; where to go on."""
        mark, end = token[0], token.end()
        match mark[0]:
            case "\\":
                self._pieces.append(mark[1::2])
            case "`":
                end = self._take_code(token)
            case "h":
                end = self._take_address(token.start())
            case "[":
                self._bracket = None if _joins(self._source, end) else len(self._pieces)
                self._pieces.append(mark)
            case "]":
                end = self._take_target(token.start())
            case "\n":
                # Only what hides reaches over an empty line: nobody wants half of it shown.
                self._open = {key: at for key, at in self._open.items() if key == "||"}
                self._pieces.append(mark)
            case _:
                self._take_mark(mark, token.start(), end)
        return end

    def _take_code(self, token: re.Match[str]) -> int:
        end = self._code.get(token.start())
        if end is None:
            self._pieces.append(token[0])
            return token.end()
        self._add(self._source[token.start() : end], "code")
        return end

    def _take_address(self, start: int) -> int:
        url = address_at(self._source, start)
        if is_address(url):
            self._links.append((len(self._pieces), len(self._pieces) + 1, "link", url))
        self._pieces.append(url)
        return start + len(url)

    def _take_target(self, start: int) -> int:
        found = TARGET.match(self._source, start)
        bracket, self._bracket = self._bracket, None
        words = "" if bracket is None else "".join(self._pieces[bracket + 1 :])
        if found is None or bracket is None or not words.strip():
            self._pieces.append("]")
            return start + 1
        self._pieces[bracket] = ""
        # An address among the words would be a second target.
        while self._links and self._links[-1][0] > bracket:
            self._links.pop()
        # A spoiler that began among them would hide the target of a link that is seen.
        self._open = {key: at for key, at in self._open.items() if at < bracket}
        if words != found["url"]:
            self._pieces.append(f" ({found['host']})")
        self._links.append((bracket, len(self._pieces), "link", found["url"]))
        return found.end()

    def _take_mark(self, mark: str, start: int, end: int) -> None:
        if mark not in _KINDS or _joins(self._source, end):
            self._pieces.append(mark)
            return
        before = self._source[start - 1] if start else "\n"
        behind = self._source[end] if end < len(self._source) else "\n"
        rest = mark
        if not before.isspace() and (mark == "||" or _ends(behind)):
            rest = self._close(mark)
        if rest and not behind.isspace() and (mark == "||" or _begins(before)):
            self._open_marks(rest)
        elif rest:
            self._pieces.append(rest)

    def _close(self, mark: str) -> str:
        """Close what the mark can; what is left of it."""
        if mark[0] == "*":
            mine = [key for key in self._open if key in ("**", "*")]
            # The one that was opened last is the inner one.
            for key in sorted(mine, key=self._open.__getitem__, reverse=True):
                if len(mark) >= len(key):
                    self._close_one(key)
                    mark = mark[len(key) :]
        elif mark in self._open:
            self._close_one(mark)
            mark = ""
        return mark

    def _close_one(self, key: str) -> None:
        opened, end = self._open.pop(key), len(self._pieces)
        self._pieces[opened] = ""
        [look] = _KINDS[key]
        self._spans.append((opened, end, look, ""))
        if look != "spoiler":
            return
        self._hides = True
        # A link that began inside and ends behind would have its words hidden and not its target.
        self._bracket = None
        if not self._opened:
            self._cover(opened, end)

    def _cover(self, start: int, end: int) -> None:
        while self._links and self._links[-1][0] > start:
            self._links.pop()
        for at in range(start, end):
            lines = self._pieces[at].split("\n")
            self._pieces[at] = "\n".join([COVER * cell_len(line) for line in lines])

    def _open_marks(self, mark: str) -> None:
        for key in ("*", "**") if mark == "***" else (mark,):
            self._open[key] = len(self._pieces)
            self._pieces.append(key)

    def _add(self, text: str, look: Look) -> None:
        self._spans.append((len(self._pieces), len(self._pieces) + 1, look, ""))
        self._pieces.append(text)

    def _shown(self) -> Inline:
        offsets = list(accumulate(map(len, self._pieces), initial=0))
        spans = [
            Span(offsets[start], offsets[end], look, url)
            for start, end, look, url in self._spans + self._links
            if offsets[start] < offsets[end]
        ]
        return Inline("".join(self._pieces), tuple(spans), self._hides, self._left)


def address_at(source: str, start: int) -> str:
    """What begins like an address, and is taken as one piece whether it is one or not."""
    found = ADDRESS.match(source, start)
    return trimmed(found[0]) if found else source[start : start + len("http")]


def _code_ends(source: str, marks: int) -> dict[int, int]:
    """Where a run of backticks begins: where the next one as long, on the same line, ends. As many
    runs are looked at as so many marks use, but for those that stand within code."""
    ends: dict[int, int] = {}
    following: dict[int, int] = {}
    runs = list(islice(_TICKS.finditer(source), 2 * (marks + TEXT_LINES)))
    for run in reversed(runs):
        if run[0] == "\n":
            following.clear()
            continue
        length = len(run[0])
        if length in following:
            ends[run.start()] = following[length]
        following[length] = run.end()
    return ends


def _begins(before: str) -> bool:
    return before in _BEFORE or get_character_cell_size(before) == 2


def _ends(behind: str) -> bool:
    return behind in _BEHIND or get_character_cell_size(behind) == 2


def _joins(source: str, at: int) -> bool:
    """Whether a character is one with the one before it, which is then no mark: taking it away
    would pile accents up on what stands before."""
    if at >= len(source) or source[at] <= "~":
        return False
    return get_character_cell_size(source[at]) == 0
