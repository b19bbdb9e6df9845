"""What the Hall's screen asks in a box: where to, which room, which name. Loaded when it does."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pychat.client import CommandError, ConnectionLost
from pychat.tui import calling, chrome, slash, switching, wishes
from pychat.tui.screens import questions
from pychat.tui.screens.ask import AskScreen
from pychat.tui.screens.pick import Choice, Picked, PickScreen

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen


def switch_room(hall: "HallScreen") -> None:
    from pychat.tui.screens.switch import SwitchScreen

    mirror = hall.client.mirror
    rows = chrome.place_rows(mirror, hall.speaking.drafts, hall.going.numbers, hall.hushed)
    screen = SwitchScreen(switching.mine(rows, hall.going.recent))

    async def learn() -> None:
        try:
            rooms = await hall.client.list_rooms()
        except (CommandError, ConnectionLost):
            # What is known without the Hall is offered all the same.
            rooms = []
        screen.offer(switching.others(mirror, rooms))

    hall.app.push_screen(screen, _goes(hall))
    hall.start(learn, "rooms to offer")


def _goes(hall: "HallScreen") -> Callable[[Picked | None], None]:
    def go(picked: Picked | None) -> None:
        if picked is None:
            return
        if picked.room is None or picked.room in hall.client.mirror.rooms:
            hall.open(picked.room)
        elif picked.room.startswith("@"):
            hall.perform(wishes.Message(picked.room.removeprefix("@")))
        else:
            hall.perform(slash.Join(picked.room))

    return go


async def find_member(hall: "HallScreen") -> None:
    """Among all who are in the open room, which may be many."""
    here = hall.here
    if here is None:
        return
    try:
        members = await hall.client.members(here)
    except (CommandError, ConnectionLost) as error:
        hall.complain(f"the members cannot be had: {error}")
        return
    choices = [
        Choice(f"@{member.name}", f"@{member.name}", "away" if member.away else "")
        for member in members
        if member.name != hall.client.mirror.name
    ]
    screen = PickScreen("Write to", choices, empty="Nobody else is here.")
    hall.app.push_screen(screen, _goes(hall))


def ask_to_leave(hall: "HallScreen", room: str) -> None:
    from pychat.tui.screens.confirm import ConfirmScreen

    view = hall.client.mirror.room(room)
    if view is None:
        return

    def answered(sure: bool | None) -> None:
        if sure:
            hall.perform(slash.Leave(room))

    text = f"Leave {chrome.place_name(view)}? Enter stays, L leaves."
    hall.app.push_screen(ConfirmScreen(text, key="l"), answered)


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


def ask_person(hall: "HallScreen") -> None:
    def go(room: str | None) -> None:
        if room is not None:
            hall.open(room)

    hall.app.push_screen(AskScreen(questions.which_person(hall.client)), go)


def ask_word(hall: "HallScreen") -> None:
    def highlight(word: str | None) -> None:
        if word is not None:
            hall.perform(calling.Highlight(word))

    hall.app.push_screen(AskScreen(questions.new_word()), highlight)


def ask_topic(hall: "HallScreen") -> None:
    view = hall.client.mirror.room(hall.here or "")
    if view is None:
        hall.complain("you are in no room here, and the Hall has no topic")
    elif view.direct is not None:
        hall.complain("what two people say has no topic")
    else:
        hall.app.push_screen(AskScreen(questions.new_topic(hall.client, view)))
