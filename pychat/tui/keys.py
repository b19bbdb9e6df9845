"""The keys as they are by default, for Textual and for help; those that Textual cannot tell apart.

Each has an id, by which presets and config.toml give it another key (`keymap`).
"""

from string import ascii_lowercase
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from textual import _ansi_sequences
from textual.binding import Binding
from textual.keys import Keys

if TYPE_CHECKING:
    from textual.dom import DOMNode


def teach_alt_keys() -> None:
    """Have Alt+digit, Alt+letter and Alt+Enter arrive as such. Idempotent; before the app runs.

    Textual 8.2 reads `ESC 1` as the ¡ that a Mac's Option+1 types, and `ESC CR` as Enter, which
    would send. `ESC a` it knows only where a pause follows: of two that a slow link brings
    together it would make ^ and a.
    """
    table = cast(dict[str, object], _ansi_sequences.ANSI_SEQUENCES_KEYS)
    for digit in "0123456789":
        table[f"\x1b{digit}"] = _keys(f"alt+{digit}")
    for letter in ascii_lowercase:
        # Some it has already: `ESC f` is Ctrl+Right.
        table.setdefault(f"\x1b{letter}", _keys(f"alt+{letter}"))
    table["\x1b\r"] = _keys("alt+enter")


def _keys(name: str) -> tuple[Keys]:
    # An Enum cannot be added to; the parser reads nothing but `value`.
    return (cast(Keys, SimpleNamespace(value=name)),)


def bound(node: "DOMNode", key: str) -> Binding | None:
    """What a key does to a widget, as the keys are now."""
    bindings = node._bindings
    overrides = node.app._keymap
    if overrides:
        bindings = bindings.copy()
        bindings.apply_keymap(overrides)
    return next(iter(bindings.key_to_bindings.get(key, ())), None)


def _key(keys: str, action: str, id: str) -> Binding:
    # With priority: the composer has the focus and would take most of them for itself.
    return Binding(keys, action, id.replace("-", " "), show=False, priority=True, id=id)


def _edit(keys: str, action: str, id: str) -> Binding:
    # Without priority: that would run them before the letters typed just ahead of them.
    return Binding(keys, action, id.replace("-", " "), show=False, id=id)


NO_KEY = "unbound"
"""For Textual, which takes an empty text for nothing said: a key that no terminal has."""

APP_KEYS = [
    _key("ctrl+q", "quit", "quit"),
    _key("ctrl+p", "command_palette", "palette"),
]

COMPOSER_KEYS = [
    _edit("enter", "submit", "send"),
    _edit("ctrl+j,alt+enter,shift+enter,ctrl+enter,ctrl+shift+enter", "new_line", "new-line"),
    _edit("tab", "complete", "complete"),
    _edit("ctrl+up", "recall(-1)", "sent-before"),
    _edit("ctrl+down", "recall(1)", "sent-after"),
    _edit("ctrl+r", "search_history", "search-sent"),
    _edit("left", "cursor_left", "char-left"),
    _edit("right", "cursor_right", "char-right"),
    _edit("up", "cursor_up", "line-up"),
    _edit("down", "cursor_down", "line-down"),
    _edit("ctrl+left", "cursor_word_left", "word-left"),
    _edit("ctrl+right", "cursor_word_right", "word-right"),
    _edit("home,ctrl+a", "cursor_line_start", "line-start"),
    _edit("end,ctrl+e", "cursor_line_end", "line-end"),
    _edit("backspace", "delete_left", "delete-left"),
    _edit("delete,ctrl+d", "delete_right", "delete-right"),
    _edit("ctrl+w,ctrl+backspace,alt+backspace", "delete_word_left", "delete-word-left"),
    _edit("alt+delete", "delete_word_right", "delete-word-right"),
    _edit("ctrl+u,super+backspace", "delete_to_start_of_line", "delete-to-start"),
    # Ctrl+K switches rooms.
    _edit(NO_KEY, "delete_to_end_of_line_or_delete_line", "delete-to-end"),
    _edit("ctrl+x,super+x", "cut", "cut"),
    _edit("ctrl+v", "paste", "paste"),
    _edit("ctrl+z,super+z", "undo", "undo"),
    _edit("ctrl+y,super+y", "redo", "redo"),
]
"""Of the line that one writes in; those to select with Shift are Textual's."""

