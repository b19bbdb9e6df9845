"""What a node does now and then: tell that it is there, miss others, let go of rooms."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

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

ALONE = 3.0
"""Seconds without a connection to the engine after which people are sent to other nodes: longer
than it takes to go to another of its servers, or to start them all."""

LET_GO = 30.0
"""Seconds between two looks for rooms that nobody at this node is in any more; whoever comes back
within that finds them followed."""

UNUSED = 60.0
"""Seconds for which a room in which nothing was said stands empty before it is no more."""


OLD = 3600.0
"""Seconds between two rounds in which rooms that no member's node follows let go of what is old."""

OLD_ROOMS = 100
"""Of them, that are followed for that at one look at rooms."""


class Housekeeping:
    """Owns its tasks: two, so that a room that is waited for delays no sign of life."""

    def __init__(self, server: "NodeServer", lane: Lane, link: Link, lease: float) -> None:
        self._server = server
        self._lane = lane
        self._link = link
        self._lease = lease
        self._beat_at = 0.0
        self._settled_at = server.now() + SETTLED
        self._lost_at: float | None = None
        """Since when there is no connection to the engine, unless that was acted upon."""
        self._told: dict[str, int] = {}
        """Heads of followed rooms that the log has, by this node; those told longest ago first."""
        self._left: set[str] = set()
        """Rooms that nobody was in at the last look."""
        self._empty: dict[str, float] = {}
        """Rooms without members in which nothing was said, and since when."""
        self._old: list[str] = []
        """Rooms that have their turn yet to let go of what is old."""
        self._old_at = server.now()
        self._tasks: list[asyncio.Task[None]] = []
        link.watch(self._connected)

    def open(self) -> None:
        self._tasks = [
            asyncio.create_task(self._now_and_then(LOOK, self._look)),
            asyncio.create_task(self._now_and_then(LET_GO, self._look_at_rooms)),
        ]

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _connected(self, connected: bool) -> None:
        now = self._server.now()
        self._settled_at = now + SETTLED
        self._lost_at = None if connected else now

    async def _now_and_then(
        self, seconds: float, look: Callable[[float], Coroutine[Any, Any, None]]
    ) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await look(self._server.now())
            except Exception:  # noqa: BLE001  # the boundary: the next look is another
                _log.exception("housekeeping failed")

    async def _look(self, now: float) -> None:
        if now >= self._beat_at:
            self._beat_at = now + BEAT
            self._lane.put(Beat(rooms=self._news()))
        if self._link.connected and now >= self._settled_at:
            self._miss()
        if self._lost_at is not None and now >= self._lost_at + ALONE:
            self._lost_at = None
            self._server.cut_off()

    async def _look_at_rooms(self, now: float) -> None:
        self._let_go()
        if self._server.replica.is_oldest:
            await self._look_for_unused(now)
            rules = self._server.replica.rules
            if rules is not None and rules.keep_age is not None:
                await self._look_for_old(now)

    def _news(self) -> list[RoomNews]:
        following = self._server.following
        untold = [name for name in following.followed if name not in self._told]
        records = map(following.record, [*untold, *self._told])
        news = (
            RoomNews(each.name, each.head, each.topic)
            for each in records
            if each.head != self._told.get(each.name, 0)
        )
        return list(itertools.islice(news, NEWS))

    def told(self, rooms: Sequence[RoomNews]) -> None:
        """The log has these of a sign of this node's."""
        for news in rooms:
            self._told.pop(news.name, None)
            if self._server.following.follows(news.name):
                self._told[news.name] = news.head

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
        self._empty = {
            key: self._empty.get(key, now)
            for key, room in rooms.items()
            if not room.members and not room.head
        }
        for key in [key for key, since in self._empty.items() if now >= since + UNUSED]:
            room = rooms.get(key)
            if room is None:
                continue
            try:
                await self._server.following.follow(room.name)
            except LedgerError:
                # Nor would the others be, just now.
                return
            if not room.head and not room.members:
                self._lane.put(Unused(room=key))

    async def _look_for_old(self, now: float) -> None:
        """Where nobody is, no node proposes to let go of anything: this one does while it follows
        the room, until the next look but one."""
        following = self._server.following
        if not self._old:
            if now < self._old_at:
                return
            self._old_at = now + OLD
            self._old = [room.name for room in self._server.hall.rooms.values() if room.head]
        some, self._old = self._old[:OLD_ROOMS], self._old[OLD_ROOMS:]
        for name in some:
            try:
                await following.follow(name)
            except LedgerError:
                # Nor would the others be, just now.
                return
