"""The main screen: the Hall and its rooms, as the client's mirror has them.

It shows the mirror and hands what is typed to the client; what happens comes to it by News. What
stands around the log is painted ten times a second at most.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime, tzinfo
from functools import partial
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import Provider
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.widgets import ContentSwitcher, Static, TextArea
from textual.worker import Worker

from pychat.client import Client, CommandError, ConnectionLost
from pychat.tui import chrome, slash
from pychat.tui.aliases import expand
from pychat.tui.clock import time_of_day
from pychat.tui.door import Door
from pychat.tui.draft_store import DraftStore
from pychat.tui.errands import Errands
from pychat.tui.history_store import HistoryStore
from pychat.tui.interrupt import Interrupt
from pychat.tui.keymap import live_keymap
from pychat.tui.keys import HALL_KEYS
from pychat.tui.log import MessageLog
from pychat.tui.messages import (
    Pasted,
    ScrollWanted,
    Submitted,
)
from pychat.tui.news import News
from pychat.tui.offering import Offering
from pychat.tui.palette import HallCommands
from pychat.tui.panes import BREAKPOINTS, HEIGHTS, classes_of
from pychat.tui.screens.acting_screen import ActingScreen
from pychat.tui.screens.going_screen import GoingScreen
from pychat.tui.screens.layers import Layer
from pychat.tui.screens.surroundings import Surroundings
from pychat.tui.settings.live import pychat_app, settings_of
from pychat.tui.sight import Sight
from pychat.tui.soon import Soon
from pychat.tui.speaking import Speaking, no_connection
from pychat.tui.waiting import Waiting
from pychat.tui.widgets.action_line import ActionLine
from pychat.tui.widgets.board import Board
from pychat.tui.widgets.composer import Composer
from pychat.tui.widgets.composer_area import ComposerArea
from pychat.tui.widgets.header import Header
from pychat.tui.widgets.held_bar import HeldBar
from pychat.tui.widgets.member_pane import MemberPane
from pychat.tui.widgets.room_list import RoomList
from pychat.tui.widgets.signal_line import SignalLine
from pychat.tui.widgets.status_line import StatusLine
from pychat.tui.widgets.topic_bar import TopicBar

_KEYS = "{send} send · {new-line} new line"

_SETTLE_SECONDS = 1 / 60
"""After a new size. What each widget does about it, in its turn, is painted together."""


class HallScreen(ActingScreen, GoingScreen, Layer[None]):
    CSS_PATH = "hall.tcss"
    AUTO_FOCUS = "#composer"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {HallCommands}
    BINDINGS: ClassVar[list[BindingType]] = [*HALL_KEYS]
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    VERTICAL_BREAKPOINTS = HEIGHTS

    header = query_one(Header)
    rooms = query_one(RoomList)
    topic = query_one(TopicBar)
    switcher = query_one(ContentSwitcher)
    board = query_one(Board)
    message_log = query_one(MessageLog)
    members = query_one(MemberPane)
    signal = query_one(SignalLine)
    held_bar = query_one(HeldBar)
    writing = query_one(ComposerArea)
    composer = query_one(Composer)
    status = query_one(StatusLine)
    actions = query_one(ActionLine)

    def __init__(
        self,
        client: Client,
        door: Door,
        *,
        tz: tzinfo,
        now: Callable[[], int],
        clock: Callable[[], float],
    ) -> None:
        """`now`: milliseconds since the epoch; `clock`: monotonic seconds."""
        super().__init__()
        self.client = client
        self.tz = tz
        self.now = now
        self.clock = clock
        self.unkept = door.warning
        """Why what waits to be sent is not on disk; empty if it is."""
        self._notice = door.notice
        self.speaking = Speaking(
            self, DraftStore(door.drafts), HistoryStore(door.history), clock=clock
        )
        self.begin_acting()
        self.begin_going(door)
        self.sight = Sight(self)
        self.interrupt = Interrupt(self, clock=clock)
        self._offering = Offering(self, clock=clock)
        self.waiting = Waiting(self)
        self.news = News(self, tz=tz, now=now, clock=clock)
        self.errands = Errands(self)
        self.around = Surroundings(self, str(door.address), clock=clock, now=now)
        self._unsubscribe = client.subscribe(self.news.arrived)
        self._complained_over = ""
        self._writing = False
        self._settled = Soon(self)
        """Until then nothing is painted."""

    @property
    def here(self) -> str | None:
        """The room that is open; None is the Hall."""
        return self.client.mirror.open_room

    def compose(self) -> ComposeResult:
        # Textual does it only after the first painting, and then all is styled and painted again.
        self.add_class(*classes_of(*self.app.size))
        yield Header()
        with Horizontal(id="body"):
            yield RoomList()
            with Vertical(id="place"):
                yield TopicBar()
                with ContentSwitcher(initial="board", id="switcher"):
                    yield Board()
                    yield MessageLog(
                        tz=self.tz, now=self.now, me=lambda: self.client.mirror.me, id="log"
                    )
                yield SignalLine()
                yield HeldBar()
                yield ComposerArea(self.speaking.history, self._offering, slash.takes())
            yield MemberPane()
        yield StatusLine()
        yield ActionLine()
        yield Static("make the window larger", id="larger")

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self.sight.look()

    def on_screen_suspend(self) -> None:
        self.sight.look()

    def on_mount(self) -> None:
        self.around.begin()
        self.watch_acting()
        self.watch(self.message_log, "below", self.touch, init=False)
        self.watch(self.message_log, "follow", self.touch, init=False)
        self.watch(self.message_log, "sees_end", self.sight.look, init=False)
        self.watch(self.app, "app_focus", self.sight.look, init=False)
        self.enter(None)
        self.waiting.join_rooms()
        for text in filter(None, (self.unkept, self._notice, *pychat_app(self).problems)):
            self.tell(text)
        self.speaking.begin(self.writing)
        # Nobody is writing yet.
        self.call_after_refresh(self._ask_about_held)

    def _ask_about_held(self) -> None:
        self.held_bar.show(chrome.waits_long(self.client.outbox, self.now()))
        if self.held_bar.display:
            self.held_bar.focus()

    def on_resize(self) -> None:
        self.around.arrange()
        if not self._settled.is_due:
            self.app._begin_batch()
        self._settled.call(self._paint_again, _SETTLE_SECONDS)

    def _paint_again(self) -> None:
        self.app._end_batch()
        self.refresh()
        self.app.screen.refresh()

    async def on_unmount(self) -> None:
        if self._settled.is_due:
            self._settled.cancel()
            self.app._end_batch()
        self.around.end()
        self.waiting.end()
        self._unsubscribe()
        self.news.alerts.end()
        self.speaking.save()
        # Before their replies fail: there is nobody left to be told.
        self.workers.cancel_node(self)
        await self.client.close()

    def touch(self) -> None:
        """What stands around the log may have to be painted anew."""
        self.around.touch()

    @work(group="greeting", exclusive=True)
    async def greet(self) -> None:
        """Welcome anew, with the rooms as they are now."""
        mirror = self.client.mirror
        self.board.welcome(chrome.hall_title(mirror), mirror.name, None)
        try:
            rooms = await self.client.list_rooms()
        except CommandError as error:
            self.complain(error.text)
        except ConnectionLost:
            # Once there is one again.
            return
        else:
            self.board.welcome(chrome.hall_title(mirror), mirror.name, rooms)
            self._offering.learn(rooms)

    # What the person does

    @on(Submitted)
    def _submitted(self, event: Submitted) -> None:
        if self.acting.acts.submit(event.text):
            return
        meant = slash.parse(expand(event.text, self.aliases.known))
        match meant:
            case slash.Mistake():
                self.writing.give_back(event.text)
                self.writing.mistaken = event.text if meant.unknown else ""
                self.complain(meant.text + ", or press Alt+Enter" * meant.unknown)
            case slash.Say():
                self.speaking.say(meant.text, typed=event.text)
            case _:
                self.complain("")
                self.perform(meant, typed=event.text)

    @on(Pasted)
    def _pasted(self, event: Pasted) -> None:
        if not self.acting.acts.paste(event.parts):
            self.speaking.say_all(event.parts)

    def perform(self, command: slash.Command, typed: str = "") -> None:
        """Carry a command out. If it fails, `typed` comes back into the composer."""
        self.start(partial(self._perform, command, typed), "commands")

    def start(self, errand: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Have it run as the screen's own; it ends with the screen at the latest."""
        _: Worker[None] = self.run_worker(errand, group=group)

    async def _perform(self, command: slash.Command, typed: str) -> None:
        place = self.here
        try:
            await self.errands.carry_out(command)
        except CommandError as error:
            self.speaking.give_back(place, typed, error.text)
        except ConnectionLost:
            self.speaking.give_back(place, typed, no_connection(live_keymap(self)))

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self.composer.text != self._complained_over:
            self.complain("")
        self.speaking.typed(self.composer.text)
        if bool(self.composer.text) != self._writing:
            # Some keys are the composer's as long as there is text in it.
            self._writing = not self._writing
            self.touch()

    @on(ScrollWanted)
    def _scroll_wanted(self, event: ScrollWanted) -> None:
        self.action_scroll(event.action)

    def on_paste(self, event: events.Paste) -> None:
        self.writing.pasted(event.text)

    # What the person is told

    def tell(self, text: str) -> None:
        if self.here is None:
            self.board.note(text, self._time())
        else:
            self.message_log.note(text)

    def notice(self, text: str) -> None:
        """A word of the operator's; it is kept in the Hall, too."""
        self.board.note(f"The Hall says: {text}", self._time())
        if self.here is not None:
            self.message_log.note(f"The Hall says: {text}")

    def complain(self, text: str) -> None:
        """Until the composer's text changes; empty when all is well again."""
        self._complained_over = self.composer.text
        self.signal.complain(text)

    def _time(self) -> str:
        moment = datetime.fromtimestamp(self.now() / 1000, self.tz)
        return time_of_day(moment, settings_of(self).look.clock)

    # Keys

    def action_manual(self) -> None:
        self.perform(slash.Manual())

    def action_settings(self) -> None:
        self.perform(slash.OpenSettings())

    def action_reconnect(self) -> None:
        self.perform(slash.Reconnect())

    def action_retry(self) -> None:
        self.waiting.retry(everything=False)

    def action_search(self, everywhere: bool) -> None:
        self.perform(slash.Search("", everywhere))

    @on(HeldBar.Decided)
    def _decided(self, event: HeldBar.Decided) -> None:
        if event.what == "review":
            self.waiting.review()
        elif event.what == "release":
            self.waiting.release()
        else:
            self.waiting.discard_held()
        self.composer.focus()

    def action_copy(self) -> None:
        self.interrupt.press()

    def action_back(self) -> None:
        if self.writing.escape() or (self.composer.has_focus and self.composer.leave_writing()):
            return
        if self.acting.escape():
            return
        self.around.close_overlays()
        self.clear_selection()
        self.complain("")
        self.composer.focus()
        self.going.escaped()
