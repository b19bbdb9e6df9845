"""What a node proposes to let go of in the rooms that it follows, and what it lets the streams go
of when all nodes have let go: another node may have proposed the same, which does nothing."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial

from pychat.server.backplane import retention
from pychat.server.backplane.interface import LedgerError, Retention
from pychat.server.backplane.jetstream import beginnings, floors, proposals, tasks
from pychat.server.backplane.jetstream.following import Follower
from pychat.server.backplane.jetstream.link import Link, LinkError
from pychat.server.backplane.jetstream.projection import Projection
from pychat.server.backplane.jetstream.proposals import Floor, Layout
from pychat.server.backplane.jetstream.publisher import Ack, Publisher, UnpublishedError
from pychat.server.backplane.writer import Writer

_log = logging.getLogger("pychat.cluster")

PURGE_SECONDS = 600.0
"""Between two looks whether streams can let go of what all rooms here have let go of."""

_NOT_NOW = (LedgerError, LinkError, UnpublishedError, sqlite3.Error)


class Retainer:
    """Owns one task."""

    def __init__(
        self,
        link: Link,
        layout: Layout,
        publisher: Publisher,
        follower: Follower,
        writer: Writer,
        files: Projection,
        keep: Retention,
        clock: Callable[[], int],
    ) -> None:
        """`clock` tells the time by which ages are reckoned."""
        self._link = link
        self._layout = layout
        self._publisher = publisher
        self._follower = follower
        self._writer = writer
        self._files = files
        self._keep = keep
        self._clock = clock
        self._purged: dict[str, int] = {}
        """Sequences up to which streams have let go of rooms."""
        self._purge_at = time.monotonic()
        self._going: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._going = tasks.begin(self._go_on())

    async def close(self) -> None:
        await tasks.end(self._going)

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(retention.SWEEP_SECONDS)
            try:
                await self.sweep()
            except _NOT_NOW as fault:
                _log.info("not all is let go of that is old: %s", fault)
            except Exception:  # noqa: BLE001  # the boundary: the next look is another
                _log.exception("what is old is not let go of")

    async def sweep(self) -> None:
        """Let go of all that is to go now. Raises LedgerError, LinkError, UnpublishedError,
        sqlite3.Error."""
        rooms = self._follower.rooms
        while rooms:
            bounds = floors.Bounds(self._clock(), self._keep.max_age, self._keep.max_messages)
            due = await self._writer.run(partial(self._files.due, rooms, bounds))
            await self._propose(due)
            rooms = [floor.room for floor in due]
        if time.monotonic() >= self._purge_at:
            self._purge_at = time.monotonic() + PURGE_SECONDS
            await self._purge()

    async def _propose(self, due: Sequence[Floor]) -> None:
        """Returns when it is carried out here."""
        proposed = [(floor.room, self._publish(floor)) for floor in due]
        for room, acked in proposed:
            sequence = (await acked).sequence
            # Who left the room meanwhile has nothing to wait for.
            if self._follower.follows(room):
                await self._follower.reached(room, sequence)

    def _publish(self, floor: Floor) -> asyncio.Future[Ack]:
        subject = self._layout.place(floor.room).subject
        # Of several nodes that propose the same one does.
        period = floor.now // floors.FORGET_SLACK
        message_id = f"{subject}/{floor.floor}/{period}"
        return self._publisher.publish(subject, proposals.encode_floor(floor), message_id)

    async def _purge(self) -> None:
        rooms = self._follower.rooms
        bases = await self._writer.run(partial(self._files.bases, rooms))
        for room, base in bases.items():
            if base > self._purged.get(room, 0):
                await self._purge_room(room, base)

    async def _purge_room(self, room: str, base: int) -> None:
        beginning = await self._writer.run(partial(self._files.beginning, room))
        if beginning is None:
            return
        place = self._layout.place(room)
        try:
            self._purged[room] = await beginnings.keep(
                self._link, self._publisher, place, beginning
            )
        except beginnings.TooLargeError as fault:
            _log.warning("%s keeps all of a room: too much was refused there (%s)", place, fault)
            self._purged[room] = base
        except UnpublishedError as fault:
            # Another node was quicker, or there is no majority: the next look tells.
            _log.info("the beginning of a room's log is not told: %s", fault)
