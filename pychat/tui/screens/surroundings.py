"""What stands around the log: kept as the mirror is, ten times a second at most."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.timer import Timer

from pychat.tui import chrome, telling
from pychat.tui.keymap import live_keymap
from pychat.tui.pane_store import keep_choices, kept_choices
from pychat.tui.panes import Pane, Panes
from pychat.tui.settings.live import pychat_app, settings_of
from pychat.tui.soon import Soon
from pychat.tui.widgets.header import HeaderState

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

PAINT_SECONDS = 0.1
"""Between two paintings."""

LOOK_SECONDS = 1.0
"""Who stopped to type, and how long it is to the next try, is told by nobody but the clock."""


class Surroundings:
    def __init__(
        self,
        hall: "HallScreen",
        address: str,
        *,
        clock: Callable[[], float],
        now: Callable[[], int],
    ) -> None:
        self._hall = hall
        self._now = now
        self._address = address
        self._clock = clock
        self._panes = Panes(kept_choices())
        self._painted = Soon(hall)
        """A moment ago."""
        self._looking: Timer | None = None
        """Ticks only while there is something to look for: that is a fifth of an idle client."""
        self._due = False

    def begin(self) -> None:
        hall = self._hall
        hall.watch(hall.app, "settings", self._set_anew, init=False)
        self._set_up()
        self._looking = hall.set_interval(LOOK_SECONDS, self.touch, pause=True)

    def _set_up(self) -> None:
        settings = settings_of(self._hall)
        look = settings.look
        self._hall.client.mirror.highlight(settings.mentions.words)
        if self._panes.want({"rooms": look.rooms_pane, "members": look.members_pane}):
            keep_choices(self._panes.kept)
        self._hall.message_log.adapt()
        self.arrange()

    def _set_anew(self) -> None:
        self._set_up()
        # What names a key may have to name another.
        hall = self._hall
        hall.header.paint()
        hall.status.paint()
        hall.board.greet()
        if hall.here is not None:
            hall.waiting.show(hall.here)
        self.touch()

    def touch(self) -> None:
        """Something may have changed: paint now, or soon if that was a moment ago."""
        if not self._hall.is_running:
            return
        if self._painted.is_due:
            self._due = True
        else:
            self._paint()
            self._painted.call(self._rested, PAINT_SECONDS)

    def end(self) -> None:
        self._painted.cancel()

    def toggle(self, pane: Pane) -> None:
        before = self._panes.kept
        self._panes.toggle(pane, self._hall.app.size.width)
        if self._panes.kept != before:
            keep_choices(self._panes.kept)
        self.arrange()

    def close_overlays(self) -> None:
        if self._panes.close_overlays(self._hall.app.size.width):
            self.arrange()

    def arrange(self) -> None:
        """Show the panes that there is room for, or that are wanted."""
        hall = self._hall
        width = hall.app.size.width
        hall.rooms.display = self._panes.shown("rooms", width)
        # Nobody is a member of the Hall itself; its pane would be empty.
        hall.members.display = self._panes.shown("members", width) and hall.here is not None

    def _rested(self) -> None:
        if self._due:
            self._due = False
            self.touch()

    def _paint(self) -> None:
        hall = self._hall
        client, mirror = hall.client, hall.client.mirror
        rows = chrome.place_rows(mirror, hall.speaking.drafts, hall.going.numbers, hall.hushed)
        tabs = chrome.tabs(rows)
        hall.rooms.show(rows)
        hall.header.show(
            HeaderState(
                hall=chrome.hall_title(mirror),
                address=self._address,
                state=client.state,
                words=chrome.connection_words(client.state, client.retry, self._clock()),
                name=mirror.name,
                place=chrome.place_title(mirror),
                tabs=tabs,
            )
        )
        outbox, connected = client.outbox, client.state == "connected"
        undecided = sum(item.state in ("failed", "held") for item in outbox)
        # What is on its way will not be there in a moment.
        unkept = 0 if connected else sum(not outbox.is_kept(item) for item in outbox)
        hall.status.show(
            unread=sum(tab.unread for tab in tabs),
            mentions=sum(tab.mentions for tab in tabs),
            unsent=undecided,
            queued=0 if connected else len(outbox) - undecided,
            unkept=unkept,
            hush=hall.news.alerts.hush(),
        )
        hall.composer.entitle(chrome.place_title(mirror))
        hall.held_bar.show(chrome.waits_long(outbox, self._now()))
        notify = settings_of(hall).notify
        pychat_app(hall).show_title(chrome.window_title(mirror, notify, hall.hushed))
        self._paint_place()
        self._look()

    def _look(self) -> None:
        if self._looking is None:
            return
        client = self._hall.client
        view = client.mirror.rooms.get(self._hall.here or "")
        restless = view is not None and (view.typing or chrome.patience(view, self._clock()))
        if client.state == "connecting" or restless:
            self._looking.resume()
        else:
            self._looking.pause()

    def _paint_place(self) -> None:
        hall, now = self._hall, self._clock()
        mirror, keymap = hall.client.mirror, live_keymap(hall)
        view = mirror.rooms.get(hall.here or "")
        if view is None:
            hall.topic.show(chrome.hall_title(mirror), "the Hall, outside of all rooms", "")
            hall.members.show((), 0)
            hall.signal.show(chrome.trouble(hall.client, keymap), "")
            return
        hall.topic.show(
            chrome.place_name(view),
            chrome.about(view),
            f"{telling.people(view.count)} {keymap.label('members')}".rstrip(),
        )
        hall.members.show(chrome.member_rows(view, mirror.name, now), view.count)
        typists = [name for name in view.typists(now) if name != mirror.name]
        quiet = chrome.patience(view, now) or telling.typing(typists)
        hall.signal.show(chrome.trouble(hall.client, keymap) or quiet, self._way_back())

    def _way_back(self) -> str:
        log = self._hall.message_log
        if log.follow:
            return ""
        key = live_keymap(self._hall).label("bottom") if self._hall.composer.text else "End"
        return f"▼ {log.below} new below — {key}" if log.below else f"▼ back to now — {key}"
