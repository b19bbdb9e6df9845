"""The search through what was sent: its words are typed here, while the composer waits."""

from textual.content import Content
from textual.widgets import Static

from pychat.tui.history import History
from pychat.tui.keymap import live_keymap

_WORDS = 100
"""Characters that are searched for."""


class RecallBar(Static):
    """It never has the focus; the composer gives it its keys as long as it is shown."""

    def __init__(self, history: History) -> None:
        super().__init__(id="recall")
        self.display = False
        self._history = history
        self._words = ""
        self._at: int | None = None

    @property
    def found(self) -> int | None:
        """The place of the entry that is shown."""
        return self._at

    def open(self) -> None:
        self._words, self._at = "", None
        self.display = True
        self._search()

    def close(self) -> None:
        self.display = False

    def type(self, character: str) -> None:
        self._words = (self._words + character)[:_WORDS]
        # What is shown may have the longer words, too.
        self._search(None if self._at is None else self._at + 1)

    def erase(self) -> None:
        self._words = self._words[:-1]
        self._search()

    def older(self) -> None:
        """The next one; if there is none, that which is shown stays."""
        if self._at is not None:
            older = self._history.find(self._words, self._at)
            self._at = self._at if older is None else older
            self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _search(self, before: int | None = None) -> None:
        self._at = self._history.find(self._words, before) if self._words else None
        self._paint()

    def _paint(self) -> None:
        if self._at is not None:
            entry = " ".join(self._history.entries[self._at].split())
            found: Content = Content(entry)
        elif self._words:
            found = Content.styled("nothing sent has this", "$text-warning")
        else:
            keys = live_keymap(self).fill("{search-sent} older · Enter takes it · Esc back")
            found = Content.styled(keys, "$foreground-muted")
        asked = Content.assemble(("Search what you sent: ", "bold"), Content(self._words), "▏ ")
        width = self.content_size.width
        line = Content.assemble(asked, found)
        self.update(line.truncate(width, ellipsis=True) if width else line)
