"""Every command and key, from the tables that the program itself goes by."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from pychat.tui.keymap import Keymap, live_keymap
from pychat.tui.keys import HELP
from pychat.tui.screens.layers import Box
from pychat.tui.slash import SPELLINGS

_CELLS = 21


class HelpScreen(Box[None]):
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "close", show=False, id="help.close")
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(_text(live_keymap(self)))


def _text(keymap: Keymap) -> Content:
    lines = [Content.styled("Commands", "bold")]
    lines += [_line(spelling.usage, spelling.help) for spelling in SPELLINGS.values()]
    lines += [_line("//text", "say a text that begins with a slash"), Content("")]
    lines += [Content.styled("Keys", "bold")]
    lines += [_line(keymap.fill(keys), what) for keys, what in HELP]
    lines += [
        Content(""),
        Content.styled(
            keymap.fill("Esc closes · {guide} does what you choose · /manual"), "$foreground-muted"
        ),
    ]
    return Content("\n").join(lines)


def _line(left: str, right: str) -> Content:
    # What is too long for its column has a line of its own.
    gap = "" if len(left) < _CELLS else f"\n{' ' * (_CELLS + 2)}"
    return Content.assemble("  ", (f"{left:<{_CELLS}}", "$text-accent"), gap, right)
