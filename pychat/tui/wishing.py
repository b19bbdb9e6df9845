"""The commands for finding one's way, carried out.

Whatever the Hall refuses, and a connection that ends, is raised to the caller.
"""

from typing import TYPE_CHECKING, assert_never

from textual.fuzzy import FuzzySearch

from pychat.client import CommandError, RoomView
from pychat.tui import chores, chrome, people, switching, telling, wishes

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen


async def carry_out(hall: "HallScreen", wish: wishes.Command) -> None:
    match wish:
        case wishes.Switch():
            await _switch(hall, wish.text)
        case (
            wishes.Message() | wishes.Whois() | wishes.Away() | wishes.Ignore() | wishes.Unignore()
        ):
            await people.carry_out(hall, wish)
        case wishes.Mute():
            _mute(hall, _room(hall, wish.room), wish.milliseconds)
        case wishes.Unmute():
            _unmute(hall, _room(hall, wish.room))
        case wishes.Read():
            _read(hall, everything=wish.everything)
        case wishes.Clear():
            hall.going.clear()
        case (
            wishes.Export()
            | wishes.Editor()
            | wishes.Disconnect()
            | wishes.Alias()
            | wishes.Doctor()
            | wishes.Version()
        ):
            await chores.carry_out(hall, wish)
        case _:
            assert_never(wish)


async def _switch(hall: "HallScreen", text: str) -> None:
    if not text:
        hall.action_switch_room()
        return
    mirror = hall.client.mirror
    rows = chrome.place_rows(mirror, hall.speaking.drafts, hall.going.numbers, hall.hushed)
    choices = [choice for choice in switching.mine(rows, hall.going.recent) if choice.room]
    found = switching.narrowed(choices, text, FuzzySearch())
    if not found:
        raise CommandError("no-such-room", f"none of your rooms is like {text!r}; /list shows all")
    await hall.going.go_to(found[0].room)


def _mute(hall: "HallScreen", view: RoomView, milliseconds: int | None) -> None:
    hall.hushed.mute(view.name, milliseconds)
    lasts = f" for {telling.span(milliseconds)}" if milliseconds is not None else ""
    counts = "" if view.direct is not None else ": only mentions of you count there"
    hall.tell(f"{chrome.place_name(view)} is muted{lasts}{counts}. /unmute ends it.")
    _show(hall)


def _unmute(hall: "HallScreen", view: RoomView) -> None:
    name = chrome.place_name(view)
    if hall.hushed.unmute(view.name):
        hall.tell(f"{name} is not muted any more.")
    else:
        hall.complain(f"{name} is not muted")
    _show(hall)


def _show(hall: "HallScreen") -> None:
    if hall.hushed.fault:
        hall.tell(hall.hushed.fault)
    hall.touch()


def _read(hall: "HallScreen", *, everything: bool) -> None:
    if not everything and hall.here is None:
        raise CommandError("not-in-room", "you are in no room here: /read -a is for all of them")
    rooms = list(hall.client.mirror.rooms) if everything else [hall.here or ""]
    for room in rooms:
        hall.client.mark_read(room)
    hall.tell("All your rooms are marked as read." if everything else "The room is marked as read.")
    hall.touch()


def _room(hall: "HallScreen", written: str | None) -> RoomView:
    """The one that is meant, or the open one. Raises CommandError."""
    if written is None and hall.here is None:
        raise CommandError("not-in-room", "you are in no room here: write which one")
    room = written or hall.here or ""
    view = hall.client.mirror.room(room)
    if view is None:
        raise CommandError("not-in-room", f"you are not in {telling.room_title(room)}")
    return view
