"""The Markdown that messages may have, from a cleaned text to what is shown of it. Pure.

Bold, italic, strike, code, fences, quotes, lists, headings (as bold), links and spoilers; nothing
else, and never the terminal's or Textual's own markup. What is shown has no character that the
text has not, but for the marks of this module and of `inline`. Time grows with the text's length.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from pychat.protocol.text import clean
from pychat.tui.log.addresses import ADDRESS, is_address
from pychat.tui.log.inline import MARKS, TOKEN, Span, address_at, inline
from pychat.tui.render import TAB_CELLS, body

FOLD_LINES = 12
"""Longer code is folded: the talk around it is to stay in sight."""
FOLDED_LINES = 8
"""What is shown of folded code. Fewer than `FOLD_LINES`, so that a fold hides enough to be worth
a key."""
LANGUAGE_CHARS = 20
BULLET = "•"

# What nothing can be without; most texts have none of it, and these tests are all that they cost.
_MARK = re.compile(r"[*_`~|\\\[]")
_FIRST = re.compile(r" *(?:[-#>]|[0-9]{1,3}\.)")
_LATER = re.compile(r"\n *(?:[-#>]|[0-9]{1,3}\.)")

_FENCE = re.compile(r" {0,3}(?P<ticks>`{3,})(?P<rest>[^`]*)\Z")
_LANGUAGE = re.compile(rf"[A-Za-z0-9_+#.-]{{0,{LANGUAGE_CHARS}}}\Z")
_HEADING = re.compile(r"#{1,6} +(?=\S)")
_QUOTE = re.compile(r">(?: |\Z)")
_ITEM = re.compile(r"(?P<indent> {0,12})(?P<mark>[-*]|[0-9]{1,3}\.) +(?=\S)")
_START = re.compile(r" *(?:[-#>]|[0-9]{1,3}(?=\.))")


class Block(NamedTuple):
    """A part of the shown text that is laid out in its own way; one newline stands between two."""

    kind: Literal["text", "quote", "item", "code"]
    start: int
    end: int
    hang: int = 0
    """Cells, and characters, of an item's mark: what is below it stands as far in."""
    language: str = ""
    lines: int = 0
    """Of code, those that are folded away too."""


class Shown(NamedTuple):
    text: str
    spans: tuple[Span, ...] = ()
    blocks: tuple[Block, ...] = ()
    """Of the whole text, or none for a text without any."""
    hides: bool = False
    """Whether something in it can be opened, or closed again."""


class Fence(NamedTuple):
    language: str
    lines: list[str]


def is_plain(text: str) -> bool:
    """Whether a text is shown as it is; addresses in it are links all the same."""
    return (
        not _MARK.search(text)
        and not _FIRST.match(text)
        and ("\n" not in text or not _LATER.search(text))
    )


def show(text: str, *, opened: bool = False, folding: bool = True) -> Shown:
    """What is shown of a text that has been through `render.body`. Spoilers are covered, and long
    code is folded if `folding`, unless `opened`."""
    if not is_plain(text):
        showing = _Showing(opened, folding)
        for part in _parts(text.split("\n")):
            showing.add(part)
        return showing.shown()
    if "://" not in text:
        return Shown(text)
    return Shown(text, inline(text, opened=True).spans)


def as_typed(text: str) -> Shown:
    """A text that has been through `render.body` with its marks; addresses are links."""
    if "://" not in text:
        return Shown(text)
    starts = [found.start() for found in ADDRESS.finditer(text)]
    urls = [(start, address_at(text, start)) for start in starts]
    return Shown(
        text,
        tuple(Span(start, start + len(url), "link", url) for start, url in urls if is_address(url)),
    )


def preview(raw: str) -> str:
    """A remote text as a line of plain words, for a quote or a notification; spoilers covered."""
    return show(body(raw), folding=False).text.replace("\n", " ")


def code_blocks(raw: str) -> list[str]:
    """The contents of a remote text's fences, to be copied: whole, with their tabs."""
    parts = _parts(clean(raw).split("\n"))
    return ["\n".join(part.lines) for part in parts if isinstance(part, Fence)]


def links_of(raw: str) -> list[str]:
    """The addresses that a remote text shows as links, each once, in order; not those in a spoiler
    that is closed."""
    spans = show(body(raw)).spans
    return list(dict.fromkeys(span.url for span in spans if span.url))


