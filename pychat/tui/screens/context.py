"""A message too far back to be loaded into its room, among those around it. To be read only."""

from collections.abc import Callable
from datetime import tzinfo
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from pychat.client import Client, CommandError, ConnectionLost
from pychat.protocol.replies import History, Message
from pychat.tui import render, telling
from pychat.tui.log import MessageLog


def _scroll(key: str, action: str) -> Binding:
    id = f"context.{action.replace('_', '-')}"
    return Binding(key, f"scroll('{action}')", action, show=False, priority=True, id=id)


class ContextScreen(Screen[None]):
    CSS_PATH = "context.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "back", show=False, priority=True, id="context.back"),
        _scroll("pageup", "page_up"),
        _scroll("pagedown", "page_down"),
        _scroll("home,ctrl+home", "scroll_home"),
        _scroll("end,ctrl+end", "scroll_end"),
        _scroll("up", "scroll_up"),
        _scroll("down", "scroll_down"),
    ]

    def __init__(
        self,
        client: Client,
        message: Message,
        page: History,
        *,
        tz: tzinfo,
        now: Callable[[], int],
    ) -> None:
        super().__init__()
        self._client = client
        self._message = message
        self._page = page
        self._first = page.messages[0].seq if page.messages else message.seq
        self._last = page.messages[-1].seq if page.messages else message.seq
        self._more_after = page.more_after
        self._log = MessageLog(tz=tz, now=now, id="context")

    def compose(self) -> ComposeResult:
        room = render.label(self._message.room)
        title = (telling.room_title(room), "bold")
        yield Static(Content.assemble(title, " as it was — to be read"), id="title")
        yield self._log
        yield Static("PgUp/PgDn scroll · Esc back to what was found", id="keys")

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)

    def action_scroll(self, action: str) -> None:
        getattr(self._log, f"action_{action}")()
        if action in ("page_down", "scroll_down", "scroll_end") and self._log.follow:
            self._newer(stay=action != "scroll_end")

    def _begin(self) -> None:
        page = self._page
        self._log.show(page.messages, key=self._message.room, more_before=page.more_before)
        self._log.reveal(self._message.seq)

    @on(MessageLog.NearTop)
    def _near_top(self) -> None:
        self._older()

    @work(group="older", exclusive=True)
    async def _older(self) -> None:
        try:
            page = await self._client.history(self._message.room, before=self._first)
        except (CommandError, ConnectionLost) as error:
            self._complain(error.text)
            self._log.prepend([], more_before=True)
            return
        if page.messages:
            self._first = page.messages[0].seq
        self._log.prepend(page.messages, page.more_before)

    @work(group="newer", exclusive=True)
    async def _newer(self, *, stay: bool) -> None:
        if not self._more_after:
            return
        try:
            page = await self._client.history(self._message.room, after=self._last)
        except (CommandError, ConnectionLost) as error:
            self._complain(error.text)
            return
        self._more_after = page.more_after
        if page.messages:
            self._last = page.messages[-1].seq
        at = self._log.scroll_y
        self._log.append(page.messages)
        if stay:
            # What was not seen yet begins where the reader is.
            self._log.scroll_to(y=at, animate=False)

    def _complain(self, text: str) -> None:
        self.query_one("#keys", Static).update(render.line(f"✗ {text} · Esc back"))
