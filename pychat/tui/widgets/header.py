"""The top line: which Hall, whether it is connected, and who I am."""

import msgspec
from textual.content import Content
from textual.widgets import Static

from pychat.tui import render
from pychat.tui.keymap import Keymap, live_keymap
from pychat.tui.panes import layout_of

SHAPES = {"connected": "●", "connecting": "◌", "offline": "○"}
"""Beside the word: no state is told by a colour alone."""
_STYLES = {"connected": "$text-success", "connecting": "$text-warning", "offline": "$text-error"}
_KEYS = ("{switch-room} switch · {palette} commands · {guide} help", "{palette} · {guide} help")
_HALL_CELLS = 24
_TABS = 9


class Tab(msgspec.Struct, frozen=True):
    """A place with something unread, for where there is no room for the list of rooms."""

    number: int
    unread: int
    mentions: int


class HeaderState(msgspec.Struct, frozen=True):
    hall: str
    address: str
    state: str
    """Of the client."""
    words: tuple[str, ...]
    """For it, from long to short."""
    name: str
    place: str
    tabs: tuple[Tab, ...] = ()


class Header(Static):
    def __init__(self) -> None:
        super().__init__(id="header")
        self._state: HeaderState | None = None

    def show(self, state: HeaderState) -> None:
        if state != self._state:
            self._state = state
            self.paint()

    def on_resize(self) -> None:
        self.paint()

    def paint(self) -> None:
        if self._state is not None and self.size.width:
            # Always one line: there is nothing to lay out.
            line = header_line(self._state, self.size.width, self.app.size.width, live_keymap(self))
            self.update(line, layout=False)


def header_line(state: HeaderState, width: int, terminal: int, keymap: Keymap) -> Content:
    shapes = [
        Content.styled(f"{SHAPES[state.state]} {words}", _STYLES[state.state])
        for words in state.words
    ]
    if layout_of(terminal) == "-narrow":
        left = Content.assemble(
            " ", render.line(state.place).truncate(20, ellipsis=True), *_tabs(state)
        )
        return _spread(left, [Content.assemble(shape, " ") for shape in shapes], width)
    lefts = [
        Content.assemble(
            (" ", ""),
            render.line(state.hall).truncate(_HALL_CELLS, ellipsis=True),
            (f" · {render.label(state.address)} ", "$foreground-muted"),
            shape,
            " · ",
            (render.label(state.name), "bold"),
        )
        for shape in shapes
    ]
    left = next((each for each in lefts if each.cell_length < width), lefts[-1])
    right = [Content.styled(f"{keymap.fill(keys)} ", "$foreground-muted") for keys in _KEYS]
    return _spread(left, [*right, Content("")], width)


def _tabs(state: HeaderState) -> list[Content]:
    tabs = [
        Content.assemble(
            f" [{tab.number}]",
            (_mentions(tab), "bold $text-warning"),
            str(tab.unread or ""),
        )
        for tab in state.tabs[:_TABS]
    ]
    return [Content(" ·"), *tabs] if tabs else []


def _mentions(tab: Tab) -> str:
    return f"@{tab.mentions}{' ' if tab.unread else ''}" if tab.mentions else ""


def _spread(left: Content, choices: list[Content], width: int) -> Content:
    """The first of the choices that fits, at the right edge; at need the last, and less left."""
    for right in choices:
        gap = width - left.cell_length - right.cell_length
        if gap > 0:
            return Content.assemble(left, " " * gap, right)
    room = max(0, width - choices[-1].cell_length - 1)
    return Content.assemble(left.truncate(room, ellipsis=True), " ", choices[-1])
