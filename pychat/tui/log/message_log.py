"""The message log of one room: a virtual list that wraps and paints only what is near the window.

Changes are plain calls, one per batch and not one per message; the first is painted at once, the
others soon. Nothing moves under the reader: only at the end does the log follow.
"""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from time import monotonic
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.message import Message as UIMessage
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from pychat.client.mentions import Me
from pychat.protocol.replies import Message
from pychat.tui.keymap import live_keymap
from pychat.tui.log import styles
from pychat.tui.log.choosing import ChoosingLog
from pychat.tui.log.days import Calendar
from pychat.tui.log.layout import Layout
from pychat.tui.log.pace import Pace
from pychat.tui.log.painter import Ink
from pychat.tui.log.palette import Palette
from pychat.tui.log.rows import MessageRow, Row, Rule, Unsent, message_id
from pychat.tui.log.selecting import span_of
from pychat.tui.log.strips import StripCache
from pychat.tui.log.thumb import thumb
from pychat.tui.log.transcript import Anchor, Transcript
from pychat.tui.settings.live import settings_of
from pychat.tui.soon import Soon

NARROW = 70
"""Columns of the terminal below which a name has its own line."""
_NARROW_PANE = 40
"""Columns of the log below which it has so in any terminal."""
_PLACES = 1_000
"""Rooms whose place is kept."""


