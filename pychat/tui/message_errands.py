"""The commands about one message, carried out. What the Hall refuses is raised to the caller."""

from datetime import date
from typing import TYPE_CHECKING, assert_never

from pychat.client import CommandError, RoomView
from pychat.protocol.replies import Message
from pychat.tui import jumping
from pychat.tui import message_commands as wanted
from pychat.tui.log.markup import links_of

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

LINKS = 50
"""That `/open` counts back."""


async def carry_out(hall: "HallScreen", command: wanted.Command) -> None:
    view = hall.client.mirror.room(hall.here or "")
    if view is None:
        raise CommandError("not-in-room", "you are in no room here; /join ROOM first")
    match command:
        case wanted.Reply():
            _reply(hall, command, _message(hall, view, command.target))
        case wanted.Edit():
            _edit(hall, command, _message(hall, view, command.target, mine=True))
        case wanted.Delete():
            hall.acting.acts.delete(_message(hall, view, command.target, mine=True))
        case wanted.React():
            _react(hall, command, _message(hall, view, command.target))
        case wanted.Copy():
            _copy(hall, view, command)
        case wanted.Open():
            _open(hall, view, command.number)
        case wanted.GoTo():
            await _go_to(hall, view, command.where)
        case _:
            assert_never(command)


def _message(
    hall: "HallScreen", view: RoomView, target: int | None, *, mine: bool = False
) -> Message:
    """The one that is meant. Raises CommandError."""
    if target is None:
        message = hall.acting.last(view, mine=mine)
        whose = "of yours " if mine else ""
        if message is None:
            raise CommandError("no-such-message", f"there is no message {whose}here yet")
        return message
    message = view.message(target)
    if message is None or message.deleted:
        raise CommandError(
            "no-such-message", f"there is no message {target} here; /goto {target} may find it"
        )
    return message


def _reply(hall: "HallScreen", command: wanted.Reply, message: Message) -> None:
    if command.text:
        hall.acting.acts.post_answer(message, command.text)
    else:
        hall.acting.acts.answer(message)


def _edit(hall: "HallScreen", command: wanted.Edit, message: Message) -> None:
    if command.text:
        hall.acting.acts.post_change(message, command.text)
    else:
        hall.acting.acts.change(message)


def _react(hall: "HallScreen", command: wanted.React, message: Message) -> None:
    if not command.emoji:
        hall.acting.acts.choose_reaction(message)
        return
    from pychat.tui.screens.emoji import emoji_of

    emoji = emoji_of(command.emoji)
    if emoji is None:
        raise CommandError("bad-text", f"no emoji is called {command.emoji[:30]!r}")
    hall.acting.acts.react(message, emoji)


def _copy(hall: "HallScreen", view: RoomView, command: wanted.Copy) -> None:
    acts = hall.acting.acts
    match command.what:
        case "message":
            acts.copy(_message(hall, view, command.target))
        case "code":
            hall.acting.copy_code()
        case "link":
            acts.copy_text(_links(view)[0], "the link")


def _open(hall: "HallScreen", view: RoomView, number: int | None) -> None:
    links = _links(view)
    if number is not None and number > len(links):
        raise CommandError("no-such-message", f"here are {len(links)} links, none is the {number}.")
    hall.acting.acts.confirm_link(links[(number or 1) - 1])


def _links(view: RoomView) -> list[str]:
    """The newest first. Raises CommandError where there is none."""
    links: list[str] = []
    for message in reversed(view.messages):
        if "://" in message.text:
            links += [link for link in reversed(links_of(message.text)) if link not in links]
        if len(links) >= LINKS:
            break
    if not links:
        raise CommandError("no-such-message", "there is no link here")
    return links[:LINKS]


async def _go_to(hall: "HallScreen", view: RoomView, where: int | date) -> None:
    if isinstance(where, int):
        await jumping.jump(hall, view.name, where)
        return
    message = await jumping.first_of(hall, view, where)
    if message is None:
        hall.complain(f"nothing was said here on {where} or since")
    else:
        await jumping.jump(hall, view.name, message.seq)
