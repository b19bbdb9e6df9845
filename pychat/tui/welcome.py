"""The card that greets in the Hall: who I am, what rooms there are, and the keys to begin with."""

from collections.abc import Sequence

from textual.content import Content

from pychat.protocol.replies import RoomInfo
from pychat.tui import render
from pychat.tui.telling import people

ROOMS = 4
"""Shown, those with the most people first; the card has at most twelve lines."""
_NAME_CELLS = 20
_KEYS = (
    ("Enter send · Ctrl+J new line", "Ctrl+K switch room · Ctrl+P commands · F1 manual"),
    ("/help shows every command and key.",),
)


def card(hall: str, name: str, rooms: Sequence[RoomInfo] | None, width: int) -> Content:
    """`rooms` is None as long as they are not known; each takes one line of `width` cells."""
    lines = [
        Content.assemble(
            "You are ", (render.label(name), "bold"), " in ", (render.label(hall), "bold"), "."
        ),
        Content(""),
        *_rooms(rooms, width),
        Content(""),
        *(Content.styled(line, "$foreground-muted") for group in _KEYS for line in group),
        Content(""),
    ]
    return Content("\n").join(lines)


def _rooms(rooms: Sequence[RoomInfo] | None, width: int) -> list[Content]:
    if rooms is None:
        return [Content.styled("Looking for rooms…", "$foreground-muted")]
    if not rooms:
        return [Content("There is no room yet: /join NAME makes one, Ctrl+N asks for the name.")]
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
