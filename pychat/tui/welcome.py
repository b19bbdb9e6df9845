"""The card that greets in the Hall: who I am, what rooms there are, and the keys to begin with."""

from collections.abc import Sequence

from textual.content import Content

from pychat.protocol.replies import RoomInfo
from pychat.tui import render
from pychat.tui.keymap import Keymap
from pychat.tui.telling import people

ROOMS = 4
"""Shown, those with the most people first; the card has at most twelve lines."""
_NAME_CELLS = 20
_KEYS = (
    "{send} send · {new-line} new line",
    "{switch-room} switch room · {palette} commands · {guide} help",
    "/help shows every command and key.",
)


def card(
    hall: str, name: str, rooms: Sequence[RoomInfo] | None, width: int, keymap: Keymap
) -> Content:
    """`rooms` is None as long as they are not known; each takes one line of `width` cells."""
    lines = [
        Content.assemble(
            "You are ", (render.label(name), "bold"), " in ", (render.label(hall), "bold"), "."
        ),
        Content(""),
        *_rooms(rooms, width, keymap),
        Content(""),
        *(Content.styled(keymap.fill(line), "$foreground-muted") for line in _KEYS),
        Content(""),
    ]
    return Content("\n").join(lines)


def _rooms(rooms: Sequence[RoomInfo] | None, width: int, keymap: Keymap) -> list[Content]:
    if rooms is None:
        return [Content.styled("Looking for rooms…", "$foreground-muted")]
    if not rooms:
        ask = keymap.fill("{join-room} asks for the name.")
        return [Content(f"There is no room yet: /join NAME makes one, {ask}")]
    busiest = sorted(rooms, key=lambda room: -room.members)[:ROOMS]
    lines = [_room(room).truncate(width, ellipsis=True) for room in busiest]
    if len(rooms) > len(busiest):
        lines.append(Content.styled(f"  … of {len(rooms)} rooms: /list", "$foreground-muted"))
    return [*lines, Content("/join NAME goes into one of them or makes another.")]


def _room(room: RoomInfo) -> Content:
    name = Content(f"#{render.label(room.name)}").truncate(_NAME_CELLS, ellipsis=True)
    pad = " " * (_NAME_CELLS - name.cell_length + 1)
    count = f"{people(room.members):<11}"
    return Content.assemble("  ", name.stylize("bold"), pad, count, render.label(room.topic))
