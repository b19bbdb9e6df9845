"""The rooms that a node follows: what their streams have, each proposal once and in order.

It comes live, and may be lost on the way. Each live message names the one before it in its room, so
that a loss shows with the next; the heads of all rooms are compared now and then, so that it shows
without one. What is missing is read from the stream.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.interface import LedgerError, Person
from pychat.server.backplane.jetstream import beginnings, heads, proposals, stored, tasks
from pychat.server.backplane.jetstream.floors import Beginning
from pychat.server.backplane.jetstream.followed_room import FollowedRoom, Known, Waiter
from pychat.server.backplane.jetstream.link import Link, LinkError, Message
from pychat.server.backplane.jetstream.projection import GapError, Step
from pychat.server.backplane.jetstream.proposals import Floor, Layout
from pychat.server.backplane.jetstream.stored import Stored

_log = logging.getLogger("pychat.cluster")

FOLLOW_SECONDS = 15.0
"""Until a room that cannot be caught up with is given up: longer than an election of the engine;
also for one with a long history, which goes on from where it was at the next try."""

AUDIT_SECONDS = 3.0
"""Between two looks at the heads of all rooms."""

LOOK_SECONDS = 0.5
"""Between two looks for rooms of which more is known to be there than has come."""

BATCH = 256
"""Proposals that are read at a time, and applied before the next are."""

LATE = 1_024
"""Live messages of one room that are kept while what is before them is read; the rest is read."""

_PAUSE_SECONDS = 0.2
"""Until a stream that could not be read is asked again."""
_LAG_SECONDS = 0.05
"""Until one is that has not yet what another replica has."""
_REFUSED_SECONDS = 1.0
"""Until proposals that the disk refused are tried again."""

Take = Callable[[LoggedEvent, Step, Person], bool]
"""Gives one to be applied, in this order; False where too many wait."""

LetGo = Callable[[Floor, int, int], Awaitable[None]]
"""Carries out a floor that stands at a sequence behind another, which was applied."""

Begin = Callable[[Beginning], Awaitable[bool]]
"""Makes a room anew from there; False where it is as far."""


class Follower:
    """Owns the task that audits, and two for each room: one that subscribes, one that reads what is
    missing. None of them outlives `close`."""

    def __init__(
        self,
        link: Link,
        layout: Layout,
        applied: Mapping[str, int],
        take: Take,
        let_go: LetGo,
        begin: Begin,
        time_of: Callable[[Stored], int],
    ) -> None:
        """`applied` is how far each room has come already; `time_of` is the time of what a proposal
        becomes."""
        self._link = link
        self._layout = layout
        self._take = take
        self._let_go = let_go
        self._begin = begin
        self._time_of = time_of
        self._applied = dict(applied)
        self._known: dict[str, Known] = {}
        """Of rooms that are not further yet."""
        self._rooms: dict[str, FollowedRoom] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._audit_now = asyncio.Event()
        link.watch(self._connected)

    def open(self) -> None:
        self._start(self._audit())

    async def close(self) -> None:
        rooms, self._rooms = self._rooms, {}
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for room in rooms.values():
            room.release()
            if room.opening is not None and not room.opening.cancelled():
                await _unsubscribe(room.opening)

    def follows(self, name: str) -> bool:
        return name in self._rooms

    @property
    def followed(self) -> int:
        return len(self._rooms)

    @property
    def rooms(self) -> list[str]:
        """Those that are followed."""
        return list(self._rooms)

    @property
    def behind(self) -> int:
        """Rooms of which something is known to be there and not applied."""
        rooms = self._rooms.values()
        return sum(room.seen < room.needed or room.applied < room.given for room in rooms)

    async def follow(self, name: str) -> None:
        """Returns when all is applied that the stream had at the call. Raises LedgerError."""
        room = self._rooms.get(name)
        if room is None:
            room = FollowedRoom(name, self._layout.place(name), self._applied.get(name, 0))
            self._rooms[name] = room
            room.opening = self._start(self._subscribe(room))
        fault: LinkError | None = None
        try:
            async with asyncio.timeout(FOLLOW_SECONDS):
                while self._rooms.get(name) is room:
                    try:
                        await self._catch_up(room)
                    except LinkError as missed:
                        fault = missed
                        await asyncio.sleep(_PAUSE_SECONDS)
                    else:
                        room.caught_up = True
                        return
                raise LedgerError(f"the room {name!r} was left while it was being caught up with")
        except TimeoutError:
            raise LedgerError(
                f"the room {name!r} cannot be caught up with in {FOLLOW_SECONDS:g} s: "
                f"{fault or 'its history is long'}; try again"
            ) from None
        finally:
            if not room.caught_up and not room.waiters and self._rooms.get(name) is room:
                self.unfollow(name)

    async def reached(self, name: str, sequence: int) -> None:
        """Returns when all is applied that the room's stream has up to here. Raises LedgerError."""
        room = self._rooms.get(name)
        if room is None:
            raise LedgerError(f"the room {name!r} is not followed")
        self.needs(name, sequence)
        if room.seen < sequence:
            self._mend(room)
        try:
            async with asyncio.timeout(FOLLOW_SECONDS):
                await self._reach(room, sequence)
        except (LinkError, TimeoutError) as fault:
            raise LedgerError(f"the room {name!r} does not come on: {fault}") from None

    def unfollow(self, name: str) -> None:
        room = self._rooms.pop(name, None)
        if room is None:
            return
        if room.mending is not None:
            room.mending.cancel()
        room.release()
        if room.opening is not None:
            self._start(_unsubscribe(room.opening))

    def needs(self, name: str, sequence: int) -> None:
        """It is known that the room's stream goes up to here at least."""
        room = self._rooms.get(name)
        if room is not None and sequence > room.needed:
            room.needed = sequence

    def applied(self, steps: Iterable[Step]) -> None:
        """These were decided, and that is committed."""
        touched: dict[str, None] = {}
        for step in steps:
            if step.sequence > self._applied.get(step.room, 0):
                self._applied[step.room] = step.sequence
                touched[step.room] = None
        for name in touched:
            room = self._rooms.get(name)
            if room is not None:
                room.applied = max(room.applied, self._applied[name])
                self._moved(room)

    def refused(self, steps: Iterable[Step]) -> None:
        """None of these was decided: they are to be given again, a little later."""
        for name in {step.room: None for step in steps}:
            room = self._rooms.get(name)
            if room is None:
                continue
            self._try_again(room)

    def _try_again(self, room: FollowedRoom) -> None:
        room.needed = max(room.needed, room.seen)
        room.seen = room.given = room.applied
        room.refused = True
        room.moved.set()
        self._mend(room)

    # -- one room ---------------------------------------------------------------------------------

    async def _subscribe(self, room: FollowedRoom) -> Any:
        subscription = None
        while True:
            try:
                if subscription is None:
                    subscription = await self._link.subscribe(
                        room.place.live, lambda message: self._came(room, message)
                    )
                await self._link.flush()
            except LinkError:
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return subscription

    async def _catch_up(self, room: FollowedRoom) -> None:
        """Raises LinkError."""
        assert room.opening is not None
        await asyncio.shield(room.opening)
        head = await stored.head(self._link, room.place.stream, room.place.subject)
        room.needed = max(room.needed, head)
        if room.seen < room.needed or room.name in self._known:
            self._mend(room)
        await self._reach(room, head)

    async def _reach(self, room: FollowedRoom, sequence: int) -> None:
        """Raises LinkError where the room is left."""
        waiter = Waiter(sequence)
        room.waiters.append(waiter)
        try:
            self._moved(room)
            await waiter.done
        finally:
            room.waiters.remove(waiter)

    def _came(self, room: FollowedRoom, message: Message) -> None:
        if self._rooms.get(room.name) is not room:
            return
        try:
            found, before = stored.republished(message)
        except LinkError as fault:
            _log.warning("%s", fault)
            return
        if found.sequence <= room.seen:
            return
        follows = room.mending is None and before == room.seen and room.name not in self._known
        if follows and self._give(room, found):
            return
        room.needed = max(room.needed, found.sequence)
        if len(room.late) < LATE:
            room.late.append((found, before))
        self._mend(room)

    def _give(self, room: FollowedRoom, found: Stored) -> bool:
        """Whether it was taken, if only to be passed over. A floor is not."""
        known = self._known.get(room.name)
        if known is not None and found.sequence > known.beginning.until:
            return False
        try:
            proposal = proposals.decode(found.body, room.name)
        except proposals.UnreadableError as fault:
            _log.error(
                "%s %d is no proposal of this pychat's, and is passed over: %s",
                room.place.stream,
                found.sequence,
                fault,
            )
            room.seen = found.sequence
            self._moved(room)
            return True
        if isinstance(proposal, Floor):
            if known is not None:
                # The last one of these comes when all is as it was then.
                room.seen = found.sequence
            return known is not None
        if not proposal.kept:
            proposal.event.time = self._time_of(found)
        origin = found.headers.get("Nats-Msg-Id", "")
        step = Step(
            room=room.name,
            sequence=found.sequence,
            before=room.given,
            origin=origin,
            kept=proposal.kept,
            spent=proposal.spent,
            void=found.sequence in known.void if known is not None else None,
        )
        if not self._take(proposal.event, step, proposal.person):
            return False
        room.seen = room.given = found.sequence
        return True

    def _moved(self, room: FollowedRoom) -> None:
        room.moved.set()
        if room.name in self._known:
            return
        for waiter in room.waiters:
            if waiter.goal is None and room.seen >= waiter.target:
                waiter.goal = room.given
            if waiter.goal is not None and room.applied >= waiter.goal and not waiter.done.done():
                waiter.done.set_result(None)

    # -- what is missing --------------------------------------------------------------------------

    def _mend(self, room: FollowedRoom) -> None:
        if room.mending is None:
            room.mending = self._start(self._read_what_is_missing(room))

    async def _read_what_is_missing(self, room: FollowedRoom) -> None:
        try:
            while room.seen < room.needed or room.name in self._known:
                await self._read_some(room)
                self._give_late(room)
        finally:
            # Nothing is awaited between the last look and this.
            room.mending = None

    async def _read_some(self, room: FollowedRoom) -> None:
        if room.refused:
            room.refused = False
            await asyncio.sleep(_REFUSED_SECONDS)
        place, start = room.place, room.seen
        try:
            batch = await stored.after(self._link, place.stream, place.subject, start, BATCH)
            # After it: what a stream has let go of, it told of before.
            kept = await beginnings.find(self._link, place)
        except LinkError as fault:
            _log.info("what is missing of a room cannot be read now: %s", fault)
            await asyncio.sleep(_PAUSE_SECONDS)
            return
        if room.seen != start:
            return  # what was before these is to be given again
        if kept is not None and kept.beginning.sequence > start:
            await self._do(self._make_anew(room.name, kept.beginning))
            return
        floor = self._give_some(room, batch.messages)
        if room.seen == start and floor is None:
            await asyncio.sleep(_LAG_SECONDS)
        seen = room.seen
        while room.applied < room.given:
            room.moved.clear()
            await room.moved.wait()
        if room.seen == seen and floor is not None:
            await self._do(self._carry_out(*floor, room.given))
        self._moved(room)

    def _give_some(self, room: FollowedRoom, some: Sequence[Stored]) -> tuple[Floor, int] | None:
        """As far as they can be given; the floor that is to be carried out then, and its place."""
        for found in some:
            if found.sequence > room.seen and not self._give(room, found):
                floor = proposals.floor_of(found.body)
                if floor is not None and room.name not in self._known:
                    return floor, found.sequence
                break
        known = self._known.get(room.name)
        if known is None or room.seen < known.beginning.until:
            return None
        begun = known.beginning
        return Floor(room=room.name, floor=begun.floor, now=begun.now), begun.until

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Also where the room is left meanwhile: the file has it then, and so has this."""
        await asyncio.shield(self._start(work))

    async def _make_anew(self, name: str, beginning: Beginning) -> None:
        _log.info("%r is made anew, since its stream begins later than where it was", name)
        try:
            begun = await self._begin(beginning)
        except (LedgerError, sqlite3.Error):
            self._failed(name)
            return
        if begun:
            self._known[name] = Known(beginning, beginning.void)
        self._went(name, beginning.sequence)

    async def _carry_out(self, floor: Floor, sequence: int, before: int) -> None:
        try:
            await self._let_go(floor, sequence, before)
        except (GapError, sqlite3.Error):
            self._failed(floor.room)
            return
        self._known.pop(floor.room, None)
        self._went(floor.room, sequence)

    def _went(self, name: str, sequence: int) -> None:
        self._applied[name] = max(self._applied.get(name, 0), sequence)
        room = self._rooms.get(name)
        if room is not None:
            room.applied = max(room.applied, sequence)
            room.given = max(room.given, sequence)
            room.seen = max(room.seen, sequence)
            self._moved(room)

    def _failed(self, name: str) -> None:
        room = self._rooms.get(name)
        if room is not None:
            self._try_again(room)

    def _give_late(self, room: FollowedRoom) -> None:
        """What came live meanwhile and follows now."""
        while room.late:
            found, before = room.late[0]
            if found.sequence > room.seen and (before != room.seen or not self._give(room, found)):
                break
            room.late.popleft()
        if room.seen < room.needed:
            room.late.clear()

    async def _audit(self) -> None:
        looks = 0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._audit_now.wait()
            looks += 1
            if self._audit_now.is_set() or looks * LOOK_SECONDS >= AUDIT_SECONDS:
                self._audit_now.clear()
                looks = 0
                await heads.compare(self._link, list(self._rooms.values()))
            for room in list(self._rooms.values()):
                if room.seen < room.needed:
                    self._mend(room)

    def _connected(self, connected: bool) -> None:
        if connected:
            self._audit_now.set()

    def _start(self, work: Any) -> asyncio.Task[Any]:
        task = tasks.begin(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _unsubscribe(opening: asyncio.Task[Any]) -> None:
    """Also from what is still on its way; the server forgets it with the connection."""
    with contextlib.suppress(Exception):
        await (await opening).unsubscribe()
