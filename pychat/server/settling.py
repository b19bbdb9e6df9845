"""What is told when the Ledger has settled something, and what has waited for that. Pure.

Who is sent out of a room says nothing there from that moment on, but something of theirs may be on
its way to the disk. It is in the log before the one who sent them out is answered.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from pychat.protocol import replies
from pychat.server.backplane.interface import Outcome, Receipt

if TYPE_CHECKING:
    from pychat.server.effects import Append, Effects
    from pychat.server.room import Room


class _Waiting(msgspec.Struct):
    unsettled: "dict[Room, int]"
    then: "Callable[[], Effects]"


class Settling:
    def __init__(self) -> None:
        self.waiting: list[_Waiting] = []

    def after(self, rooms: "Iterable[Room]", then: "Callable[[], Effects]") -> "Effects":
        """What `then` makes now, if nothing of these rooms is with the Ledger; else nothing, and
        it is asked when that is settled: what is kept is to be as it is by then."""
        unsettled = {room: room.appending for room in rooms if room.appending}
        if not unsettled:
            return then()
        self.waiting.append(_Waiting(unsettled, then))
        return []

    def settled(self, room: "Room") -> "Effects":
        """One more of the room's is. A room's are settled in the order in which they came."""
        due: Effects = []
        for waiting in list(self.waiting):
            left = waiting.unsettled.get(room)
            if left is None:
                continue
            if left > 1:
                waiting.unsettled[room] = left - 1
                continue
            del waiting.unsettled[room]
            if not waiting.unsettled:
                self.waiting.remove(waiting)
                due += waiting.then()
        return due


def answer(append: "Append", outcome: Outcome) -> replies.AnyReply:
    event = append.event
    if isinstance(outcome, Receipt):
        return replies.Sent(
            id=append.command_id,
            room=event.room,
            seq=outcome.seq,
            time=outcome.time,
            nonce=event.nonce,
        )
    return replies.error(outcome.reason, outcome.text, append.command_id)
