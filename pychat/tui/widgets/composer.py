"""Where one writes. Enter hands the text over; nothing typed goes away but by the person's hand."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.widgets import TextArea

from pychat.protocol import limits
from pychat.tui import keys, render
from pychat.tui.keys import COMPOSER_KEYS
from pychat.tui.messages import ScrollWanted, Submitted

_NEARLY = 0.8
"""Of a limit: from here on the count is shown."""


class Composer(TextArea):
    BINDINGS: ClassVar[list[BindingType]] = [*COMPOSER_KEYS]

    def __init__(self) -> None:
        super().__init__(
            id="composer",
            soft_wrap=True,
            compact=True,
            highlight_cursor_line=False,
            tab_behavior="focus",
        )
        self._hint = ""

    def on_mount(self) -> None:
        # A blinking cursor is five times the work of an idle client.
        self.cursor_blink = False

    def take_up(self, text: str, *, title: str, hint: str) -> None:
        """Another place, with its draft."""
        self.border_title = render.line(title)
        self._hint = hint
        self.put(text)
        self.show_count()

    def put(self, text: str) -> None:
        """Replace the text, with the cursor at its end. Undo stops here: what was before was
        written in another place."""
        if text != self.text:
            self.load_text(text)
            self.move_cursor(self.document.end)

    def give_back(self, text: str) -> None:
        """What was submitted came to nothing: it stands before what was typed since."""
        since = self.text
        # Not by `put`: Ctrl+Z is to take back what was too long a paste.
        self.replace(f"{text}\n{since}" if since else text, (0, 0), self.document.end)
        self.move_cursor(self.document.end)

    def action_submit(self) -> None:
        """Hand the text over; what is typed from now on is the next one's."""
        text = self.text
        if text.strip():
            self.clear()
            self.post_message(Submitted(text))

    def action_new_line(self) -> None:
        self._replace_via_keyboard("\n", *self.selection)

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

    async def _on_key(self, event: events.Key) -> None:
        # Textual would type the letter of an Alt+letter that is bound to nothing.
        if event.key.startswith("alt+") and event.is_printable:
            event.stop()
            event.prevent_default()
            return
        # Of a burst each key acts in its turn: a binding would be looked up only when the key has
        # bubbled to the app, and then Backspace or Enter would come after the letters behind it.
        bound = keys.bound(self, event.key)
        if bound:
            event.stop()
            event.prevent_default()
            await self.run_action(bound.action)
            return
        await super()._on_key(event)

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
            self.border_subtitle = Content(self._hint)


def _count(number: int, limit: int, what: str) -> Content:
    style = "bold $text-error" if number > limit else "$text-warning"
    return Content.styled(f"{number:,} of {limit:,} {what}", style)
