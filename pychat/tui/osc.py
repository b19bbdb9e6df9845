"""What is written to the terminal beside what it shows: its title, and notifications. Pure.

All text goes through `plain`: what comes out has no character that could end the sequence or begin
another, whoever wrote the text.
"""

from collections.abc import Mapping
from typing import Literal

from pychat.tui.render import label

Dialect = Literal["osc 9", "osc 777", "osc 99", "none"]
"""`osc 9` has a text alone, the others have a title, too."""
Wrapper = Literal["", "tmux", "screen"]
"""What lies between and passes on only what is wrapped."""

BELL = "\a"
PUSH_TITLE = "\x1b[22;0t"
POP_TITLE = "\x1b[23;0t"
TITLE_CHARS = 120

_BY_TERM: dict[str, Dialect] = {
    "xterm-kitty": "osc 99",
    "xterm-ghostty": "osc 777",
    "foot": "osc 777",
    "rxvt": "osc 777",
    "wezterm": "osc 777",
}
"""By how TERM begins."""
_BY_PROGRAM: dict[str, Dialect] = {
    "kitty": "osc 99",
    "ghostty": "osc 777",
    "wezterm": "osc 777",
}
_BY_TRACE: dict[str, Dialect] = {
    "KITTY_WINDOW_ID": "osc 99",
    "WEZTERM_PANE": "osc 777",
    "GHOSTTY_RESOURCES_DIR": "osc 777",
}
"""Variables of a terminal that are still there within tmux, which has a TERM of its own. A terminal
that was started from another has that one's, too, so they are asked last."""


def dialect_of(environ: Mapping[str, str]) -> Dialect:
    """The notifications that the terminal understands, as far as its environment tells."""
    term = environ.get("TERM", "").lower()
    if term in ("", "dumb", "linux"):
        return "none"
    for beginning, dialect in _BY_TERM.items():
        if term.startswith(beginning):
            return dialect
    program = environ.get("TERM_PROGRAM", "").lower()
    if program in _BY_PROGRAM:
        return _BY_PROGRAM[program]
    if program and not wrapper_of(environ):
        return "osc 9"
    return next((dialect for name, dialect in _BY_TRACE.items() if environ.get(name)), "osc 9")


def wrapper_of(environ: Mapping[str, str]) -> Wrapper:
    if environ.get("TMUX"):
        return "tmux"
    return "screen" if environ.get("STY") else ""


def notification(title: str, body: str, dialect: Dialect, wrapper: Wrapper = "") -> str:
    title, body = plain(title), plain(body)
    match dialect:
        case "osc 9":
            text = _osc(f"9;{title}: {body}")
        case "osc 777":
            text = _osc(f"777;notify;{title};{body}")
        case "osc 99":
            text = _osc(f"99;i=pychat:d=0:p=title;{title}")
            text += _osc(f"99;i=pychat:d=1:p=body;{body}")
        case "none":
            return ""
    return _wrapped(text, wrapper)


def title(text: str) -> str:
    """Of the window, or of what shows it as one."""
    return _osc(f"0;{plain(text)[:TITLE_CHARS]}")


def plain(text: str) -> str:
    """One line of what prints. Semicolons part the fields of a sequence, and some terminals read a
    text `4;1;50` as another command: they become commas."""
    return "".join(char for char in label(text) if char.isprintable()).replace(";", ",")


def _osc(text: str) -> str:
    # BEL and not `ESC \`: the latter would end the wrapping of screen, too.
    return f"\x1b]{text}\a"


def _wrapped(sequence: str, wrapper: Wrapper) -> str:
    match wrapper:
        case "tmux":
            return f"\x1bPtmux;{sequence.replace(chr(0x1B), chr(0x1B) * 2)}\x1b\\"
        case "screen":
            return f"\x1bP{sequence}\x1b\\"
        case "":
            return sequence
