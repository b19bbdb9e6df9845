"""What a node does now and then: tell that it is there, miss others, let go of rooms."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from pychat.server.backplane.interface import LedgerError
from pychat.server.backplane.jetstream.link import Link
from pychat.server.cluster.entries import Beat, Gone, RoomNews, Unused
from pychat.server.cluster.lane import Lane

if TYPE_CHECKING:
    from pychat.server.cluster.node_server import NodeServer

_log = logging.getLogger("pychat.cluster")

LOOK = 1.0
"""Seconds between two looks."""

BEAT = 5.0
"""Seconds between two signs of life: four of them are a lease."""

NEWS = 500
"""Rooms of which one sign tells how far they have come; the rest is told with the next."""

SETTLED = 10.0
"""Seconds after which a connection to the engine that has come back is one by which others can be
missed: they may have been cut off as well."""

LET_GO = 30.0
"""Seconds between two looks for rooms that nobody at this node is in any more; whoever comes back
within that finds them followed."""

UNUSED = 60.0
"""Seconds for which a room in which nothing was said stands empty before it is no more."""


class Housekeeping:
    """Owns one task."""

    def __init__(self, server: "NodeServer", lane: Lane, link: Link, lease: float) -> None:
        self._server = server
        self._lane = lane
        self._link = link
        self._lease = lease
        self._beat_at = self._let_go_at = 0.0
        self._settled_at = server.now() + SETTLED
        self._told: dict[str, int] = {}
        """Heads that the others know."""
        self._left: set[str] = set()
        """Rooms that nobody was in at the last look."""
        self._empty: dict[str, float] = {}
        """Rooms without members in which nothing was said, and since when."""
        self._looking: asyncio.Task[None] | None = None
        link.watch(self._connected)

    def open(self) -> None:
        self._looking = asyncio.create_task(self._look_now_and_then())

    def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def _connected(self, connected: bool) -> None:
        self._settled_at = self._server.now() + SETTLED

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self._look(self._server.now())
            except Exception:  # noqa: BLE001  # the boundary: the next look is another
                _log.exception("housekeeping failed")

    async def _look(self, now: float) -> None:
        if now >= self._beat_at:
            self._beat_at = now + BEAT
            self._lane.put(Beat(rooms=self._news()))
        if self._link.connected and now >= self._settled_at:
            self._miss()
        if now >= self._let_go_at:
            self._let_go_at = now + LET_GO
            self._let_go()
            if self._server.replica.is_oldest:
                await self._look_for_unused(now)

    def _news(self) -> list[RoomNews]:
        news: list[RoomNews] = []
        for name in self._server.following.followed:
            record = self._server.following.record(name)
            if record.head != self._told.get(name, 0) and len(news) < NEWS:
                self._told[name] = record.head
                news.append(RoomNews(name, record.head, record.topic))
        return news

    def _miss(self) -> None:
        """The oldest of those who are heard says which are not."""
        replica = self._server.replica
        now = replica.time.seconds()
        silent = {
            name: node
            for name, node in replica.nodes.items()
            if now - node.heard / 1000 >= self._lease
        }
        heard = next((name for name in replica.nodes if name not in silent), "")
        if heard == replica.node:
            for name, node in silent.items():
                self._lane.put(Gone(node=name, heard=node.heard))

    def _let_go(self) -> None:
        following, hall = self._server.following, self._server.hall
        here = {
            room.name
            for connection in self._server.connections
            if (user := hall.user_at(connection)) is not None
            for room in user.rooms.values()
        }
        here.update(self._server.joining.values())
        left = {name for name in following.followed if name not in here}
        for name in left & self._left:
            following.unfollow(name)
            self._told.pop(name, None)
        self._left = left - self._left

    async def _look_for_unused(self, now: float) -> None:
        rooms = self._server.hall.rooms
        empty = {key for key, room in rooms.items() if not room.members and not room.head}
        self._empty = {key: self._empty.get(key, now) for key in empty}
        for key in [key for key, since in self._empty.items() if now >= since + UNUSED]:
            room = rooms.get(key)
            if room is None:
                continue
            with contextlib.suppress(LedgerError):
                await self._server.following.follow(room.name)
                if not room.head and not room.members:
                    self._lane.put(Unused(room=key))
