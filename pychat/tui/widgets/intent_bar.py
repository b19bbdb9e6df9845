"""Above the composer: what its text answers, or which message it changes. Esc takes it off."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

_WAY_OUT = " · Esc cancels"


class IntentBar(Static):
    class Pressed(Message):
        """A click: to the message that is meant."""

    def __init__(self) -> None:
        super().__init__(id="intent")
        self.display = False
        self._text = ""

    def show(self, text: str) -> None:
        """One line that is harmless already; empty for none."""
        self.display = bool(text)
        if text != self._text:
            self._text = text
            self._paint()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed())

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        room = max(1, self.content_size.width - len(_WAY_OUT))
        text = Content(self._text).truncate(room, ellipsis=True).stylize("bold")
        self.update(Content.assemble(text, (_WAY_OUT, "$foreground-muted")))
