"""From place to place: by number, step by step, to what waits for one, and back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pychat.client import RoomView
from pychat.protocol import limits
from pychat.protocol.replies import Message
from pychat.tui import chrome
from pychat.tui.drafts import Place
from pychat.tui.numbering import Numbering

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

REACH = 3_000
"""Events before the oldest loaded message within which the first that is unread is loaded."""

RECENT = 200
"""Places of which it is known when one was there; nobody is in more rooms."""

TWICE_SECONDS = 1.0
"""Within which a second Esc goes to the newest message."""


class Going:
    def __init__(self, hall: "HallScreen", *, clock: Callable[[], float]) -> None:
        self._hall = hall
        self._clock = clock
        self._numbering = Numbering()
        self.recent: list[Place] = []
        """Where one was, the last first, without the open place."""
        self._tour: dict[Place, int] = {}
        """As long as one does nothing else: where one was before going to what waits, then what one
        has gone to, each with the end of its log then. What was seen there may still be unread."""
        self._unread_after: int | None = None
        """What was read of the open room when it was entered; None if all was."""
        self._mention: int | None = None
        """The one that was last gone to in the open room."""
        self._escaped = -TWICE_SECONDS
        self.is_cleared = False
        """Whether the log has been emptied by hand, and nothing older is to come by itself."""

    @property
    def numbers(self) -> dict[str, int]:
        """By the room's name."""
        return self._numbering.of(self._hall.client.mirror.rooms.values())

    def places(self) -> list[Place]:
        """In the order in which they are listed."""
        return chrome.places(self._hall.client.mirror, self.numbers)

    def entered(self, view: RoomView | None, *, was: Place) -> None:
        """Another place is open, or the same anew; nothing in it counts as read yet."""
        here = view.name if view is not None else None
        # Also one that is painted only after another was left has its number from now on.
        self._numbering.of(self._hall.client.mirror.rooms.values())
        if here != was:
            self.recent = [was, *(place for place in self.recent if place not in (was, here))]
            del self.recent[RECENT:]
            self._tour = {}
        self._unread_after = view.last_read if view is not None and view.unread else None
        self._mention, self.is_cleared = None, False

    # Places

    def by_number(self, number: int) -> None:
        rooms = {known: room for room, known in self.numbers.items()}
        if number == 0 or number in rooms:
            self._hall.open(rooms.get(number))

    def step(self, by: int) -> None:
        places = self.places()
        self._hall.open(places[(places.index(self._hall.here) + by) % len(places)])

    def last(self) -> None:
        mirror = self._hall.client.mirror
        last = next((each for each in self.recent if each is None or mirror.room(each)), None)
        self._hall.open(last)

    def next_waiting(self) -> None:
        """To the next mention, then to what is unread; when nothing waits, back to where one was
        when one began."""
        hall, mirror = self._hall, self._hall.client.mirror
        rooms, tour = mirror.rooms, self._tour
        seen = {room for room, view in rooms.items() if tour.get(room) == view.head}
        waiting = chrome.next_waiting(mirror, self.places(), hall.hushed, seen)
        if waiting is not None:
            here = rooms.get(hall.here or "")
            tour = tour or {hall.here: here.head if here is not None else 0}
            hall.open(waiting)
            self._tour = tour | {waiting: rooms[waiting].head}
        elif tour:
            hall.open(next(iter(tour)))
        else:
            hall.complain("nothing waits for you in your rooms")

    async def go_to(self, place: Place) -> None:
        """Open a place, gone into if need be; `@NAME` is the room that I share with NAME."""
        client = self._hall.client
        if place is None:
            self._hall.open(None)
        elif place.startswith("@") and "," not in place:
            self._hall.open((await client.direct(place[1:])).name)
        else:
            view = client.mirror.room(place)
            self._hall.open(view.name if view is not None else (await client.join(place)).room)

    # Within the room

    async def to_first_unread(self) -> None:
        hall = self._hall
        after = hall.message_log.unread_after
        if after is None:
            after = self._unread_after
        view = hall.client.mirror.rooms.get(hall.here or "")
        if view is None or after is None:
            hall.complain("nothing was unread here when you came, or came back")
            return
        while view.loaded_from > after + 1 and view.loaded_from - after <= REACH:
            if not await hall.client.fetch_older(view.name, limits.PAGE_MESSAGES):
                break
        first = next((each for each in view.messages if each.seq > after), None)
        if first is not None:
            self._reveal(first.seq)

    def to_mention(self, by: int) -> None:
        """The next one, with 1, or the one before, with -1, among the messages that are loaded."""
        hall = self._hall
        view = hall.client.mirror.rooms.get(hall.here or "")
        mine = [each.seq for each in view.messages if self._names_me(each)] if view else []
        at = self._mention
        if by < 0:
            found = [seq for seq in mine if at is None or seq < at][-1:]
        else:
            found = [seq for seq in mine if at is not None and seq > at][:1]
        if found:
            self._mention = found[0]
            self._reveal(found[0])
        else:
            where = "before" if by < 0 else "after"
            hall.complain(f"nobody mentions you {where} this, in what is loaded here")

    def _names_me(self, message: Message) -> bool:
        me = self._hall.client.mirror.me
        return me.is_meant(message) and not me.is_called(message.sender)

    def _reveal(self, seq: int) -> None:
        self.show_all()
        self._hall.message_log.reveal(seq)

    def clear(self) -> None:
        """Of the view alone; who scrolls up has all of it again."""
        hall = self._hall
        if hall.here is None:
            hall.board.clear()
            return
        self.is_cleared = True
        hall.message_log.show([], key=hall.here, more_before=True)
        hall.waiting.show(hall.here)

    def show_all(self) -> bool:
        """After `clear`. False if all of it is there."""
        if not self.is_cleared or self._hall.here is None:
            return False
        self._hall.open(self._hall.here)
        return True

    def escaped(self) -> None:
        """Esc where there was nothing to close."""
        now = self._clock()
        again, self._escaped = now - self._escaped < TWICE_SECONDS, now
        if again and self._hall.here is not None:
            self._hall.message_log.action_scroll_end()
