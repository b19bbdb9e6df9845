"""F1: everything one can do here, to be done with Enter; typing narrows it.

For who has read nothing yet: it tells the keys and the commands by the way.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.widgets import Input, OptionList, Static

from pychat.tui.keymap import Keymap, live_keymap
from pychat.tui.palette import ENTRIES, Entry
from pychat.tui.screens.narrowing import NarrowingScreen

_FIRST = ("Manual", "Help", "Join room…", "Switch room…", "Search here…", "Choose a message…")
"""What a newcomer looks for; the others follow as they are in the palette."""
_BASICS = (
    "Enter sends what you write. / lists the commands. Tab leads to the messages and the panes."
)
_TITLE_CELLS = 27


class GuideScreen(NarrowingScreen[Entry]):
    """Ends with what is to be done; with None after Esc."""

    CSS_PATH = "guide.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss(None)", "close", show=False, priority=True, id="guide.close"),
        Binding("down,tab", "move(1)", "next", show=False, priority=True, id="guide.next"),
        Binding("up,shift+tab", "move(-1)", "back", show=False, priority=True, id="guide.previous"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._search = FuzzySearch()

    def compose(self) -> ComposeResult:
        with Vertical(id="guide"):
            yield Static("What would you like to do?", id="title")
            yield Static(_BASICS, id="basics")
            yield Input(placeholder="type to narrow", id="words")
            yield OptionList(markup=False)
            yield Static("Enter does it · Tab or ↑↓ choose · Esc closes", id="keys")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.narrow(event.value)

    def narrow(self, typed: str) -> None:
        found = self._matching(typed.strip().removeprefix("/"))
        if found == self._found and found:
            return
        self.show(found, lines(found, live_keymap(self)))

    def _matching(self, word: str) -> list[Entry]:
        entries = ordered(ENTRIES)
        if not word:
            return entries
        scored = [
            (
                # The help of one thing may name another.
                100 * self._search.match(word, entry.title)[0]
                + self._search.match(word, entry.help)[0],
                entry,
            )
            for entry in entries
        ]
        ranked = sorted(scored, key=lambda pair: -pair[0])
        return [entry for score, entry in ranked if score > 0]


def ordered(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(
        entries, key=lambda entry: _FIRST.index(entry.title) if entry.title in _FIRST else 99
    )


def lines(entries: Sequence[Entry], keymap: Keymap) -> list[Content]:
    return [_line(entry.title, keymap.fill(entry.help)) for entry in entries]


@lru_cache(maxsize=len(ENTRIES))
def _line(title: str, help: str) -> Content:
    padded = Content(title).truncate(_TITLE_CELLS, ellipsis=True, pad=True)
    return Content.assemble(padded.stylize("bold"), " ", (help, "$foreground-muted"))
