"""Remote text made paintable. Every word from the network that a widget shows comes through here.

Never through markup and never through Markdown: both let a sender run actions and hide text.
What comes out has no control character, and its width in cells is what terminals agree on.
"""

import re

from textual.content import Content

from pychat.protocol import limits
from pychat.protocol.text import clean, clean_line

LINE_CHARS = 1_000
"""Above every limit of the protocol for what has one line; only a hostile server reaches it."""
TAB_CELLS = 4

_EMOJI = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
# Textual counts the character after a joiner as nothing, whatever it is; a terminal does so only
# for emoji that it knows. "x ZWJ x ZWJ x ..." would be one cell here and run over the screen there.
_STRAY_JOINER = re.compile(f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")
# The longest emoji in use have three joiners.
_CHAIN = re.compile("((?:\u200d[^\u200d]{1,3}){4})\u200d")


def line(text: str) -> Content:
    """A name, a topic, a title or an error, for a widget."""
    return Content(label(text))


def label(text: str) -> str:
    """As `line`, to be joined with others or put into a strip."""
    return _steady(clean_line(_cut(text, LINE_CHARS)))


def body(text: str) -> str:
    """A message's text. Its only control character is the newline; tabs are spaces.

    Cut to what the protocol allows, for a server that sends more.
    """
    if text.isascii() and text.isprintable() and len(text) <= limits.TEXT_CHARS:
        return text
    text = clean(_cut(text, limits.TEXT_CHARS))
    lines = text.split("\n", limits.TEXT_LINES)
    if len(lines) > limits.TEXT_LINES:
        text = "\n".join(lines[:-1]) + "…"
    return _steady(text).expandtabs(TAB_CELLS)


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else text[: chars - 1] + "…"


def _steady(text: str) -> str:
    if "\u200d" not in text:
        return text
    return _CHAIN.sub(r"\1", _STRAY_JOINER.sub("", text))
