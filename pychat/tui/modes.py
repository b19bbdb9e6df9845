"""The modes of the composer under the preset `vim`: what a letter does where none is typed. Pure.

It covers moving, deleting, changing, pasting and undoing as one does in a line, without counts,
registers and visual mode; `/` and `:` lead to search and commands.
"""

from collections.abc import Mapping

WRITE = "write"
"""From here on letters are typed."""

_LETTERS: Mapping[str, tuple[str, ...]] = {
    "h": ("cursor_left",),
    "l": ("cursor_right",),
    "j": ("cursor_down",),
    "k": ("cursor_up",),
    "w": ("cursor_word_right",),
    "e": ("cursor_word_right",),
    "b": ("cursor_word_left",),
    "0": ("cursor_line_start",),
    "^": ("cursor_line_start",),
    "$": ("cursor_line_end",),
    "x": ("delete_right",),
    "X": ("delete_left",),
    "D": ("delete_to_end_of_line",),
    "C": ("delete_to_end_of_line", WRITE),
    "p": ("paste",),
    "u": ("undo",),
    "G": ("screen.scroll('scroll_end')",),
    "/": ("screen.search(False)",),
    ":": ("begin_command", WRITE),
    "i": (WRITE,),
    "a": ("cursor_right", WRITE),
    "I": ("cursor_line_start", WRITE),
    "A": ("cursor_line_end", WRITE),
    "o": ("cursor_line_end", "new_line", WRITE),
    "O": ("cursor_line_start", "new_line", "cursor_up", WRITE),
    "gg": ("screen.scroll('scroll_home')",),
    "dd": ("delete_line",),
    "dw": ("delete_word_right",),
    "db": ("delete_word_left",),
    "d0": ("delete_to_start_of_line",),
    "d$": ("delete_to_end_of_line",),
    "cc": ("delete_line", WRITE),
    "cw": ("delete_word_right", WRITE),
    "cb": ("delete_word_left", WRITE),
    "c0": ("delete_to_start_of_line", WRITE),
    "c$": ("delete_to_end_of_line", WRITE),
}
_FIRST = frozenset(letters[0] for letters in _LETTERS if len(letters) == 2)
_IN_AN_EMPTY_LINE = {"a": "i", "I": "i", "A": "i", "o": "i", "O": "i"}
"""Where the ends of the line are also those of the log."""


class Modes:
    def __init__(self) -> None:
        self.writing = True
        """Whether letters are typed."""
        self._begun = ""

    def leave_writing(self) -> bool:
        """Whether that changes anything."""
        left = self.writing or bool(self._begun)
        self.writing, self._begun = False, ""
        return left

    def letter(self, letter: str, *, empty: bool) -> tuple[str, ...]:
        """What it does, as actions of the composer; `empty` if nothing is typed."""
        if not self._begun and letter in _FIRST:
            self._begun = letter
            return ()
        letters, self._begun = self._begun + letter, ""
        if empty:
            letters = _IN_AN_EMPTY_LINE.get(letters, letters)
        actions = _LETTERS.get(letters, ())
        self.writing = actions[-1:] == (WRITE,)
        return tuple(action for action in actions if action != WRITE)
