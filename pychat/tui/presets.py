"""The keys of other programs' habits: what they change about the defaults. Pure.

A preset covers the keys of the Hall and of the line one writes in; boxes keep theirs.
"""

from collections.abc import Mapping

PRESETS: Mapping[str, Mapping[str, str]] = {
    "default": {},
    # As irssi, WeeChat and poezio have it.
    "irc": {
        "previous-room": "ctrl+p,alt+left,ctrl+pageup",
        "next-room": "ctrl+n,alt+right,ctrl+pagedown",
        "palette": "f2",
        "settings": "f3",
        "join-room": "alt+j",
    },
    # readline's line, and M-x.
    "emacs": {
        "palette": "alt+x",
        "switch-room": "alt+g",
        "join-room": "alt+j",
        "search-here": "ctrl+s",
        "search-everywhere": "alt+s",
        "back": "escape,ctrl+g",
        "char-left": "left,ctrl+b",
        "char-right": "right,ctrl+f",
        "line-up": "up,ctrl+p",
        "line-down": "down,ctrl+n",
        "word-left": "ctrl+left,alt+b",
        "word-right": "ctrl+right,alt+f",
        "delete-word-left": "ctrl+backspace,alt+backspace",
        "delete-word-right": "alt+delete,alt+d",
        "delete-to-end": "ctrl+k",
        "cut": "ctrl+x,ctrl+w",
        "paste": "ctrl+v,ctrl+y",
        "undo": "ctrl+z,ctrl+underscore",
        "redo": "ctrl+shift+z,alt+underscore",
    },
    # The line has modes besides: see modes.py.
    "vim": {
        "page-up": "pageup,ctrl+b",
        "page-down": "pagedown,ctrl+f",
        "search-here": "alt+s",
    },
}
