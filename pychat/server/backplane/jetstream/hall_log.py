"""The log by which the nodes of a Hall decide: one subject of a stream, which each node reads, and
a second stream with what came of it up to some place, to begin from.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from pychat.server.backplane.jetstream import stored, streams, tasks
from pychat.server.backplane.jetstream.link import Link, LinkError, Message
from pychat.server.backplane.jetstream.publisher import Ack, Publisher
from pychat.server.backplane.jetstream.stored import Stored
from pychat.server.backplane.jetstream.streams import StreamSpec

_log = logging.getLogger("pychat.cluster")

LOOK_SECONDS = 1.0
"""Between two looks whether the stream has more than has come."""

READ_AT_ONCE = 256
"""Messages that are read from the stream at a time."""

PART_BYTES = 192 * 1024
"""Of a snapshot in one message."""

_PAUSE_SECONDS = 0.2
"""Until a stream that could not be read is asked again."""

_Read = TypeVar("_Read")

Decided = Callable[[int, int, bytes], None]
"""Is given what stands in the log, in order and each once: its sequence, the stream's time for it
in milliseconds, and the message. Must not raise."""


class HallLogError(Exception):
    """What is in the streams is no whole; the text says what is missing."""


class _Marker(msgspec.Struct):
    """A snapshot that is whole."""

    at: int
    """It has all up to this sequence of the log."""
    first: int
    """The sequence of its first part."""
    parts: int


class HallLog:
    """Owns one task."""

    def __init__(
        self, link: Link, hall: str, decided: Decided, left_behind: Callable[[str], None]
    ) -> None:
        """`left_behind` is told why, where the stream has let go of what was not given away yet:
        nothing is from then on."""
        self._link = link
        self._stream, self._subject = f"{hall}-HALL", f"{hall}.hall"
        self._snapshots, self._snapshot = f"{hall}-SNAP", f"{hall}.snap"
        self._told = f"{hall}.hall-live"
        self._decided = decided
        self._left_behind = left_behind
        self._at = 0
        """The sequence of the last message that was given away."""
        self._head = 0
        """The stream is known to go so far."""
        self._whole = time.monotonic()
        """When all was given away that the stream was found to have."""
        self._wake = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._behind = True
        """What comes live is not what comes next: it is read from the stream."""

    async def open(self) -> tuple[int, bytes] | None:
        """The last snapshot, if there is one, and up to where it goes. Raises LinkError,
        HallLogError."""
        log = StreamSpec(
            name=self._stream, subjects=[self._subject], republish=(self._subject, self._told)
        )
        snapshots = StreamSpec(
            name=self._snapshots, subjects=[self._snapshot, f"{self._snapshot}.*"]
        )
        await streams.ensure(self._link, log)
        await streams.ensure(self._link, snapshots)
        await self._link.subscribe(self._told, self._live)
        return await self._patiently(self.look)

    async def look(self) -> tuple[int, bytes] | None:
        """As `open`, and changes nothing: what comes is then only found by looking for it."""
        self.info = await streams.info(self._link, self._stream)
        found = await self._last_snapshot()
        if found is None and self.info.first > 1:
            raise HallLogError(
                f"the stream {self._stream} begins at {self.info.first} and there is no snapshot "
                f"in {self._snapshots} of what was before: restore both from a backup"
            )
        return found

    async def catch_up(self, at: int) -> None:
        """Give away all that the log has after `at`, and from then on what comes. Raises
        LinkError, HallLogError."""
        self._at = at
        await self._patiently(self._read_to_the_end)
        self._link.watch(self._connected)
        self._behind = False
        self._reading = tasks.begin(self._keep_up())

    async def _patiently(self, read: Callable[[], Awaitable[_Read]]) -> _Read:
        """Over the election of a leader. Raises LinkError, HallLogError."""
        given_up = time.monotonic() + streams.READY_SECONDS
        while True:
            try:
                return await read()
            except LinkError as fault:
                if time.monotonic() >= given_up:
                    raise
                _log.info("the Hall's log cannot be read yet: %s", fault)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def close(self) -> None:
        await tasks.end(self._reading)

    @property
    def lag(self) -> tuple[int, float]:
        """How many messages are known to be there and were not given away; and for how many seconds
        it is not known that there are no more."""
        unseen = time.monotonic() - self._whole
        return max(0, self._head - self._at), unseen

    def propose(
        self, publisher: Publisher, body: bytes, message_id: str, patience: float
    ) -> asyncio.Future[Ack]:
        return publisher.publish(self._subject, body, message_id, patience=patience)

    # -- what comes -------------------------------------------------------------------------------

    def _live(self, message: Message) -> None:
        if self._behind:
            return
        try:
            found, before = stored.republished(message)
        except LinkError as fault:
            _log.warning("%s", fault)
            return
        if before <= self._at < found.sequence:
            self._give(found)
        elif found.sequence > self._at:
            self._behind = True
            self._head = max(self._head, found.sequence)
            self._wake.set()

    def _give(self, found: Stored) -> None:
        self._at = found.sequence
        self._decided(found.sequence, found.time, found.body)

    def _connected(self, connected: bool) -> None:
        if connected:
            self._wake.set()

    async def _keep_up(self) -> None:
        """The last message of all may be lost, and those that a leader stored before it died."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._read_to_the_end()
                self._behind = False
            except HallLogError as fault:
                self._left_behind(str(fault))
                return
            except LinkError as fault:
                _log.info("the Hall's log cannot be read now: %s", fault)
                await asyncio.sleep(_PAUSE_SECONDS)
                self._wake.set()
            except Exception:  # noqa: BLE001  # the boundary: the next look is another
                _log.exception("the look at the Hall's log failed")

    async def _read_to_the_end(self) -> None:
        await self._read_to(await stored.head(self._link, self._stream, self._subject))

    async def _read_to(self, head: int) -> None:
        """A replica may lag behind."""
        self._head = max(self._head, head)
        while self._at < head:
            batch = await stored.after(
                self._link, self._stream, self._subject, self._at, READ_AT_ONCE
            )
            if batch.messages and batch.messages[0].sequence > self._at + 1:
                await self._check_that_nothing_is_gone()
            for found in batch.messages:
                # Others may have come live meanwhile.
                if found.sequence > self._at:
                    self._give(found)
            if not batch.messages:
                await asyncio.sleep(_PAUSE_SECONDS)
        self._whole = time.monotonic()

    async def _check_that_nothing_is_gone(self) -> None:
        """Raises LinkError, HallLogError."""
        first = (await streams.info(self._link, self._stream)).first
        if first > self._at + 1:
            raise HallLogError(
                f"the stream {self._stream} begins at {first} by now, and this node knows it up to "
                f"{self._at}: start the node again, from the last snapshot"
            )

    # -- snapshots --------------------------------------------------------------------------------

    async def keep(self, publisher: Publisher, at: int, data: bytes) -> None:
        """Keep what came of the log up to `at`, and let go of what two snapshots have. Raises
        LinkError, UnpublishedError."""
        before = await self._marker()
        parts = [data[start : start + PART_BYTES] for start in range(0, len(data), PART_BYTES)]
        first = 0
        for part in parts:
            ack = await publisher.publish(f"{self._snapshot}.{at}", part, publisher.next_id())
            first = first or ack.sequence
        marker = msgspec.json.encode(_Marker(at=at, first=first, parts=len(parts)))
        await publisher.publish(self._snapshot, marker, publisher.next_id())
        if before is not None and before.at < at:
            await streams.purge(self._link, self._stream, before.at + 1)
            await streams.purge(self._link, self._snapshots, before.first)

    async def _marker(self) -> _Marker | None:
        found = await stored.last(self._link, self._snapshots, [self._snapshot])
        return msgspec.json.decode(found[0].body, type=_Marker) if found else None

    async def _last_snapshot(self) -> tuple[int, bytes] | None:
        """Raises LinkError, HallLogError."""
        marker = await self._marker()
        if marker is None:
            return None
        data: list[bytes] = []
        at = marker.first - 1
        while len(data) < marker.parts:
            subject = f"{self._snapshot}.{marker.at}"
            batch = await stored.after(self._link, self._snapshots, subject, at, marker.parts)
            if not batch.messages:
                raise HallLogError(
                    f"the snapshot up to {marker.at} in {self._snapshots} lacks parts: start this "
                    "node again, or restore the stream from a backup"
                )
            data += [each.body for each in batch.messages]
            at = batch.messages[-1].sequence
        return marker.at, b"".join(data[: marker.parts])
