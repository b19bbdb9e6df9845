"""The Hall's manual, to be read and searched. It comes from the server: dirty, and bounded here."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Markdown, Static
from textual.widgets.markdown import MarkdownBlock

from pychat.protocol.text import clean
from pychat.tui.screens.layers import Box

CHARS = 65_536
LINES = 1_000
CELLS = 2_000
"""Of tables. Every paragraph, item and cell becomes a widget: past this the text is shown plain."""
_DEPTH = 24
"""Blanks or marks at a line's beginning: what quotes and lists in each other would need."""


class ManualScreen(Box[None]):
    CSS_PATH = "manual.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss", "close", show=False, priority=True, id="manual.close"),
        Binding(
            "down", "scroll('scroll_down')", "down", show=False, priority=True, id="manual.down"
        ),
        Binding("up", "scroll('scroll_up')", "up", show=False, priority=True, id="manual.up"),
        Binding(
            "pagedown",
            "scroll('scroll_page_down')",
            "down",
            show=False,
            priority=True,
            id="manual.down-pagedown",
        ),
        Binding(
            "pageup",
            "scroll('scroll_page_up')",
            "up",
            show=False,
            priority=True,
            id="manual.up-pageup",
        ),
    ]

    def __init__(self, manual: str) -> None:
        super().__init__()
        self._text = clean(manual[:CHARS])
        self._at = -1

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="manual", can_focus=False):
            if not self._text.strip():
                yield Static("This Hall has no manual. /help lists the commands and keys.")
            elif is_modest(self._text):
                yield Markdown(self._text, open_links=False)
            else:
                yield Static(Content(self._text), id="plain")
        yield Input(placeholder="search · Enter finds the next · Esc closes", id="search")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._at = -1

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._find_next(event.value.strip().casefold())

    def action_scroll(self, how: str) -> None:
        getattr(self.query_one("#manual"), how)(animate=False)

    def _find_next(self, text: str) -> None:
        blocks = list(self.query(MarkdownBlock).results(MarkdownBlock))
        places = [
            index
            for index, block in enumerate(blocks)
            if text and text in (block.source or "").casefold()
        ]
        if not places:
            self.query_one(Input).border_subtitle = Content("not found" if text else "")
            return
        self._at = next((place for place in places if place > self._at), places[0])
        self._show(blocks[self._at])

    def _show(self, block: Widget) -> None:
        for other in self.query(".found"):
            other.remove_class("found")
        block.add_class("found")
        block.scroll_visible(animate=False, top=True)
        self.query_one(Input).border_subtitle = Content("Enter finds the next")


def is_modest(text: str) -> bool:
    """Whether it can be laid out as Markdown in no time."""
    lines = text.split("\n")
    if len(lines) > LINES or text.count("|") > CELLS:
        return False
    return all(_lead(line) <= _DEPTH for line in lines)


def _lead(line: str) -> int:
    return len(line) - len(line.lstrip(" \t>-*+#0123456789.)"))
