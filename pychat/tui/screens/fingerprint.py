"""A Hall that is seen for the first time shows its key: is it the one that is meant?"""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from pychat.protocol import fingerprint
from pychat.tui import render
from pychat.tui.screens.layers import Box

_GROUPS_A_LINE = 8

_ADVICE = (
    "Compare it with the key that `pychat serve` has printed there. If it is another, somebody is "
    "in between, and would read all that is said. It is asked only once: a key that changes later "
    "is refused."
)


class FingerprintScreen(Box[bool]):
    """Ends with whether the key is trusted."""

    CSS_PATH = "fingerprint.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", "trust", show=False, id="fingerprint.trust"),
        Binding("escape", "dismiss(False)", "leave", show=False, id="fingerprint.leave"),
    ]

    def __init__(self, address: str, key: bytes) -> None:
        super().__init__()
        self._address = address
        self._key = key

    def compose(self) -> ComposeResult:
        groups = fingerprint.grouped(self._key)
        lines = [
            " ".join(groups[at : at + _GROUPS_A_LINE])
            for at in range(0, len(groups), _GROUPS_A_LINE)
        ]
        title = Content.assemble("Is this the key of ", render.label(self._address), "?")
        with Vertical(id="fingerprint"):
            yield Static(title, id="title")
            yield Static(Content("\n".join(lines)), id="key")
            yield Static(Content(_ADVICE), id="advice")
            yield Static(Content("Enter trusts it · Esc leaves"), id="keys")