class MessageLog(ChoosingLog, can_focus=True):
    """It has neither border nor padding: those are for what is around it."""

    DEFAULT_CSS = styles.RULES
    COMPONENT_CLASSES: ClassVar[set[str]] = set(styles.PARTS)

    follow = reactive(True, repaint=False)
    """Whether the end is seen, and stays so."""
    sees_end = reactive(False, repaint=False)
    """Whether the last line is in sight; not before it is known what is."""
    below = reactive(0, repaint=False)
    """Messages that came after what is seen, since it was left."""

    class NearTop(UIMessage):
        """The reader is about to see the oldest message that is here. Posted once; again after
        `prepend` or `show`."""

        def __init__(self, log: "MessageLog") -> None:
            super().__init__()
            self.log = log

        @property
        def control(self) -> "MessageLog":
            return self.log

    def __init__(
        self,
        *,
        tz: tzinfo,
        now: Callable[[], int],
        me: Callable[[], Me] = Me,
        id: str | None = None,
    ) -> None:
        """`now`: milliseconds since the epoch; `me`: what I am called now."""
        self._now = now
        self._me = me
        self._calendar = Calendar(tz)
        super().__init__(Transcript(self._calendar), id=id)
        self._strips = StripCache()
        self._places: dict[str, Anchor] = {}
        self._palette: Palette | None = None
        self._settled_size: Size | None = None
        self._settling = False
        self._near_top_told = False
        self._opening = False
        self._flushing = Soon(self)
        self._pace = Pace()

    def adapt(self) -> None:
        """To other settings."""
        self._settled_size = self._palette = None
        self.refresh()

    # Contents

    def show(
        self,
        messages: Sequence[Message],
        *,
        key: str,
        more_before: bool,
        unread_after: int | None = None,
        rules: Sequence[Rule] = (),
    ) -> None:
        """Another room, or the same anew. The place left is kept under the old room's key."""
        self._keep_place()
        self._transcript.show(
            key,
            messages,
            more_before=more_before,
            unread_after=unread_after,
            anchor=self._places.get(key),
            rules=rules,
        )
        self._strips.clear()
        self.forget_place()
        self._near_top_told = False
        self._opening = True
        self._flush()
        self._check_top()

    def append(self, messages: Sequence[Message], read_to: int | None = None) -> None:
        """Messages after all that are shown; others are left out. `read_to` is the last `seq` that
        was read, where the reader sees none of these."""
        count = self._transcript.append(messages, read_to)
        self._pace.came(count)
        if not self._transcript.follow:
            self.below += count
        self._changed()

    def prepend(self, messages: Sequence[Message], more_before: bool) -> None:
        """Messages before all that are shown; others are left out.

        Without any, because they could not be had, the next scrolling asks for them again.
        """
        self._near_top_told = False
        if self._transcript.prepend(messages, more_before):
            self._changed()
            self._check_top()
        elif not more_before:
            self._changed()

    def replace(self, message: Message) -> None:
        """A message as it stands now: edited, deleted, with reactions."""
        if self._transcript.replace(message):
            self._changed()

    def note(self, text: str) -> None:
        """A word of the client's between the messages, with the time."""
        self._transcript.note(text, self._now())
        self._changed()

    def rule(self, rule: Rule) -> None:
        """A line across, after all that is shown; a later `show` is to be given it."""
        self._transcript.rule(rule)
        self._changed()

    def reveal(self, seq: int) -> bool:
        """Scroll to a message and mark it. False if it is not here."""
        found = self._transcript.reveal(seq)
        if found:
            self._flush()
            self._check_top()
        return found

    def unsent(self, lines: Sequence[Unsent]) -> None:
        """All that is not confirmed, in order; it stands below everything else."""
        self._transcript.unsent(lines)
        self._changed()

    def forget(self, key: str) -> None:
        """Keep no place in a room any more."""
        self._places.pop(key, None)

    @property
    def unread_after(self) -> int | None:
        """The `seq` after which the "new" line stands; None without one."""
        return self._transcript.unread_after

    # Scrolling

    def action_page_up(self) -> None:
        self._scroll_lines(-self._page)

    def action_page_down(self) -> None:
        self._scroll_lines(self._page)

    def action_scroll_home(self) -> None:
        self.scroll_to(y=0, animate=False)

    def action_scroll_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_scroll_up(self) -> None:
        self._scroll_lines(-1)

    def action_scroll_down(self) -> None:
        self._scroll_lines(1)

    @property
    def _page(self) -> int:
        """One line of the page before stays, for the eye to hold on to."""
        return max(1, self.size.height - 1)

    def _scroll_lines(self, lines: int) -> None:
        # Not animated: an animation has a fixed target, and what is measured on the way moves it.
        self.scroll_to(y=round(self.scroll_y) + lines, animate=False)

    def scroll_page_up(self, **_: object) -> None:
        """From a click on the scrollbar."""
        self.action_page_up()

    def scroll_page_down(self, **_: object) -> None:
        """From a click on the scrollbar."""
        self.action_page_down()

    def watch_scroll_y(self, old: float, new: float) -> None:
        # A new size makes Textual clamp by the old contents; what follows is for `_settle` to say.
        if self._settling or self.size != self._settled_size:
            return
        transcript = self._transcript
        transcript.scroll(round(new))
        # Textual scrolls by fractions of a line; they are kept.
        self._place_window(new + transcript.y - round(new))
        self.refresh()
        self._check_top()

    def _check_top(self) -> None:
        transcript = self._transcript
        if (
            transcript.window
            and transcript.near_top
            and transcript.more_before
            and not self._near_top_told
        ):
            self._near_top_told = True
            self.post_message(self.NearTop(self))

    def _keep_place(self) -> None:
        room, anchor = self._transcript.room, self._transcript.anchor()
        self._places.pop(room, None)
        if anchor is not None:
            self._places[room] = anchor
            if len(self._places) > _PLACES:
                del self._places[next(iter(self._places))]

    # Settling: the transcript, the scroll position and the scrollbar agree

    def _changed(self) -> None:
        if not self._transcript.follow and self._transcript.y != round(self.scroll_y):
            # At once: whoever scrolls before it is painted counts from here.
            self._place_window(self._transcript.y)
        if self.is_mounted and not self._flushing.is_due:
            self._flush_soon()

    def _flush_soon(self) -> None:
        wait = self._pace.wait(monotonic(), self.size.height)
        if wait:
            self._flushing.call(self._flush_soon, wait)
        else:
            self._flush()

    def _flush(self) -> None:
        self._flushing.cancel()
        self._pace.painted(monotonic())
        if self.is_mounted:
            self._settle()
            self.refresh()

    def on_unmount(self) -> None:
        self._flushing.cancel()

    def _settle(self) -> None:
        size = self.size
        if not size:
            # Behind another widget; what is shown meanwhile is settled when it has a size again.
            self._settled_size = None
            self.sees_end = False
            return
        if size != self._settled_size:
            self._settled_size = size
            margin = self.scrollbar_size_vertical
            width = max(1, size.width - margin)
            narrow = self.app.size.width < NARROW or width < _NARROW_PANE
            look = settings_of(self).look
            layout = Layout.of(
                width,
                narrow=narrow,
                margin=margin,
                most=look.text_width,
                hours=look.clock,
                markdown=look.markdown,
                copy_key=live_keymap(self).way("copy-code", "/copy code:"),
            )
            if layout != self._transcript.layout:
                self._strips.clear()
            self._transcript.resize(layout, size.height)
        self._transcript.settle()
        self._place_window(self._transcript.y)

    def _place_window(self, y: float) -> None:
        transcript = self._transcript
        self._settling = True
        try:
            # As a reactive it would cost a layout of the whole screen.
            total = max(transcript.rows.total, transcript.window)
            self.set_reactive(Widget.virtual_size, Size(self.size.width, total))
            self.scroll_y = y
            self.scroll_target_y = y
        finally:
            self._settling = False
        self._move_thumb(total)
        self.follow = self.sees_end = transcript.follow
        self.chosen = transcript.chosen
        if transcript.follow:
            self.below = 0
        elif self._opening:
            self.below = transcript.unread
        self._opening = False

    def _move_thumb(self, total: int) -> None:
        """Painting the scrollbar costs as much as all the rest: it is told only what shows."""
        if not self.show_vertical_scrollbar:
            return
        bar = self.vertical_scrollbar
        window = self._transcript.window
        shown = thumb(bar.window_virtual_size, bar.window_size, bar.position)
        if shown != thumb(total, window, self.scroll_y):
            bar.window_virtual_size = total
            bar.window_size = window
            bar.position = self.scroll_y

    def on_resize(self, event: events.Resize) -> None:
        self._settle()
        self._check_top()

    # Painting

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette = None

    def render_lines(self, crop: Region) -> list[Strip]:
        # Not through the styles cache: its strips are new ones each time, and these are kept.
        strips = self._lines(crop.y, crop.height)
        if (crop.x, crop.width) != (0, self.size.width):
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        return self._lines(y, 1)[0]

    def _lines(self, y: int, count: int) -> list[Strip]:
        # The first painting of a new size comes before its Resize event.
        if self.size != self._settled_size:
            self._settle()
        transcript, strips = self._transcript, self._strips
        if self._palette is None:
            self._palette = styles.palette_of(self)
        ink = Ink(self._palette, self._calendar, self._calendar.day(self._now()), self._me())
        strips.use(transcript.layout, ink, self.get_line_filters(), self.background_colors[1])
        selection = self.text_selection
        chosen_id = None if transcript.chosen is None else message_id(transcript.chosen)
        lines: list[Strip] = []
        row: Row = transcript.rows.last
        for row, above in transcript.seen(transcript.y + y):
            if len(lines) >= count:
                break
            reply_to = row.message.reply_to if isinstance(row, MessageRow) else None
            quoted = None if reply_to is None else transcript.message(reply_to)
            span = None if selection is None else span_of(selection, row, transcript.layout)
            chosen = styles.chosen_of(self) if row.id == chosen_id else None
            lines.extend(strips.of(row, quoted, span, chosen)[above:])
        if len(lines) < count:
            lines.extend([strips.blank(row)] * (count - len(lines)))
        return lines[:count]
