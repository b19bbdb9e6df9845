"""A reaction is chosen: the commonest by a digit, the others by their names."""

from collections.abc import Sequence
from itertools import islice
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from pychat.protocol.errors import Refused
from pychat.protocol.text import check_emojis
from pychat.tui import render
from pychat.tui.emoji import named
from pychat.tui.screens.narrowing import NarrowingScreen

COMMONEST = 8
"""On the digits."""
_DIGITS = "12345678"
_ROWS = 8


class EmojiScreen(NarrowingScreen[str]):
    """Ends with the emoji, or with None after Esc."""

    CSS_PATH = "message.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel", show=False, priority=True, id="emoji.cancel"),
        Binding("down", "move(1)", "next", show=False, priority=True, id="emoji.next"),
        Binding("up", "move(-1)", "previous", show=False, priority=True, id="emoji.previous"),
    ]

    def __init__(self, mine: Sequence[str]) -> None:
        """`mine` are on the message already: choosing one of them takes it back."""
        super().__init__()
        self._mine = set(mine)

    def compose(self) -> ComposeResult:
        with Vertical(id="emoji"):
            yield Static("React with", id="title")
            yield Input(placeholder="1 to 8, or type a name", id="name")
            yield OptionList(markup=False)
            yield Static("Enter reacts or takes it back · Esc", id="keys")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if len(event.value) == 1 and event.value in _DIGITS:
            self.dismiss(matching("")[int(event.value) - 1][0])
        else:
            self.narrow(event.value)

    def narrow(self, typed: str) -> None:
        found = matching(typed)
        emojis = [emoji for emoji, _ in found]
        if emojis == self._found:
            return
        digits = not typed.strip()
        lines = [
            self._line(emoji, name, number if digits else 0)
            for number, (emoji, name) in enumerate(found, 1)
        ]
        self.show(emojis, lines)

    def _line(self, emoji: str, name: str, digit: int) -> Content:
        back = "  yours: takes it back" if emoji in self._mine else ""
        return Content.assemble(
            (f"{digit or ' '} ", "bold"), render.line(emoji), f" {name}", (back, "$text-muted")
        )


def matching(typed: str) -> list[tuple[str, str]]:
    """Emoji with one of their names; without a word the commonest. What is none of them and no
    word may be one all the same."""
    word = typed.strip().strip(":").casefold()
    if not word:
        return [(emoji, names[0]) for emoji, names in islice(named(), COMMONEST)]
    tiers: tuple[list[tuple[str, str]], ...] = ([], [])
    for emoji, names in named():
        name = next((name for name in names if name.startswith(word)), None)
        inside = next((name for name in names if word in name), None)
        if emoji == word or name is not None:
            tiers[0].append((emoji, name or names[0]))
        elif inside is not None:
            tiers[1].append((emoji, inside))
    found = [*tiers[0], *tiers[1]][:_ROWS]
    return found or ([(word, "")] if is_emoji(word) else [])


def emoji_of(written: str) -> str | None:
    """What `:tada:`, `tada` or the emoji itself means."""
    word = written.strip().strip(":").casefold()
    exact = (emoji for emoji, names in named() if word in names)
    found = next(exact, None)
    return found or (written.strip() if is_emoji(written.strip()) else None)


def is_emoji(text: str) -> bool:
    """Whether it may be a reaction, and is not just a word that names none."""
    try:
        check_emojis([text])
    except Refused:
        return False
    return not text.isascii()