HALL_KEYS = [
    _key("ctrl+k", "switch_room", "switch-room"),
    _key("ctrl+n", "ask_room", "join-room"),
    *[_key(f"alt+{digit}", f"place({digit})", f"place-{digit}") for digit in range(10)],
    _key("alt+left,ctrl+pageup", "step(-1)", "previous-room"),
    _key("alt+right,ctrl+pagedown", "step(1)", "next-room"),
    _key("alt+z", "last_place", "last-room"),
    _key("alt+a", "next_unread", "next-unread"),
    _key("alt+u", "first_unread", "first-unread"),
    _key("alt+n", "mention(1)", "next-mention"),
    _key("alt+p", "mention(-1)", "previous-mention"),
    _key("alt+m", "mute", "mute"),
    _key("ctrl+o", "jump", "jump"),
    _key("ctrl+l", "redraw", "redraw"),
    _key("alt+e", "editor", "editor"),
    _key("pageup", "scroll('page_up')", "page-up"),
    _key("pagedown", "scroll('page_down')", "page-down"),
    _key("ctrl+home", "scroll('scroll_home')", "top"),
    _key("ctrl+end", "scroll('scroll_end')", "bottom"),
    _key("f1", "guide", "guide"),
    _key(NO_KEY, "manual", "manual"),
    _key("f2", "settings", "settings"),
    _key("ctrl+f", "search(False)", "search-here"),
    _key("ctrl+g", "search(True)", "search-everywhere"),
    _key("f5", "reconnect", "reconnect"),
    _key("f7", "pane('rooms')", "rooms"),
    _key("f8", "pane('members')", "members"),
    _key("alt+r", "retry", "retry"),
    _key("alt+up", "choose(-1)", "select-up"),
    _key("alt+down", "choose(1)", "select-down"),
    _key("alt+c", "copy_message", "copy-code"),
    _key("ctrl+c", "copy", "copy"),
    _key("escape", "back", "back"),
]

HELP = [
    ("{send}", "send"),
    ("{new-line+}", "new line"),
    ("Tab", "complete a name, #room or :emoji; else next pane"),
    ("Up, Down", "from first and last line: what I sent before"),
    ("{sent-before}, {sent-after}", "the same, from anywhere"),
    ("{search-sent}", "search what I sent"),
    ("{select-up}, {select-down}", "choose a message: reply, edit, react, copy…"),
    ("Up, nothing typed", "edit my last message"),
    ("{copy-code}", "copy the last code, or that of the chosen message"),
    ("{switch-room}", "to a room or a person, by a few letters"),
    ("{join-room}", "join or make a room"),
    ("{place-1}…9, {place-0}", "room by number, the Hall"),
    ("{previous-room}, {next-room}", "previous, next room"),
    ("{last-room}", "the room before this one"),
    ("{next-unread}", "next mention, then next unread, then back"),
    ("{first-unread}", "the first that was unread here"),
    ("{next-mention}, {previous-mention}", "next, previous mention of me here"),
    ("{page-up}, {page-down}", "scroll"),
    ("{bottom}, {top}", "newest, oldest; with nothing typed End, Home"),
    ("{back}, twice", "the newest, too"),
    ("{rooms}, {members}", "show or hide rooms, members"),
    ("Enter, @ on a member", "write to them alone, mention them"),
    ("Del on a room", "leave it; so does the middle mouse button"),
    ("{mute}", "mute this room, or no more"),
    ("{jump}", "to another pane, by a letter"),
    ("{editor}", "write in $EDITOR"),
    ("{redraw}", "draw the screen anew"),
    ("{search-here}, {search-everywhere}", "search here, in all my rooms"),
    ("{retry}", "send again the last that was not sent"),
    ("Shift+Tab", "to the question about what waited long"),
    ("{reconnect}", "try now to get the connection back"),
    ("{palette}", "all commands"),
    ("{guide}", "what one can do, to choose from; the manual, too"),
    ("{settings}", "settings"),
    ("{copy}", "copy what is selected, else clear the composer"),
    ("{quit}", "quit"),
]
"""For people. In braces the id of a key, which is shown as it is now."""
