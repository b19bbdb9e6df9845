"""The Hall as each node has it: it changes by what the log has decided, and by nothing else.

What a node adds of its own is who hears what at it: audiences, gathered presence, what is with its
Ledger, how far the rooms are that it follows. No decision goes by that.
"""

from collections.abc import Callable, Sequence

from pychat.protocol import names
from pychat.server.backplane.interface import Fact, RoomRecord
from pychat.server.direct import DirectRooms
from pychat.server.effects import Effects
from pychat.server.hall import Hall
from pychat.server.markers import Markers
from pychat.server.owners import Owners
from pychat.server.room import Room
from pychat.server.user import User


class SharedHall(Hall):
    deciding = False
    """Whether an entry of the log is being carried out."""
    head_told = 0
    """Of that entry's room, by who proposed it."""

    record_of: Callable[[str], RoomRecord]
    """How far this node knows a room."""

    def confirm(self, user: User) -> Effects:
        return super().confirm(user) if self.deciding else []

    def head_of(self, room: Room) -> int:
        # What is said in a room of two is in the Hall's own log.
        return room.head if room.is_direct else self.head_told

    def is_new(self, room: Room) -> bool:
        return not (self.head_told or room.members)

    def tick(self) -> Effects:
        """Who goes is decided by the log."""
        return self.tell_gathered()

    def put_off(self, seconds: float) -> None:
        """The log's time stands still where nobody writes in it."""

    def own(self, facts: Sequence[Fact]) -> None:
        """Nobody is here yet: these are the owners, and their markers."""
        self.owners = self.register.owners = Owners(facts)
        self.directs = DirectRooms(self.register, self.owners)
        self.markers = Markers(facts, self.owners, self.epoch)

    def told_of(self, record: RoomRecord) -> None:
        """How far a room is, as somebody knows who follows it."""
        room = self.rooms.get(names.fold(record.name))
        if room is not None and record.head > room.head:
            room.head, room.topic = record.head, record.topic

    def room_called(self, name: str) -> Room | None:
        """Of any kind, by its own name."""
        return self.rooms.get(names.fold(name)) or self.directs.called(name)

    def open_room(self, name: str, head: int = 0, topic: str = "") -> Room:
        record = self.record_of(name)
        return super().open_room(name, record.head, record.topic)

    def close_unused(self, key: str) -> Effects:
        """Nobody is in the room, and nothing was ever said there."""
        room = self.rooms.get(key)
        return self._close(room) if room is not None and not room.members else []

    def _close_if_unused(self, room: Room) -> Effects:
        """It stays until a node has looked whether something is on its way to its log."""
        return super()._close_if_unused(room) if room.is_direct else []
