"""Where one writes. Enter hands the text over; nothing typed goes away but by the person's hand."""

from typing import ClassVar, Protocol

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset, Size
from textual.widgets import TextArea

from pychat.protocol import limits
from pychat.tui import keys, render
from pychat.tui.messages import ScrollWanted, Submitted
from pychat.tui.modes import Modes
from pychat.tui.settings.live import settings_of

LINES = 8
"""It grows to as many, as they are wrapped, and to a third of the screen with its frame."""

_NEARLY = 0.8
"""Of a limit: from here on the count is shown."""


class Aides(Protocol):
    """What stands around the composer and has a say in what is typed."""

    def takes(self, event: events.Key, action: str) -> bool:
        """Whether the key, which is bound to that action or to none, was theirs."""

    def submitted(self, text: str) -> None: ...

    def pasted(self, text: str) -> None: ...

    def complete(self) -> bool:
        """Whether there was anything to complete."""

    def up(self) -> bool:
        """From the first line: whether that means what was sent before."""

    def down(self) -> bool:
        """From the last line; as `up`."""

    def recall(self, by: int) -> None:
        """An older one by -1, a newer by 1."""

    def search_history(self) -> None: ...


class Composer(TextArea):
    BINDINGS: ClassVar[list[BindingType]] = [*keys.COMPOSER_KEYS]

    def __init__(self, aides: Aides) -> None:
        super().__init__(
            id="composer",
            soft_wrap=True,
            compact=True,
            highlight_cursor_line=False,
            tab_behavior="focus",
        )
        self._aides = aides
        self._hint = ""
        self._title = ""
        self._modes = Modes()

    def on_mount(self) -> None:
        # A blinking cursor is five times the work of an idle client.
        self.cursor_blink = False

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        most = max(1, min(LINES, viewport.height // 3 - self.gutter.height))
        return min(most, super().get_content_height(container, viewport, width))

    def take_up(self, text: str, *, title: str, hint: str) -> None:
        """Another place, with its draft."""
        self.entitle(title)
        self._hint = hint
        self.put(text)
        self.show_count()

    @property
    def hint(self) -> str:
        return self._hint

    def entitle(self, title: str) -> None:
        """By the place, or by who is in it, under whatever name."""
        if title != self._title:
            self._title = title
            self.border_title = render.line(title)

    def put(self, text: str) -> None:
        """Replace the text, with the cursor at its end. Undo stops here: what was before was
        written in another place."""
        if text != self.text:
            self.load_text(text)
            self.move_cursor(self.document.end)

    def exchange(self, text: str) -> None:
        """As `put`, and Ctrl+Z brings back what was there."""
        if text != self.text:
            self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
            self.move_cursor(self.document.end)

    def give_back(self, text: str) -> None:
        """What was submitted came to nothing: it stands before what was typed since."""
        since = self.text
        self.exchange(f"{text}\n{since}" if since else text)

    def leave_to_undo(self, text: str) -> None:
        """The next Ctrl+Z puts this at the cursor; until then nothing of it is seen."""
        with self.prevent(TextArea.Changed):
            start = self.cursor_location
            self.history.checkpoint()
            added = self.insert(text, start, maintain_selection_offset=False)
            self.history.checkpoint()
            self.delete(start, added.end_location, maintain_selection_offset=False)
            self.history.checkpoint()

    def action_submit(self) -> None:
        """Hand the text over; what is typed from now on is the next one's."""
        text = self.text
        if text.strip():
            self._aides.submitted(text)
            self.clear()
            self.post_message(Submitted(text))

    def action_new_line(self) -> None:
        self._replace_via_keyboard("\n", *self.selection)

    def action_paste(self) -> None:
        self._aides.pasted(self.app.clipboard)

    def action_cursor_line_end(self, select: bool = False) -> None:
        if self.text:
            super().action_cursor_line_end(select)
        else:
            self.post_message(ScrollWanted("scroll_end"))

    def action_cursor_line_start(self, select: bool = False) -> None:
        if self.text:
            super().action_cursor_line_start(select)
        else:
            self.post_message(ScrollWanted("scroll_home"))

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._aides.pasted(event.text)

    def action_complete(self) -> None:
        if not self._aides.complete():
            self.screen.focus_next()

    def action_recall(self, by: int) -> None:
        self._aides.recall(by)

    def action_search_history(self) -> None:
        self._aides.search_history()

    def action_cursor_up(self, select: bool = False) -> None:
        first = self.navigator.is_first_wrapped_line(self.cursor_location)
        if select or not first or not self._aides.up():
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        last = self.navigator.is_last_wrapped_line(self.cursor_location)
        if select or not last or not self._aides.down():
            super().action_cursor_down(select)

    def leave_writing(self) -> bool:
        """Escape under the preset `vim`: letters are commands from now on. False if they cannot be,
        or are."""
        left = settings_of(self).keys.preset == "vim" and self._modes.leave_writing()
        self.show_count()
        return left

    def action_begin_command(self) -> None:
        self.exchange("/")

    async def _on_key(self, event: events.Key) -> None:
        # Of a burst each key acts in its turn: a binding would be looked up only when the key has
        # bubbled to the app, and then Backspace or Enter would come after the letters behind it.
        bound = keys.bound(self, _as_enter(event.key))
        action = bound.action if bound else ""
        # Textual would type the letter of an Alt+letter that is bound to nothing.
        nothing = not action and event.key.startswith("alt+") and event.is_printable
        taken = nothing or self._aides.takes(event, action)
        if not taken and await self._is_command(event):
            return
        if taken or action:
            event.stop()
            event.prevent_default()
            if not taken:
                await self.run_action(action)
            return
        await super()._on_key(event)

    async def _is_command(self, event: events.Key) -> bool:
        """Whether it was a letter that is none to be typed."""
        writing = self._modes.writing or settings_of(self).keys.preset != "vim"
        if writing or not event.character or not event.is_printable or "alt+" in event.key:
            return False
        event.stop()
        event.prevent_default()
        for action in self._modes.letter(event.character, empty=not self.text):
            await self.run_action(action)
        self.show_count()
        return True

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        # While a text becomes shorter Textual may ask for this with the cursor still where the
        # text ended before, and fail over it. It asks again once the cursor has moved.
        if self.cursor_location[0] >= self.document.line_count:
            return Offset()
        return super().scroll_cursor_visible(center, animate)

    def on_text_area_changed(self) -> None:
        self.show_count()

    def show_count(self) -> None:
        chars, lines = len(self.text), self.document.line_count
        if chars > _NEARLY * limits.TEXT_CHARS:
            self.border_subtitle = _count(chars, limits.TEXT_CHARS, "characters")
        elif lines > _NEARLY * limits.TEXT_LINES:
            self.border_subtitle = _count(lines, limits.TEXT_LINES, "lines")
        else:
            self.border_subtitle = Content(
                self._hint if self._modes.writing else "NORMAL · i writes"
            )


def _as_enter(key: str) -> str:
    # xterm's modifyOtherKeys has Shift+Enter come as `shift+\r`, and Alt+Enter without its Alt.
    return key if not key.endswith("\r") else "shift+enter"


def _count(number: int, limit: int, what: str) -> Content:
    style = "bold $text-error" if number > limit else "$text-warning"
    return Content.styled(f"{number:,} of {limit:,} {what}", style)
