"""What of the Hall's screen is about one message: who presses, clicks or jumps."""

from functools import partial
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.screen import Screen

from pychat.client import CommandError, ConnectionLost
from pychat.tui import jumping
from pychat.tui.acting import Acting
from pychat.tui.keymap import live_keymap
from pychat.tui.log import MessageLog
from pychat.tui.messages import EditLast
from pychat.tui.palette import Entry
from pychat.tui.speaking import no_connection
from pychat.tui.widgets.action_line import ActionLine
from pychat.tui.widgets.intent_bar import IntentBar

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

BRIEFLY_SECONDS = 3.0
"""How long it is told that something was done which one cannot see."""


class ActingScreen(Screen[None]):
    def begin_acting(self) -> None:
        """Once, before anything is composed."""
        self.acting = Acting(self._hall)

    def watch_acting(self) -> None:
        """Once the log is there."""
        log = self._hall.message_log
        log.chooses = True
        self.watch(log, "chosen", self.acting.show, init=False)

    def go_to_message(self, seq: int) -> None:
        """In the open room."""
        self._hall.start(partial(self._jump, seq), "jumping")

    async def _jump(self, seq: int) -> None:
        hall = self._hall
        try:
            await jumping.jump(hall, hall.here or "", seq)
        except CommandError as error:
            hall.complain(error.text)
        except ConnectionLost:
            hall.complain(no_connection(live_keymap(hall)))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget is not self._hall.message_log and self.acting.chosen is not None:
            self.acting.leave()

    def action_guide(self) -> None:
        """What one can do, to be done: for who knows no key but this one."""
        from pychat.tui.screens.guide import GuideScreen

        def chosen(entry: Entry | None) -> None:
            if entry is not None:
                entry.run(self._hall)

        self.app.push_screen(GuideScreen(), chosen)

    def tell_briefly(self, text: str) -> None:
        self.notify(text, timeout=BRIEFLY_SECONDS, markup=False)

    def action_choose(self, by: int) -> None:
        self.acting.step(by)

    def action_copy_message(self) -> None:
        self.acting.copy_code()

    def on_key(self, event: events.Key) -> None:
        """Who begins to write while another pane has the focus means the composer."""
        hall = self._hall
        if self.acting.key(event):
            event.stop()
            event.prevent_default()
        elif event.is_printable and event.character and self.focused is not hall.composer:
            event.stop()
            event.prevent_default()
            hall.composer.focus()
            hall.composer.insert(event.character)

    @on(MessageLog.ReactionPressed)
    def _reaction_pressed(self, event: MessageLog.ReactionPressed) -> None:
        view = self._hall.client.mirror.room(self._hall.here or "")
        message = view.message(event.seq) if view is not None else None
        if message is not None:
            self.acting.acts.react(message, event.emoji)
        self._hall.composer.focus()

    @on(MessageLog.OriginalPressed)
    def _original_pressed(self, event: MessageLog.OriginalPressed) -> None:
        self._hall.composer.focus()
        self.go_to_message(event.seq)

    @on(ActionLine.Pressed)
    def _action_pressed(self, event: ActionLine.Pressed) -> None:
        self.acting.run(event.name)

    @on(IntentBar.Pressed)
    def _intent_pressed(self) -> None:
        self.acting.acts.show_meant()

    @on(EditLast)
    def _edit_last(self) -> None:
        if not self.acting.edit_last():
            self._hall.writing.recall(-1)

    @property
    def _hall(self) -> "HallScreen":
        return cast("HallScreen", self)
