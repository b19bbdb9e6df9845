"""F1: everything one can do here, to be done with Enter; typing narrows it.

For who has read nothing yet: it tells the keys and the commands by the way.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pychat.tui.keymap import Keymap, live_keymap
from pychat.tui.palette import ENTRIES, Entry

_FIRST = ("Manual", "Help", "Join room…", "Switch room…", "Search here…", "Choose a message…")
"""What a newcomer looks for; the others follow as they are in the palette."""
_BASICS = (
    "Enter sends what you write. / lists the commands. Tab leads to the messages and the panes."
)
_TITLE_CELLS = 27


class GuideScreen(ModalScreen[Entry | None]):
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
        self._found: list[Entry] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="guide"):
            yield Static("What would you like to do?", id="title")
            yield Static(_BASICS, id="basics")
            yield Input(placeholder="type to narrow", id="words")
            yield OptionList(markup=False)
            yield Static("Enter does it · Tab or ↑↓ choose · Esc closes", id="keys")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._narrow("")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._narrow(event.value)
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._found[at])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found[event.option_index])

    def action_move(self, step: int) -> None:
        listed = self.query_one(OptionList)
        if self._found:
            listed.highlighted = ((listed.highlighted or 0) + step) % len(self._found)

    def _narrow(self, typed: str) -> None:
        found = self._matching(typed.strip().removeprefix("/"))
        if found == self._found and found:
            return
        self._found = found
        keymap = live_keymap(self)
        listed = self.query_one(OptionList)
        listed.set_options([Option(_line(entry, keymap)) for entry in found])
        listed.highlighted = 0 if found else None

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


def _line(entry: Entry, keymap: Keymap) -> Content:
    title = Content(entry.title).truncate(_TITLE_CELLS, ellipsis=True, pad=True)
    return Content.assemble(
        title.stylize("bold"), " ", (keymap.fill(entry.help), "$foreground-muted")
    )
