"""Notices a Hall that is there and never answers: the connection to it is given up, so that what
was said goes again on the next one. One for each connection."""

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING

from pychat.client.connection import Connection
from pychat.client.errors import ConnectionLost
from pychat.client.timing import Handle
from pychat.protocol import commands, replies

if TYPE_CHECKING:
    from pychat.client.session import Session

ANSWER_SECONDS = 30.0
"""For one answer at least, while something that was said waits for its own. Longer than a disk
stalls; then a ping that is answered proves that the Hall has read what was said before it, and
that nothing slow lies between."""


class Answers:
    def __init__(self, session: "Session", connection: Connection) -> None:
        self._session = session
        self._connection = connection
        self._waiting = 0
        self._came = 0
        """Answers so far."""
        self._since = 0.0
        """When the last came, or when something began to wait; by the clock of `timing`."""
        self._timer: Handle | None = None

    def began(self) -> None:
        """Something was said that is to be answered."""
        self._waiting += 1
        # For who does not come back, to give up the connection would be the end.
        if self._waiting == 1 and self._session.comes_back:
            self._since = self._session.timing.monotonic()
            self._arm(ANSWER_SECONDS)

    def ended(self) -> None:
        """It was answered, or nobody waits for that any more."""
        self._waiting -= 1
        self._came += 1
        self._since = self._session.timing.monotonic()
        if not self._waiting:
            self.stop()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, seconds: float) -> None:
        self.stop()
        self._timer = self._session.timing.call_later(seconds, self._due)

    def _due(self) -> None:
        self._timer = None
        left = self._since + ANSWER_SECONDS - self._session.timing.monotonic()
        if left > 0:
            self._arm(left)
            return
        with contextlib.suppress(ConnectionLost):
            ping = commands.Ping(id=self._connection.next_id())
            pong = self._connection.start(ping, replies.Pong)
            pong.add_done_callback(functools.partial(self._proved, self._came))

    def _proved(self, came: int, pong: asyncio.Future[replies.Pong]) -> None:
        if pong.exception() is not None or not self._waiting:
            return
        if came != self._came or not self._session.comes_back:
            self._arm(ANSWER_SECONDS)
            return
        address = self._connection.address
        self._connection.abandon(
            f"{address} has not answered what was said for {ANSWER_SECONDS:g} s."
        )
