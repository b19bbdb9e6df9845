"""The message log alone in an app, and what a reader does with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from pychat.protocol.replies import Message
from pychat.tui.log import MessageLog
from tests.support.person import NOON
from tests.support.tui import shown, until


class LogApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.log_view = MessageLog(tz=UTC, now=lambda: NOON)
        self.asked = 0

    def compose(self) -> ComposeResult:
        yield self.log_view

    def on_message_log_near_top(self, event: MessageLog.NearTop) -> None:
        assert event.control is self.log_view
        self.asked += 1


class Screen:
    """A log on a screen, and what a reader does with it."""

    def __init__(self, app: LogApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.log = app, pilot, app.log_view

    def lines(self) -> list[str]:
        return shown(self.log)

    async def sees(self, text: str) -> None:
        await until(self.pilot, lambda: text in "\n".join(self.lines()))

    async def settled(self) -> None:
        """All that was told to the log is on the screen."""
        await until(self.pilot, lambda: not self.log._flushing.is_due)

    def scroll_up(self, lines: int) -> None:
        self.log.scroll_to(y=self.log.scroll_y - lines, animate=False)


@asynccontextmanager
async def screen(columns: int = 80, lines: int = 24) -> AsyncIterator[Screen]:
    app = LogApp()
    async with app.run_test(size=(columns, lines)) as pilot:
        app.log_view.focus()
        yield Screen(app, pilot)


def chat(first: int, count: int) -> list[Message]:
    """Each text begins with its number; some are long."""
    return [
        Message(
            room="general",
            seq=seq,
            time=NOON + seq * 10_000,
            sender="ann" if seq % 2 else "bob",
            text=f"{seq}: " + "word " * (seq * 7 % 50) + "end",
        )
        for seq in range(first, first + count)
    ]
