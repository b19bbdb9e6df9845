"""What one does about other people: a word to one alone, who they are, and not to hear them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from pychat.protocol import names
from pychat.protocol.replies import Message
from pychat.tui import telling, wishes
from pychat.tui.clock import time_of_day
from pychat.tui.log.rows import Veiled
from pychat.tui.settings.live import settings_of

if TYPE_CHECKING:
    from pychat.tui.hushed import Hushed
    from pychat.tui.screens.hall import HallScreen

Concern = wishes.Message | wishes.Whois | wishes.Away | wishes.Ignore | wishes.Unignore


async def carry_out(hall: "HallScreen", wish: Concern) -> None:
    match wish:
        case wishes.Message():
            await _message(hall, wish.name, wish.text)
        case wishes.Whois():
            await _whois(hall, wish.name)
        case wishes.Away():
            await hall.client.set_away(wish.away)
            hall.tell("You are shown as away; /back ends it." if wish.away else "You are back.")
        case wishes.Ignore():
            _ignore(hall, wish.name)
        case wishes.Unignore():
            _unignore(hall, wish.name)
        case _:
            assert_never(wish)


async def _message(hall: "HallScreen", name: str, text: str) -> None:
    view = await hall.client.direct(name)
    if text:
        item = hall.client.post(view.name, text)
        hall.open(view.name)
        hall.waiting.posted(item)
    else:
        hall.open(view.name)


async def _whois(hall: "HallScreen", name: str) -> None:
    found = await hall.client.whois(name)
    entered = datetime.fromtimestamp(found.entered / 1000, hall.tz)
    at = time_of_day(entered, settings_of(hall).look.clock)
    role = "" if found.role == "member" else f", {found.role}"
    verified = ", with a proven name" if found.verified else ""
    away = "away, " if found.away else ""
    where = ", ".join(f"#{room}" for room in found.rooms)
    shared = f"in {where} with you" if where else "in no room with you"
    hall.tell(
        f"{found.name}{role}{verified}: here since {entered:%Y-%m-%d} {at}, {away}quiet for "
        f"{telling.span(found.idle)}, {shared}."
    )


def _ignore(hall: "HallScreen", name: str | None) -> None:
    if name is None:
        ignored = telling.listed(hall.hushed.ignored)
        hall.tell(f"You ignore {ignored}." if ignored else "You ignore nobody; /ignore NAME does.")
    elif names.fold(name) in hall.client.mirror.own_names:
        hall.complain("that is you")
    else:
        hall.hushed.ignore(name)
        ignore_all(hall)
        hall.show_anew()
        hall.tell(f"What {name} says is hidden until /unignore {name}.")
        _tell_fault(hall)


def _unignore(hall: "HallScreen", name: str) -> None:
    if not hall.hushed.unignore(name):
        hall.complain(f"you do not ignore {name}; /ignore tells whom you do")
        return
    ignore_all(hall)
    hall.show_anew()
    hall.tell(f"What {name} says is shown again.")
    _tell_fault(hall)


def ignore_all(hall: "HallScreen") -> None:
    """What those say who are ignored counts as unread no more."""
    hall.client.mirror.ignored = frozenset(map(names.fold, hall.hushed.ignored))


def _tell_fault(hall: "HallScreen") -> None:
    if hall.hushed.fault:
        hall.tell(hall.hushed.fault)


def veiled(messages: Sequence[Message], hushed: "Hushed") -> Sequence[Message]:
    """As they are to be shown: of those who are ignored only that they said something."""
    if not hushed.ignored or not any(hushed.ignores(each.sender) for each in messages):
        return messages
    return [veil(each, hushed) for each in messages]


def veil(message: Message, hushed: "Hushed") -> Message:
    if not hushed.ignores(message.sender):
        return message
    return Veiled(
        room=message.room,
        seq=message.seq,
        time=message.time,
        sender=message.sender,
        text="",
        deleted=True,
    )
