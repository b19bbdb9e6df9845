"""Pictures of every construct of Markdown in the log. `--snapshot-update` takes them anew."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from pychat.protocol.replies import Message
from pychat.tui.log import MessageLog
from tests.support.person import NOON
from tests.support.tui import shown, until

WIDE, NARROW = (120, 40), (50, 20)
MINUTE = 60_000
CODE = '''has anyone seen this?
```python
def join(room: Room) -> None:
    """Too many are refused."""
    if len(room) > 500:  # the limit
        raise RoomFull(f"{room.name}")
```
and what can be done?'''
TRACE = "\n".join(["```", *(f"  File room.py, line {number}" for number in range(1, 15)), "```"])
TEXTS = [
    ("ada", "*italic*, _italic_, **bold**, ***both***, ~~strike~~, `code` and snake_case, 2*3*4"),
    ("bob", CODE),
    ("ada", TRACE),
    ("bob", "> it is the limit in the configuration, which nobody has read since it was written"),
    ("kim", "# What to do\n- raise it, and say so in the room, so that everybody knows about it"),
    ("kim", "1. restart\n2. see [the notes](https://wiki.lan/rel?y=1) or https://wiki.lan/ops"),
    ("ada", "and the killer is ||Bob, of course||!"),
]


class LogApp(App[None]):
    def __init__(self, count: int, opened: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.message_log = MessageLog(tz=UTC, now=lambda: NOON)
        self._count = count
        self._opened = opened

    def compose(self) -> ComposeResult:
        yield self.message_log

    def on_mount(self) -> None:
        said = [
            Message(room="dev", seq=seq, time=NOON + seq * MINUTE, sender=sender, text=text)
            for seq, (sender, text) in enumerate(TEXTS, 1)
        ]
        self.message_log.show(said[: self._count], key="dev", more_before=False)
        for seq in self._opened:
            self.message_log.toggle_hidden(seq)


Compare = Callable[..., bool]


def picture(snap_compare: Compare, app: LogApp, size: tuple[int, int], theme: str) -> bool:
    app.theme = theme

    async def act(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.message_log.follow and any(shown(app.message_log)))

    return snap_compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_markdown(snap_compare: Compare, theme: str) -> None:
    assert picture(snap_compare, LogApp(len(TEXTS)), WIDE, theme)


def test_markdown_that_was_opened(snap_compare: Compare) -> None:
    assert picture(snap_compare, LogApp(len(TEXTS), (3, 7)), (120, 46), "textual-dark")


@pytest.mark.parametrize("count", [2, len(TEXTS)])
def test_markdown_in_a_narrow_terminal(snap_compare: Compare, count: int) -> None:
    assert picture(snap_compare, LogApp(count), NARROW, "textual-dark")


def test_markdown_without_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert picture(snap_compare, LogApp(len(TEXTS)), WIDE, "textual-dark")
