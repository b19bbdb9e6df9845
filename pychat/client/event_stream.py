"""Events for whoever iterates over them, with a bound on how far the reader may fall behind."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from pychat.client.errors import ConnectionLost, FellBehind
from pychat.protocol.events import Event

UNREAD_EVENTS = 10_000
"""That wait for the reader of one stream; past this its iteration ends with FellBehind."""


class EventStream(AsyncIterator[Event]):
    """What has arrived is read to the end before the iteration ends or raises."""

    def __init__(self) -> None:
        self._waiting: deque[Event] = deque()
        self._changed = asyncio.Event()
        self._ended = False
        self._fault: ConnectionLost | FellBehind | None = None

    def offer(self, event: Event) -> None:
        if self._ended:
            return
        if len(self._waiting) >= UNREAD_EVENTS:
            self.end(
                FellBehind(
                    f"{UNREAD_EVENTS} events came unread and the next was lost; "
                    "read them faster, or do slow work in another task."
                )
            )
            return
        self._waiting.append(event)
        self._changed.set()

    def end(self, fault: ConnectionLost | FellBehind | None) -> None:
        """No more will come. Without a fault the iteration just ends."""
        if not self._ended:
            self._ended = True
            self._fault = fault
            self._changed.set()

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._fault is not None:
                raise self._fault
            if self._ended:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()
