"""What a node has to say in the Hall's log, in order: the next goes when the last is there."""

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec

from pychat.server.backplane.jetstream import tasks
from pychat.server.backplane.jetstream.hall_log import HallLog
from pychat.server.backplane.jetstream.publisher import Publisher, UnpublishedError
from pychat.server.cluster import entries
from pychat.server.cluster.entries import AnyEntry, Outgoing

BATCH_BYTES = 128 * 1024
"""Of entries in one message: with one more, of a frame's length, it is less than NATS is asked to
take. All that gathers while the message before is on its way goes together."""


class Lane:
    """Owns one task."""

    def __init__(
        self,
        log: HallLog,
        publisher: Publisher,
        patience: float,
        given_up: Callable[[], None],
    ) -> None:
        """`given_up` is called where a message was not acknowledged within `patience` seconds; it
        may come all the same."""
        self._log = log
        self._publisher = publisher
        self._patience = patience
        self._given_up = given_up
        self._node = ""
        self._number = 0
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._sending: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._sending = tasks.begin(self._send())

    async def close(self) -> None:
        await tasks.end(self._sending)

    def begin(self, node: str) -> None:
        """As this node from now on; what was not sent is thrown away."""
        self._node, self._number = node, 0
        self._waiting.clear()

    def put(self, entry: AnyEntry) -> None:
        self._waiting.append(entries.encode(entry))
        self._empty.clear()
        self._wake.set()

    async def empty(self) -> None:
        """Returns when the log has all that was put."""
        await self._empty.wait()

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._send_batch()
            self._empty.set()

    async def _send_batch(self) -> None:
        batch: list[msgspec.Raw] = []
        size = 0
        while self._waiting and size < BATCH_BYTES:
            entry = self._waiting.popleft()
            batch.append(msgspec.Raw(entry))
            size += len(entry)
        self._number += 1
        node, number = self._node, self._number
        body = entries.encode(Outgoing(node=node, number=number, entries=batch))
        try:
            await self._log.propose(self._publisher, body, f"{node}/{number}", self._patience)
        except UnpublishedError:
            if node == self._node:
                self._given_up()
