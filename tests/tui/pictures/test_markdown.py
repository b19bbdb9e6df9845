"""Every construct of Markdown in the log."""

from datetime import UTC

from textual.app import App, ComposeResult

from pychat.protocol.replies import Message
from pychat.tui.log import MessageLog
from tests.support.person import NOON
from tests.support.pictures import SIZES, WIDE, Album
from tests.support.tui import shown, until

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
    def __init__(self, count: int = len(TEXTS)) -> None:
        super().__init__()
        self.message_log = MessageLog(tz=UTC, now=lambda: NOON)
        self._count = count

    def compose(self) -> ComposeResult:
        yield self.message_log

    def on_mount(self) -> None:
        said = [
            Message(room="dev", seq=seq, time=NOON + seq * MINUTE, sender=sender, text=text)
            for seq, (sender, text) in enumerate(TEXTS[: self._count], 1)
        ]
        self.message_log.show(said, key="dev", more_before=False)


async def test_markdown(album: Album) -> None:
    app = LogApp()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.message_log.follow and any(shown(app.message_log)))
        await album.take(pilot, "markdown")
        for seq in (3, 7):
            assert app.message_log.toggle_hidden(seq)
        await album.take(pilot, "markdown-opened", [(120, 46), *SIZES[1:]])


async def test_code_at_the_end(album: Album) -> None:
    app = LogApp(2)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.message_log.follow and any(shown(app.message_log)))
        await album.take(pilot, "code", SIZES[2:])
