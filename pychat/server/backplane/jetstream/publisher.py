"""What is to be in a stream: sent, and sent again under the same id until the stream has it.

The stream knows an id for its duplicate window, so that what is sent twice is stored once. Messages
that are under way at the same time may be stored in another order: whoever minds waits.
"""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable

import msgspec

from pychat.server.backplane.jetstream import tasks
from pychat.server.backplane.jetstream.link import Expected, Link, LinkError, Message

ACK_SECONDS = 1.0
"""Without an acknowledgement, after which a message is sent again."""

REFUSED_SECONDS = 0.2
"""Until it is sent again to a stream that has no leader, or too much to do, just now."""

PATIENCE = 15.0
"""Seconds until a message is given up: longer than the election of a leader, which takes up to
nine; and much shorter than streams know ids."""

_NOT_NOW = frozenset({409, 429, 500, 503})
"""409 is of a message that is under way already, by an earlier sending: the engine is slow, and
answers that in its time."""


class UnpublishedError(Exception):
    """The stream has not acknowledged the message; it is not sent any more.

    `never`: it is certain that it is not in the stream, and will not be.
    """

    def __init__(self, text: str, *, never: bool) -> None:
        super().__init__(text)
        self.never = never


class Ack(msgspec.Struct, frozen=True):
    """A majority of the stream's servers has the message on disk."""

    sequence: int
    duplicate: bool
    """It had it before."""


class _Error(msgspec.Struct):
    code: int = 0
    description: str = "no reason given"


class _Answer(msgspec.Struct):
    seq: int = 0
    duplicate: bool = False
    error: _Error | None = None


class _Publication(msgspec.Struct, eq=False):
    subject: str
    body: bytes
    headers: dict[str, str]
    acked: asyncio.Future[Ack]
    given_up: float
    """When; the loop's time."""
    expected: Expected | None = None
    due: float = 0.0
    """When it is to be sent next; the loop's time."""
    open: int = 0
    """How often it was sent and nothing is known of what became of it."""
    why: str = "the stream does not acknowledge"


class Publisher:
    """Owns one task."""

    def __init__(self, link: Link, source: str) -> None:
        """`source` is who publishes, like nobody else: with a number it is a message's id."""
        self._link = link
        self._source = source
        self._numbers = itertools.count(1)
        self._order = itertools.count()
        self._due: list[tuple[float, int, _Publication]] = []
        self._unacked: set[_Publication] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._link.watch(self._connected)
        self._task = tasks.begin(self._send_what_is_due())

    async def close(self) -> None:
        """What is not acknowledged is given up."""
        await tasks.end(self._task)
        for each in list(self._unacked):
            self._give_up(each, "this node is shutting down")

    def next_id(self) -> str:
        return f"{self._source}/{next(self._numbers)}"

    def publish(
        self,
        subject: str,
        body: bytes,
        message_id: str,
        headers: dict[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> asyncio.Future[Ack]:
        """Raises UnpublishedError, by the future; that is `patience` seconds later at the latest.

        Who cancels it takes nothing back.
        """
        loop = asyncio.get_running_loop()
        publication = _Publication(
            subject=subject,
            body=body,
            headers={**(headers or {}), "Nats-Msg-Id": message_id},
            acked=loop.create_future(),
            given_up=loop.time() + patience,
        )
        publication.expected = self._link.expect(self._answer_to(publication))
        self._unacked.add(publication)
        self._send_at(publication, 0.0)
        return publication.acked

    def _answer_to(self, publication: _Publication) -> Callable[[Message], None]:
        return lambda message: self._answered(publication, message)

    def _send_at(self, publication: _Publication, due: float) -> None:
        publication.due = due
        heapq.heappush(self._due, (due, next(self._order), publication))
        if self._due[0][2] is publication:
            self._wake.set()

    def _connected(self, connected: bool) -> None:
        if connected:
            # Whatever was under way went nowhere, or its acknowledgement did.
            for each in sorted(self._unacked, key=lambda each: each.given_up):
                self._send_at(each, 0.0)

    async def _send_what_is_due(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            while self._due and self._due[0][0] <= loop.time():
                due, _, publication = heapq.heappop(self._due)
                if publication in self._unacked and publication.due == due:
                    await self._send(publication, loop.time())
            wait = self._due[0][0] - loop.time() if self._due else None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    async def _send(self, publication: _Publication, now: float) -> None:
        if now >= publication.given_up:
            self._give_up(publication, publication.why)
            return
        assert publication.expected is not None
        try:
            publication.open += 1
            await self._link.send(
                publication.subject,
                publication.body,
                reply=publication.expected.reply,
                headers=publication.headers,
            )
        except LinkError as fault:
            publication.open -= 1
            publication.why = str(fault)
        if publication in self._unacked:
            self._send_at(publication, min(now + ACK_SECONDS, publication.given_up))

    def _answered(self, publication: _Publication, message: Message) -> None:
        if publication not in self._unacked:
            return
        if message.status:
            self._refused(publication, "the stream has no leader just now")
            return
        answer = msgspec.json.decode(message.body, type=_Answer)
        if answer.error is None:
            self._done(publication)
            if not publication.acked.done():
                publication.acked.set_result(Ack(answer.seq, answer.duplicate))
        elif answer.error.code in _NOT_NOW:
            self._refused(publication, answer.error.description)
        else:
            publication.open -= 1
            self._give_up(publication, answer.error.description)

    def _refused(self, publication: _Publication, why: str) -> None:
        """One of the times that it was sent came to nothing."""
        publication.open -= 1
        publication.why = why
        due = asyncio.get_running_loop().time() + REFUSED_SECONDS
        self._send_at(publication, min(due, publication.given_up))

    def _give_up(self, publication: _Publication, why: str) -> None:
        self._done(publication)
        if not publication.acked.done():
            publication.acked.set_exception(UnpublishedError(why, never=publication.open == 0))

    def _done(self, publication: _Publication) -> None:
        self._unacked.discard(publication)
        if publication.expected is not None:
            publication.expected.end()
