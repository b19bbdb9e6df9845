"""Whether the open room is read: its last line is in sight, and the terminal has the focus.

A terminal that never tells of its focus has it. What lies over the Hall's screen hides the room.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen


class Sight:
    def __init__(self, hall: "HallScreen") -> None:
        self._hall = hall
        self._told: str | None = None
        """The room that was marked as read since it was entered, though nothing in it was new."""

    def entered(self) -> None:
        """Another room is open, or the same anew."""
        self._told = None
        self.look()

    def look(self) -> None:
        """What is in sight may be something else."""
        hall = self._hall
        mirror = hall.client.mirror
        view = mirror.rooms.get(hall.here or "")
        mirror.watched = view is not None and self._is_read()
        if view is not None and mirror.watched and (view.unread or self._told != view.name):
            self._told = view.name
            hall.client.mark_read(view.name)
        hall.touch()

    def _is_read(self) -> bool:
        hall = self._hall
        return hall.app.app_focus and hall.app.screen is hall and hall.message_log.sees_end
