"""What was said, found by its words: in one room or in all of mine, newest first."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pychat.client import Client, CommandError, ConnectionLost
from pychat.protocol.replies import Found, Message
from pychat.tui import render, telling
from pychat.tui.clock import Hours, time_of_day
from pychat.tui.hits import found_line
from pychat.tui.screens.context import ContextScreen
from pychat.tui.screens.layers import Box
from pychat.tui.settings.live import settings_of
from pychat.tui.soon import Soon

PAUSE = 0.3
"""Seconds without a key after which what is typed is searched for."""

ROWS = 1_000
"""Listed at most; who needs more has searched for too little."""

_TWELVE_CELLS = 13
"""Of a day and a time, where the clock is one of 12 hours."""


class SearchScreen(Box[None]):
    CSS_PATH = "search.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "back", show=False, id="search.back"),
        Binding("down", "move(1)", "next", show=False, priority=True, id="search.next"),
        Binding("up", "move(-1)", "previous", show=False, priority=True, id="search.previous"),
        Binding("pagedown", "move(10)", "down", show=False, priority=True, id="search.down"),
        Binding("pageup", "move(-10)", "up", show=False, priority=True, id="search.up"),
        Binding("ctrl+f", "look_in(False)", "here", show=False, priority=True, id="search.here"),
        Binding(
            "ctrl+g",
            "look_in(True)",
            "everywhere",
            show=False,
            priority=True,
            id="search.everywhere",
        ),
    ]

    def __init__(
        self,
        client: Client,
        go: Callable[[Message], Awaitable[bool]],
        *,
        here: str | None,
        room: str | None,
        text: str,
        tz: tzinfo,
        now: Callable[[], int],
    ) -> None:
        """`go` shows a message in its room, or says that it is too far back. `here` is the open
        room, `room` where to search: None is everywhere."""
        super().__init__()
        self._client = client
        self._go = go
        self._here = here
        self._room = room
        self._text = text
        self._tz = tz
        self._now = now
        self._query: str | None = None
        """What the list shows the answer to."""
        self._asked: str | None = None
        """What was searched for last, answered or not."""
        self._found: list[Message] = []
        self._more = False
        self._pausing = Soon(self)

    def compose(self) -> ComposeResult:
        with Vertical(id="search"):
            yield Static(id="title")
            yield Input(self._text, placeholder="words", id="words", select_on_focus=False)
            yield OptionList(id="found", markup=False)
            yield Static(id="said")
            yield Static("Enter goes there · Ctrl+F here · Ctrl+G everywhere · Esc back", id="keys")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._show_title()
        self._say("Type what you look for.")
        if self._text:
            self._search()

    def on_resize(self) -> None:
        self._list()

    def on_unmount(self) -> None:
        self._pausing.cancel()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._pausing.cancel()
        # Over a slow link the answer to the same words may still be on its way.
        if self._typed != self._asked:
            self._pausing.call(self._search, PAUSE)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        at = self.query_one(OptionList).highlighted
        if self._typed != self._query:
            self._search()
        elif at is not None:
            self._visit(self._found[at])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._visit(self._found[event.option_index])

    def action_look_in(self, everywhere: bool) -> None:
        room = None if everywhere else self._here
        if room != self._room:
            self._room, self._query = room, None
            self._show_title()
            self._search()

    def action_move(self, step: int) -> None:
        found = self.query_one(OptionList)
        if self._found:
            last = len(self._found) - 1
            found.highlighted = min(max(0, (found.highlighted or 0) + step), last)
            if found.highlighted == last and self._more:
                self._search_on()

    @property
    def _typed(self) -> str:
        return self.query_one(Input).value.strip()

    @work(group="search", exclusive=True)
    async def _search(self) -> None:
        text = self._asked = self._typed
        if text == self._query:
            return
        if not text:
            self._take(text, [], more=False)
            return
        page = await self._ask(text, None)
        if page is not None:
            self._take(text, page.messages, more=page.more)
        elif self._asked == text:
            self._asked = None

    @work(group="search", exclusive=True)
    async def _search_on(self) -> None:
        """The page after the last that was found."""
        text, last = self._query, self._found[-1]
        # Inclusive: several may have been said in the same millisecond.
        page = await self._ask(text or "", last.time + 1)
        known = {(message.room, message.seq) for message in self._found}
        fresh = [m for m in page.messages if (m.room, m.seq) not in known] if page else []
        if page is not None and page.more and not fresh:
            page = await self._ask(text or "", last.time)
            fresh = page.messages if page else []
        if page is not None:
            more = page.more and len(self._found) + len(fresh) < ROWS
            self._take(text or "", self._found + fresh, more=more)

    async def _ask(self, text: str, before: int | None) -> Found | None:
        try:
            return await self._client.search(text, room=self._room, before=before)
        except CommandError as error:
            self._say(f"✗ {error.text}")
        except ConnectionLost:
            self._say("✗ there is no connection now; Enter searches again")
        return None

    def _take(self, query: str, found: list[Message], *, more: bool) -> None:
        chosen = self.query_one(OptionList).highlighted if query == self._query else 0
        self._query, self._found, self._more = query, found, more
        self._list()
        self.query_one(OptionList).highlighted = (chosen or 0) if found else None
        count = telling.messages(len(found))
        if not query:
            self._say("Type what you look for.")
        elif not found and self._room is not None:
            place = telling.room_title(self._room)
            self._say(f"nothing for {query!r} in {place} — Ctrl+G searches everywhere")
        elif not found:
            self._say(f"nothing for {query!r} in your rooms")
        else:
            self._say(f"{count}, and more below" if more else count)

    def _list(self) -> None:
        listed = self.query_one(OptionList)
        width = listed.scrollable_content_region.width or self.size.width
        at = listed.highlighted
        lines = [
            found_line(
                message, self._when(message), self._query or "", width, room=self._room is None
            )
            for message in self._found
        ]
        listed.set_options([Option(line) for line in lines])
        listed.highlighted = at if at is not None and at < len(lines) else None

    def _when(self, message: Message) -> str:
        hours = settings_of(self).look.clock
        return said_at(message.time, self._now(), self._tz, hours)

    def _show_title(self) -> None:
        place = telling.room_title(self._room) if self._room is not None else "all your rooms"
        self.query_one("#title", Static).update(render.line(f"Search in {place}"))

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(render.line(text))

    @work(group="visit", exclusive=True)
    async def _visit(self, message: Message) -> None:
        try:
            if await self._go(message):
                self.dismiss()
                return
            page = await self._client.history(message.room, around=message.seq)
        except CommandError as error:
            self._say(f"✗ {error.text}")
        except ConnectionLost:
            self._say("✗ there is no connection now")
        else:
            await self.app.push_screen(
                ContextScreen(self._client, message, page, tz=self._tz, now=self._now)
            )


def said_at(time: int, now: int, zone: tzinfo, hours: Hours = "24h") -> str:
    """In at most 11 cells, or 13; both in milliseconds since the epoch. It fills them where the
    clock is one of 12 hours."""
    try:
        said = datetime.fromtimestamp(time / 1000, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return "?"
    today = datetime.fromtimestamp(now / 1000, zone)
    if said.date() == today.date():
        when = time_of_day(said, hours)
    elif said.year == today.year:
        when = f"{said:%m-%d} {time_of_day(said, hours)}"
    else:
        when = f"{said:%Y-%m-%d}"
    return when if hours == "24h" else when.ljust(_TWELVE_CELLS)
