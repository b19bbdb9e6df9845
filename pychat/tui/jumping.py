"""To a message of the past: in its room if it is near enough to be loaded, else by itself among
those around it.

Whatever the Hall refuses, and a connection that ends, is raised to the caller.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from pychat.client import RoomView
from pychat.protocol import limits
from pychat.protocol.replies import Message
from pychat.tui.telling import room_title

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

REACH = 3_000
"""Events before the oldest loaded message within which one that was found is loaded, with all
between; what is older is shown by itself."""

_STEPS = 60
"""Of a search for a day; each halves what is left, and no log has more events than 2 to that."""


async def reach(hall: "HallScreen", room: str, seq: int) -> bool:
    """Open the room at a message. False if it is too far back in the log, or not there."""
    view = hall.client.mirror.room(room)
    if view is None:
        return False
    while view.message(seq) is None:
        if seq >= view.loaded_from or view.loaded_from - seq > REACH:
            return False
        if not await hall.client.fetch_older(view.name, limits.PAGE_MESSAGES):
            return False
    if hall.here == view.name:
        hall.message_log.leave_place()
    else:
        hall.open(view.name)
    return hall.message_log.reveal(seq)


async def jump(hall: "HallScreen", room: str, seq: int) -> None:
    """As `reach`; what that does not find is shown among those around it, or told."""
    if await reach(hall, room, seq):
        hall.complain("")
        return
    page = await hall.client.history(room, around=seq)
    message = next((each for each in page.messages if each.seq == seq), None)
    if message is None:
        hall.complain(f"there is no message {seq} in {room_title(room)}")
        return
    from pychat.tui.screens.context import ContextScreen

    await hall.app.push_screen(ContextScreen(hall.client, message, page, tz=hall.tz, now=hall.now))


async def first_of(hall: "HallScreen", view: RoomView, day: date) -> Message | None:
    """The first message of a day, or of the next on which anything was said."""
    begin = int(datetime(day.year, day.month, day.day, tzinfo=hall.tz).timestamp() * 1000)
    low, high = 0, view.head + 1
    found: Message | None = None
    for _ in range(_STEPS):
        if low + 1 >= high:
            break
        middle = (low + high) // 2
        page = await hall.client.history(view.name, after=middle - 1, limit=1)
        if page.messages and page.messages[0].time < begin:
            low = max(middle, page.messages[0].seq)
        else:
            if page.messages:
                found = page.messages[0]
            high = middle
    return found
