"""Who is told what happens: subscribers of changes, and iterations over events."""

import asyncio
import contextlib
import weakref
from collections.abc import Callable, Sequence

from pychat.client.changes import Changes
from pychat.client.errors import ConnectionLost
from pychat.client.event_stream import EventStream
from pychat.protocol.events import Event

Subscriber = Callable[[Changes], None]


class Audience:
    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []
        # Weak: an iteration that is left with `break` is not told to anybody.
        self._streams: weakref.WeakSet[EventStream] = weakref.WeakSet()

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Returns the way out."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._subscribers.remove(callback)

        return unsubscribe

    def stream(self) -> EventStream:
        stream = EventStream()
        self._streams.add(stream)
        return stream

    def offer(self, events: Sequence[Event]) -> None:
        for stream in list(self._streams):
            for event in events:
                stream.offer(event)

    def end(self, fault: ConnectionLost | None) -> None:
        for stream in list(self._streams):
            stream.end(fault)

    def publish(self, changes: Changes) -> None:
        if not changes:
            return
        for callback in tuple(self._subscribers):
            try:
                callback(changes)
            except Exception as error:  # noqa: BLE001  # it would end the connection
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a subscriber to a pychat client failed", "exception": error}
                )
