"""What was pasted: whether it is so much that it asks, and the messages that it comes to. Pure.

Nothing of a text is lost by splitting: the parts joined are the text.
"""

import re

from pychat.protocol import limits
from pychat.protocol.text import clean

MANY = 10
"""Messages: more are sent only after a second question."""

MOST_CHARS = 1_000_000
"""A larger paste is not taken: as much as all drafts on disk together."""

_FENCE_CHARS = 100
"""A text that needs a longer fence is no code."""

_FENCES = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)


def tidy(text: str) -> str:
    """With plain line ends, as terminals send others, and harmless to this terminal."""
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))


def asks(text: str, *, lines: int, chars: int) -> bool:
    """Whether it is more than that, and does not go anywhere without a question."""
    return len(text) > chars or lines_of(text) > lines


def lines_of(text: str) -> int:
    """One that the last line end begins is not counted."""
    return text.removesuffix("\n").count("\n") + 1


def split(
    text: str, *, chars: int = limits.TEXT_CHARS, lines: int = limits.TEXT_LINES
) -> list[str]:
    """Parts within both limits, the line end behind a part not counted; joined they are the text.

    They end where lines end; only a line that is longer than a part is cut, after a space if
    there is one in its second half.
    """
    parts: list[str] = []
    start = 0
    while start < len(text):
        end = _end_of_part(text, start, chars, lines)
        parts.append(text[start:end])
        start = end
    return parts


def _end_of_part(text: str, start: int, chars: int, lines: int) -> int:
    end = start
    for _ in range(lines):
        line_end = text.find("\n", end) + 1 or len(text) + 1
        if line_end - 1 - start > chars:
            break
        end = min(line_end, len(text))
        if end == len(text):
            break
    if end > start:
        return end
    space = text.rfind(" ", start + chars // 2, start + chars)
    return space + 1 if space >= 0 else start + chars


def as_messages(text: str) -> list[str]:
    """As it is, in as few messages as may be; what would show nothing is left out."""
    return [bare for part in split(text) if (bare := part.strip("\n").rstrip())]


def as_code(text: str) -> list[str]:
    """As code blocks, one if that is enough; none if the text is no code that a fence can hold."""
    longest = max((len(run) for run in _FENCES.findall(text)), default=2)
    fence = "`" * (longest + 1)
    if len(fence) > _FENCE_CHARS or not text.strip():
        return []
    parts = split(text, chars=limits.TEXT_CHARS - 2 * len(fence) - 2, lines=limits.TEXT_LINES - 2)
    blocks = [part.removesuffix("\n") for part in parts if part.strip()]
    return [f"{fence}\n{block}\n{fence}" for block in blocks]
