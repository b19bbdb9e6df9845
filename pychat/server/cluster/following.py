"""The rooms that a node follows: those whose members are connected to it.

A room is followed before it is joined. Who is a member already, by a session that was elsewhere,
may say something before that is done, which waits.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from pychat.protocol.events import LoggedEvent, Topic
from pychat.server.backplane import fold, rules
from pychat.server.backplane.direct import DirectLedger
from pychat.server.backplane.interface import (
    Delta,
    DeltaQuery,
    Found,
    Ledger,
    LedgerError,
    Outcome,
    Page,
    PageQuery,
    Person,
    Rejection,
    RoomRecord,
    SearchQuery,
    Sinks,
)
from pychat.server.backplane.jetstream.lag import RoomsLag

WAITING = 1_000
"""Events that may wait for a room to be followed; what comes beyond is `unavailable`."""


class FollowedLedger(Ledger, Protocol):
    begun: Callable[[RoomRecord], None]
    """Is told from where a room is made anew, of which this node has missed too much."""

    async def follow(self, room: str) -> None:
        """Returns when all is known that was there at the call. Raises LedgerError."""

    def unfollow(self, room: str) -> None: ...

    def lag(self) -> RoomsLag: ...


class Following:
    """A Ledger for one node: what is said in rooms of two is in the Hall's own log, all else in
    rooms' logs."""

    def __init__(
        self,
        rooms: FollowedLedger,
        direct: Callable[[], DirectLedger],
        told: Callable[[RoomRecord], None],
    ) -> None:
        """`told` learns how far a room is when it begins to be followed."""
        self._rooms = rooms
        self._direct = direct
        self._told = told
        self._sinks: Sinks | None = None
        self._records: dict[str, RoomRecord] = {}
        """Of all rooms of which this node has the log, as far as it has it."""
        self._following: dict[str, asyncio.Task[None]] = {}
        """Rooms that are followed, or about to be."""
        self._waiting: dict[str, list[tuple[LoggedEvent, object, Person]]] = {}

    @property
    def epoch(self) -> str:
        return self._rooms.epoch

    async def open(self, sinks: Sinks) -> Sequence[RoomRecord]:
        """Which rooms there are, the Hall's log tells."""
        self._sinks = sinks
        self._rooms.begun = self._begun
        self._records = {record.name: record for record in await self._rooms.open(self)}
        return []

    async def close(self) -> None:
        for task in self._following.values():
            task.cancel()
        await asyncio.gather(*self._following.values(), return_exceptions=True)
        for room in list(self._waiting):
            self._refuse_waiting(room, rules.CLOSED)
        await self._rooms.close()

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        for event in events:
            known = self._records.get(event.room)
            topic = known.topic if known is not None else ""
            if isinstance(event, Topic):
                topic = event.text
            self._records[event.room] = RoomRecord(event.room, event.seq, topic)
        assert self._sinks is not None
        self._sinks.committed([each for each in events if not self._is_past(each)], outcomes)

    def _is_past(self, event: LoggedEvent) -> bool:
        """It was said before this node followed the room: nobody here is to hear it, and how far
        the room is will be told at the end."""
        following = self._following.get(event.room)
        return following is not None and not following.done()

    def _begun(self, record: RoomRecord) -> None:
        self._records[record.name] = record
        self._told(record)

    # -- rooms ------------------------------------------------------------------------------------

    @property
    def followed(self) -> list[str]:
        return list(self._following)

    def follows(self, room: str) -> bool:
        return room in self._following

    def lag(self) -> RoomsLag:
        return self._rooms.lag()

    def record(self, room: str) -> RoomRecord:
        """How far this node knows the room."""
        return self._records.get(room) or RoomRecord(room, 0, "")

    async def follow(self, room: str, known: int = 0) -> None:
        """Where somebody knows the room up to `known`, and this node less of it, that is made up
        for. Raises LedgerError."""
        task = self._following.get(room)
        if task is None:
            self.follow_soon(room)
            task = self._following[room]
        await asyncio.shield(task)
        if known > self.record(room).head:
            await self._rooms.follow(room)

    def follow_soon(self, room: str) -> None:
        if room not in self._following:
            task = self._following[room] = asyncio.create_task(self._follow(room))
            task.add_done_callback(_looked_at)

    async def _follow(self, room: str) -> None:
        try:
            await self._rooms.follow(room)
        except LedgerError:
            del self._following[room]
            self._refuse_waiting(room, rules.UNAVAILABLE.format("the room cannot be reached now"))
            raise
        self._told(self.record(room))
        for waiting in self._waiting.pop(room, ()):
            self._rooms.append(*waiting)

    def _refuse_waiting(self, room: str, why: str) -> None:
        refused = Rejection("unavailable", why)
        if waiting := self._waiting.pop(room, []):
            assert self._sinks is not None
            self._sinks.committed((), [(ticket, refused) for _, ticket, _ in waiting])

    def unfollow(self, room: str) -> None:
        """A room that is about to be followed stays: whoever let it go looks again."""
        task = self._following.get(room)
        if task is not None and task.done():
            del self._following[room]
            self._rooms.unfollow(room)

    # -- the Ledger -------------------------------------------------------------------------------

    def append(self, event: LoggedEvent, ticket: object, person: Person = ()) -> None:
        self.follow_soon(event.room)
        if self._following[event.room].done():
            self._rooms.append(event, ticket, person)
            return
        waiting = self._waiting.setdefault(event.room, [])
        if len(waiting) < WAITING:
            waiting.append((event, ticket, person))
            return
        assert self._sinks is not None
        refused = Rejection("unavailable", rules.UNAVAILABLE.format("the room is not there yet"))
        loop = asyncio.get_running_loop()
        loop.call_soon(self._sinks.committed, (), [(ticket, refused)])

    async def page(self, query: PageQuery) -> Page:
        if query.room.startswith("@"):
            return self._direct().page(query)
        await self.follow(query.room)
        return await self._rooms.page(query)

    async def delta(self, query: DeltaQuery) -> Delta:
        if query.room.startswith("@"):
            return self._direct().delta(query)
        await self.follow(query.room)
        return await self._rooms.delta(query)

    async def search(self, query: SearchQuery) -> Found:
        rooms = [room for room in query.rooms if not room.startswith("@")]
        for room in rooms:
            await self.follow(room)
        found = await self._rooms.search(msgspec.structs.replace(query, rooms=rooms))
        if len(rooms) == len(query.rooms):
            return found
        directs = [room for room in query.rooms if room.startswith("@")]
        said = await self._direct().search(msgspec.structs.replace(query, rooms=directs))
        return fold.merged([found, said], query)


def _looked_at(task: asyncio.Task[None]) -> None:
    """Who waits for the room is told; nobody may."""
    if not task.cancelled():
        task.exception()