def escaped(text: str) -> str:
    """What is to be sent for a text to be shown as it is written, without any Markdown."""
    # With tabs as spaces already: a backslash before one would move it.
    text = clean(text).expandtabs(TAB_CELLS)
    if is_plain(text):
        return text
    plain = "\n".join([_escaped_line(line) for line in text.split("\n")])
    if sum(1 for _ in TOKEN.finditer(plain)) < MARKS:
        return plain
    # Too many to be heeded: code means nothing either.
    ticks = max(re.findall("`+", text), key=len, default="").ljust(2, "`") + "`"
    return f"{ticks}\n{text}\n{ticks}"


def _escaped_line(line: str) -> str:
    start = _START.match(line)
    at = start.end() if start else 0
    parts = []
    if start:
        mark = start[0]
        parts.append(f"{mark}\\" if mark[-1].isdigit() else f"{mark[:-1]}\\{mark[-1]}")
    while token := TOKEN.search(line, at):
        parts.append(line[at : token.start()])
        mark, at = token[0], token.end()
        if mark[0] == "h":
            mark = address_at(line, token.start())
            at = token.start() + len(mark)
        elif mark[0] != "]":
            mark = "".join([f"\\{char}" for char in mark])
        parts.append(mark)
    return "".join([*parts, line[at:]])


Part = tuple[Literal["text", "heading", "quote", "item"], str, str] | Fence
"""A kind, the mark that stands for it, and the words; or code."""


def _parts(lines: list[str]) -> Iterator[Part]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if (opening := _FENCE.match(line)) and at + 1 < len(lines):
            fence, at = _fence(lines, at, opening)
            yield fence
        elif heading := _HEADING.match(line):
            yield "heading", "", line[heading.end() :]
            at += 1
        elif item := _ITEM.match(line):
            mark = item["mark"] if item["mark"][-1] == "." else BULLET
            yield "item", f"{item['indent']}{mark} ", line[item.end() :]
            at += 1
        elif _is_quote(line):
            end = _end(lines, at, _is_quote)
            yield "quote", "", "\n".join([line[2:] for line in lines[at:end]])
            at = end
        else:
            end = _end(lines, at, _is_text)
            yield "text", "", "\n".join(lines[at:end])
            at = end


def _end(lines: list[str], at: int, alike: Callable[[str], bool]) -> int:
    """The line after those that are like the one at `at`."""
    end = at + 1
    while end < len(lines) and alike(lines[end]):
        end += 1
    return end


def _is_quote(line: str) -> bool:
    return _QUOTE.match(line) is not None


def _is_text(line: str) -> bool:
    return not any(form.match(line) for form in (_FENCE, _HEADING, _ITEM, _QUOTE))


def _fence(lines: list[str], at: int, opening: re.Match[str]) -> tuple[Fence, int]:
    """Code from its first line to the one that closes it, or else the last; and the line after."""
    ticks = opening["ticks"]
    language = _LANGUAGE.match(opening["rest"].strip(" "))
    code = [] if language else [opening["rest"]]
    for number in range(at + 1, len(lines)):
        line = lines[number].rstrip(" ")
        if line.endswith(ticks):
            if rest := line.rstrip("`").rstrip(" "):
                code.append(rest)
            break
        code.append(lines[number])
    return Fence(language[0].lower() if language else "", code or [""]), number + 1


class _Showing:
    """What is shown, part after part."""

    def __init__(self, opened: bool, folding: bool) -> None:
        self._opened = opened
        self._folding = folding
        self._texts: list[str] = []
        self._spans: list[Span] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._hides = False
        self._marks = MARKS

    def add(self, part: Part) -> None:
        if isinstance(part, Fence):
            self._add_code(part)
            return
        kind, mark, words = part
        content, spans, hides, self._marks = inline(words, opened=self._opened, marks=self._marks)
        self._hides |= hides
        start = self._begin()
        self._append(mark)
        at = self._length
        self._append(content)
        if kind == "heading":
            self._spans.append(Span(at, self._length, "bold"))
            kind = "text"
        self._spans += [Span(at + span.start, at + span.end, *span[2:]) for span in spans]
        self._blocks.append(Block(kind, start, self._length, len(mark)))

    def _add_code(self, fence: Fence) -> None:
        lines = fence.lines
        if len(lines) > FOLD_LINES:
            self._hides = True
            if self._folding and not self._opened:
                lines = lines[:FOLDED_LINES]
        start = self._begin()
        self._append("\n".join(lines))
        block = Block("code", start, self._length, 0, fence.language, len(fence.lines))
        self._blocks.append(block)

    def shown(self) -> Shown:
        return Shown("".join(self._texts), tuple(self._spans), tuple(self._blocks), self._hides)

    def _begin(self) -> int:
        if self._blocks:
            self._append("\n")
        return self._length

    def _append(self, text: str) -> None:
        self._texts.append(text)
        self._length += len(text)
