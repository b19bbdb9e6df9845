"""Tells the Hall, and the disk, up to where I have read: gathered, since it is worth little."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from pychat.client.errors import CommandError, ConnectionLost
from pychat.client.read_marks import ReadMarks
from pychat.client.timing import Handle
from pychat.protocol import commands, names, replies

if TYPE_CHECKING:
    from pychat.client.room_view import RoomView
    from pychat.client.session import Session

READ_SECONDS = 3.0
"""Between two tellings: at most one for each room, and one writing for all."""


class Reading:
    """One for each Session. Looks at the mirror for what was read."""

    def __init__(self, session: "Session") -> None:
        self.marks = ReadMarks()
        self._session = session
        self._known: dict[str, int] = {}
        """What the Hall knows, or what was so when I joined, by the room's name."""
        self._kept: dict[str, int] = {}
        """What is on disk, or is to be."""
        self._looked_at: set[str] = set()
        """Rooms to be told of, though nothing in them was new."""
        self._epoch = ""
        self._timer: Handle | None = None
        self._understood = True
        """Whether the Hall knows the command."""

    def welcomed(self) -> None:
        """The log may be another one than before."""
        mirror = self._session.mirror
        if mirror.epoch != self._epoch:
            self._epoch = mirror.epoch
            self._known.clear()
        self._kept = self.marks.load(mirror.epoch)
        mirror.marks = {names.fold(room): seq for room, seq in self._kept.items()}
        self._understood = True

    def joined(self, view: "RoomView", read: int | None) -> None:
        """`read` is what the Hall knows."""
        if read is not None:
            self._known[view.name] = read
        else:
            self._known.setdefault(view.name, view.last_read)

    def told(self, view: "RoomView", seq: int) -> None:
        """The Hall knows by another program of mine."""
        self._known[view.name] = max(seq, self._known.get(view.name, 0))

    def upto(self, room: str) -> int:
        """As far as this program and earlier ones know; 0 if nothing is."""
        return max(self._known.get(room, 0), self._kept.get(room, 0))

    def mark(self, view: "RoomView") -> None:
        """Somebody has looked at the room: that is to be known, also if nothing was new."""
        if view.name not in self._kept:
            self._looked_at.add(view.name)
        self.look()

    def look(self) -> None:
        """What has been read is told soon."""
        if self._timer is None and any(map(self._is_news, self._session.mirror.rooms.values())):
            self._timer = self._session.timing.call_later(READ_SECONDS, self.tell)

    def tell(self) -> None:
        """What has been read is told now."""
        self.stop()
        session = self._session
        news = [view for view in session.mirror.rooms.values() if self._is_news(view)]
        for view in news:
            if session.state == "connected" and names.fold(view.name) in session.listening:
                self._tell_hall(view)
            self._known[view.name] = view.last_read
            self._kept.pop(view.name, None)
            self._kept[view.name] = view.last_read
        self._looked_at.clear()
        if news:
            self.marks.save(session.mirror.epoch, self._kept)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tell_hall(self, view: "RoomView") -> None:
        if not self._understood:
            return
        connection = self._session.connection
        command = commands.Read(id=connection.next_id(), room=view.name, seq=view.last_read)
        with contextlib.suppress(ConnectionLost):
            connection.start(command, replies.Ok).add_done_callback(self._answered)

    def _answered(self, answer: "asyncio.Future[replies.Ok]") -> None:
        error = answer.exception()
        if isinstance(error, CommandError) and error.code == "unknown-command":
            # An older Hall, which would close the connection over it in the end.
            self._understood = False

    def _is_news(self, view: "RoomView") -> bool:
        known = self._known.get(view.name, view.last_read)
        return view.last_read > known or (view.last_read > 0 and view.name in self._looked_at)
