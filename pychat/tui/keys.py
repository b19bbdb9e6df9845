"""The Hall's keys, for Textual and for help, and those that Textual cannot tell apart."""

from types import SimpleNamespace
from typing import cast

from textual import _ansi_sequences
from textual.binding import Binding
from textual.keys import Keys


def teach_alt_keys() -> None:
    """Have Alt+digit and Alt+Enter arrive as such. Idempotent; before the app runs.

    Textual 8.2 reads `ESC 1` as the ¡ that a Mac's Option+1 types, and `ESC CR` as Enter, which
    would send.
    """
    table = cast(dict[str, object], _ansi_sequences.ANSI_SEQUENCES_KEYS)
    for digit in "0123456789":
        table[f"\x1b{digit}"] = _keys(f"alt+{digit}")
    table["\x1b\r"] = _keys("alt+enter")


def _keys(name: str) -> tuple[Keys]:
    # An Enum cannot be added to; the parser reads nothing but `value`.
    return (cast(Keys, SimpleNamespace(value=name)),)


def _key(keys: str, action: str, id: str) -> Binding:
    # With priority: the composer has the focus and would take most of them for itself.
    return Binding(keys, action, id.replace("-", " "), show=False, priority=True, id=id)


HALL_KEYS = [
    _key("ctrl+k", "switch_room", "switch-room"),
    _key("ctrl+n", "ask_room", "join-room"),
    *[_key(f"alt+{digit}", f"place({digit})", f"place-{digit}") for digit in range(10)],
    _key("alt+left,ctrl+pageup", "step(-1)", "previous-room"),
    _key("alt+right,ctrl+pagedown", "step(1)", "next-room"),
    _key("alt+a", "next_unread", "next-unread"),
    _key("pageup", "scroll('page_up')", "page-up"),
    _key("pagedown", "scroll('page_down')", "page-down"),
    _key("ctrl+home", "scroll('scroll_home')", "top"),
    _key("ctrl+end", "scroll('scroll_end')", "bottom"),
    _key("f1", "manual", "manual"),
    _key("ctrl+f", "search(False)", "search-here"),
    _key("ctrl+g", "search(True)", "search-everywhere"),
    _key("f5", "reconnect", "reconnect"),
    _key("f7", "pane('rooms')", "rooms"),
    _key("f8", "pane('members')", "members"),
    _key("alt+r", "retry", "retry"),
    _key("ctrl+c", "copy", "copy"),
    _key("escape", "back", "back"),
]

HELP = [
    ("Enter", "send"),
    ("Ctrl+J, Alt+Enter", "new line"),
    ("Ctrl+K", "switch room"),
    ("Ctrl+N", "join or make a room"),
    ("Alt+1…9, Alt+0", "room by number, the Hall"),
    ("Alt+Left/Right", "previous, next room"),
    ("Alt+A", "next mention, then next unread"),
    ("PgUp, PgDn", "scroll"),
    ("Ctrl+End, Ctrl+Home", "newest, oldest; with nothing typed End, Home"),
    ("F7, F8", "show or hide rooms, members"),
    ("Ctrl+F, Ctrl+G", "search here, in all my rooms"),
    ("Alt+R", "send again the last that was not sent"),
    ("Shift+Tab", "to the question about what waited long"),
    ("F5", "try now to get the connection back"),
    ("Ctrl+P", "all commands"),
    ("F1", "the Hall's manual"),
    ("Ctrl+C", "copy what is selected, else clear the composer"),
    ("Ctrl+Q", "quit"),
]
