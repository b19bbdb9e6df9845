"""Ctrl+C: copies what is selected, else empties the composer; pressed again it asks to quit."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pychat.tui.keymap import live_keymap
from pychat.tui.slash import Quit

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

AGAIN_SECONDS = 2.0
"""Within which it is the same wish, more urgent."""


class Interrupt:
    def __init__(self, hall: "HallScreen", *, clock: Callable[[], float]) -> None:
        self._hall = hall
        self._clock = clock
        self._pressed = -AGAIN_SECONDS

    def press(self) -> None:
        hall, now = self._hall, self._clock()
        fill = live_keymap(hall).fill
        selected = hall.composer.selected_text or hall.get_selected_text()
        if selected:
            hall.app.copy_to_clipboard(selected)
            return
        again, self._pressed = now - self._pressed < AGAIN_SECONDS, now
        if hall.composer.text:
            hall.writing.clear()
            hall.complain(fill("cleared: {undo} or Up brings it back; {copy} again asks to quit"))
        elif again:
            self._ask()
        else:
            hall.complain(fill("nothing is selected to copy; {copy} again asks to quit"))

    def _ask(self) -> None:
        from pychat.tui.screens.confirm import ConfirmScreen

        screen = ConfirmScreen("Leave the Hall? Enter stays, Q leaves.", key="q")
        self._hall.app.push_screen(screen, self._answered)

    def _answered(self, sure: bool | None) -> None:
        self._hall.complain("")
        if sure:
            self._hall.perform(Quit())
