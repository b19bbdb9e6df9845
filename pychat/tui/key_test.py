"""The test of the keys on a terminal of its own. It returns the table of what came."""

from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from pychat.tui.key_table import Asked, table, to_ask, told
from pychat.tui.keymap import Keymap, label
from pychat.tui.keys import teach_alt_keys
from pychat.tui.soon import Soon

BURST_SECONDS = 0.15
"""What comes within it comes of one key: some send an Escape and something else."""

SHOWN = 200
"""Results kept on the screen."""


# Without bindings: Ctrl+Q, Tab and the like are to be seen as any other key.
class _KeyScreen(Screen[None], inherit_bindings=False):
    pass


class KeyTest(App[str], inherit_bindings=False):
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    CSS = "Screen { padding: 1 2; } #results { margin: 1 0 0 0; color: $text-muted; }"

    def __init__(self, keymap: Keymap, *, free: bool = False) -> None:
        """`free`: whatever is pressed is shown, nothing is asked."""
        super().__init__()
        teach_alt_keys()
        self._live = keymap
        self._free = free
        self._asked = [] if free else to_ask(keymap)
        self._came: dict[Asked, tuple[str, ...]] = {}
        self._burst: list[str] = []
        self._settling = Soon(self)
        self._results: list[str] = []
        self._interrupts = 0

    def get_default_screen(self) -> Screen[None]:
        return _KeyScreen()

    def compose(self) -> ComposeResult:
        yield Static(id="question")
        yield Static(id="results")

    def on_mount(self) -> None:
        self._ask()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self._burst.append(event.key)
        if not self._settling.is_due:
            self._settling.call(self._settle, BURST_SECONDS)

    def _settle(self) -> None:
        if self._exit:
            # There is nothing left to show it in.
            return
        keys, self._burst = tuple(self._burst), []
        if self._free:
            self._show(told(keys))
            self._interrupts = self._interrupts + len(keys) if set(keys) == {"ctrl+c"} else 0
            if self._interrupts > 1:
                self.exit("")
            return
        if keys == ("escape",):
            self._end()
            return
        asked = self._asked[len(self._came)]
        self._came[asked] = () if keys == ("space",) else keys
        self._show(f"{label(asked.key)}: {told(self._came[asked])}")
        if len(self._came) == len(self._asked):
            self._end()
        else:
            self._ask()

    def _ask(self) -> None:
        question = self.query_one("#question", Static)
        if self._free:
            question.update("Press any key. Ctrl+C twice ends.")
            return
        asked = self._asked[len(self._came)]
        count = f"{len(self._came) + 1} of {len(self._asked)}"
        question.update(
            Content.assemble(
                f"{count}: press ",
                (label(asked.key), "bold $text-accent"),
                f" ({asked.title})\nSpace: nothing happens when I do · Esc: enough",
            )
        )

    def _show(self, result: str) -> None:
        self._results = [*self._results[-SHOWN:], result]
        self.query_one("#results", Static).update(Content("\n".join(reversed(self._results))))

    def _end(self) -> None:
        self.exit(table(self._live, self._came))
