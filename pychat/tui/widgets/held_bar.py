"""What waited too long to go without a word, and the keys that decide about it."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

_WORDS = "[S]end  [R]eview  [D]iscard"
_KEYS = {"s": "release", "r": "review", "enter": "review", "d": "discard"}


class HeldBar(Static, can_focus=True):
    """Its keys are letters, so it has them only while it has the focus: whoever is writing is not
    interrupted."""

    class Decided(Message):
        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self) -> None:
        super().__init__(id="held")
        self.display = False
        self._text = ""

    def show(self, text: str) -> None:
        """Ask about it; nothing to ask if it is empty."""
        if text != self._text:
            self._text = text
            self.display = bool(text)
            self._paint()

    def on_key(self, event: events.Key) -> None:
        # Not as bindings: the screen takes letters for the composer before those are looked up.
        what = _KEYS.get(event.key.lower())
        if what is not None:
            event.stop()
            event.prevent_default()
            self.post_message(self.Decided(what))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._paint()

    def _paint(self) -> None:
        how = _WORDS if self.has_focus else f"{_WORDS}  (Shift+Tab)"
        self.update(Content.assemble((f"{self._text} ", "bold $text-warning"), how))
