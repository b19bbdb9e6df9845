"""The bottom line while a message is chosen: what can be done with it, by key or by a click."""

from collections.abc import Sequence

import msgspec
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

_GAP = " · "


class Action(msgspec.Struct, frozen=True):
    key: str
    """As it is shown."""
    words: str
    name: str
    weight: int = 0
    """Where there is no room for all, those of the least go first."""


class ActionLine(Static):
    class Pressed(Message):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__(id="actions", classes="-away")
        self._actions: tuple[Action, ...] = ()
        self._question = ""
        self._places: list[tuple[int, int, str]] = []
        """Columns from and to, and what a click on them does."""

    def show(self, actions: Sequence[Action], question: str = "") -> None:
        """The question stands before them; without either the line goes."""
        if (tuple(actions), question) != (self._actions, self._question):
            self._actions, self._question = tuple(actions), question
            self._paint()
        self.set_class(not actions, "-away")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        for begin, end, name in self._places:
            if begin <= event.x < end:
                self.post_message(self.Pressed(name))

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        question = f"{self._question} " if self._question else ""
        actions = fitting(self._actions, self.size.width - 2 - len(question))
        parts = [Content(" "), Content.styled(question, "bold $text-warning")]
        at = 1 + len(question)
        self._places = []
        for number, action in enumerate(actions):
            if number:
                parts.append(Content.styled(_GAP, "$foreground-muted"))
                at += len(_GAP)
            width = _cells(action)
            self._places.append((at, at + width, action.name))
            parts += [Content.styled(action.key, "bold"), Content(f" {action.words}")]
            at += width
        self.update(Content("").join(parts), layout=False)


def fitting(actions: Sequence[Action], width: int) -> list[Action]:
    """Those that there is room for, in their order."""
    kept = list(actions)
    while kept and sum(map(_cells, kept)) + len(_GAP) * (len(kept) - 1) > width:
        kept.remove(min(kept, key=lambda action: action.weight))
    return kept


def _cells(action: Action) -> int:
    return len(action.key) + 1 + len(action.words)
