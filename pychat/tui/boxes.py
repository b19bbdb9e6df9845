"""What the Hall's screen asks in a box: where to, which room, which name. Loaded when it does."""

from typing import TYPE_CHECKING

from pychat.tui import chrome
from pychat.tui.screens import questions
from pychat.tui.screens.ask import AskScreen
from pychat.tui.screens.pick import Choice, Picked, PickScreen

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen


def switch_room(hall: "HallScreen") -> None:
    rows = chrome.place_rows(hall.client.mirror, hall.speaking.drafts)
    rows.sort(key=lambda row: (row.open, not row.mentions, not row.unread, row.number))
    choices = [
        Choice(row.room, row.title, f"{row.unread} unread" if row.unread else "here" * row.open)
        for row in rows
    ]

    def go(picked: Picked | None) -> None:
        if picked is not None:
            hall.open(picked.room)

    hall.app.push_screen(PickScreen("Switch to", choices, empty=""), go)


def ask_room(hall: "HallScreen") -> None:
    def go(room: str | None) -> None:
        if room is not None:
            hall.open(room)

    hall.app.push_screen(AskScreen(questions.which_room(hall.client)), go)


def ask_name(hall: "HallScreen") -> None:
    def tell(name: str | None) -> None:
        if name is not None:
            hall.tell(f"You are now called {name}.")

    hall.app.push_screen(AskScreen(questions.new_name(hall.client)), tell)
