"""What becomes of a large paste: it stands here, and nothing of it is sent without a key."""

from typing import Literal, NamedTuple

from textual.content import Content
from textual.widgets import Static

from pychat.tui import paste, telling

Answer = Literal["edit", "drop"] | list[str]
"""A list: the messages to be sent."""


class PasteBar(Static):
    """It never has the focus; the composer asks it first about its keys."""

    def __init__(self) -> None:
        super().__init__(id="paste")
        self.display = False
        self.text = ""
        self._asked: list[str] = []
        """More messages than are sent without another question."""
        self._changed = False
        self._part = False

    def hold(self, text: str, *, part: bool = False) -> None:
        """Behind what it holds already: terminals bring a large paste in pieces. `part`: it becomes
        one of the message that is written, and nothing of it is sent."""
        self.text += text
        self._part = part
        self._asked = []
        self.display = True
        if not self._changed:
            # A large one comes in hundreds of pieces, and counting it is work.
            self._changed = True
            self.call_after_refresh(self._paint)

    def let_go(self) -> str:
        text, self.text = self.text, ""
        self._asked = []
        self.display = False
        return text

    @property
    def is_too_much(self) -> bool:
        return len(self.text) > paste.MOST_CHARS

    def answer(self, key: str) -> Answer | None:
        """What the key decides; None if it means nothing here."""
        if self.is_too_much:
            return "drop" if key in ("enter", "escape") else None
        match key:
            case "enter" if self._asked:
                return self._asked
            case "enter":
                return self._send(paste.as_code(self.text))
            case "l" | "L":
                return self._send(paste.as_messages(self.text))
            case "e" | "E":
                return "edit"
            case "escape":
                return "drop"
            case _:
                return None

    def _send(self, parts: list[str]) -> list[str] | None:
        if self._part or len(parts) <= paste.MANY or parts == self._asked:
            return parts
        self._asked = parts
        self._paint()
        return []

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        self._changed = False
        if not self.display:
            return
        what, offers = self._words()
        shown = _assemble(f"Pasted {what}", [(offer.key, offer.long) for offer in offers])
        if shown.cell_length > self.content_size.width > 0:
            # In a narrow window the keys matter more than the words.
            shown = _assemble(what, [(offer.key, offer.short) for offer in offers])
        self.update(shown)

    def _words(self) -> tuple[str, list["_Offer"]]:
        escape = _Offer("Esc", "cancel", "")
        if self.is_too_much:
            most = f"{len(self.text):,} characters, more than {paste.MOST_CHARS:,} are not taken"
            return most, [escape]
        lines = paste.lines_of(self.text)
        size = f"{lines:,} lines" if lines > 1 else f"{len(self.text):,} characters"
        if self._asked:
            count = telling.messages(len(self._asked))
            return f"{size}: send {count}?", [_Offer("Enter", "yes", "yes"), escape]
        if self._part:
            into = [_Offer("Enter", "puts it in as code", "code"), _Offer("L", "as lines", "lines")]
            return size, [*into, escape]
        code, plain = len(paste.as_code(self.text)), len(paste.as_messages(self.text))
        offers = []
        if code:
            many = f"{code:,} code blocks"
            offers.append(
                _Offer("Enter", "as code block", "code")
                if code == 1
                else _Offer("Enter", f"as {many}", many)
            )
        if plain:
            many = telling.messages(plain)
            offers.append(
                _Offer("L", "lines", "lines") if plain == 1 else _Offer("L", f"as {many}", many)
            )
        return size, [*offers, _Offer("E", "edit", "edit"), escape]


class _Offer(NamedTuple):
    key: str
    long: str
    short: str


def _assemble(what: str, offers: list[tuple[str, str]]) -> Content:
    parts: list[str | tuple[str, str]] = [(what, "bold $text-warning")]
    for key, does in offers:
        parts += [" · ", (key, "bold $text-accent"), f" {does}" if does else ""]
    return Content.assemble(*parts)
