"""What this node proposes and does not know the fate of yet.

What one person says in one room goes one after the other: the next when the stream has the one
before, so that neither is sent again behind the other. All else is under way at the same time.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from functools import partial

import msgspec

from pychat.protocol import names
from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import rules
from pychat.server.backplane.interface import Outcome, Person, Rejection
from pychat.server.backplane.jetstream import proposals
from pychat.server.backplane.jetstream.proposals import Layout
from pychat.server.backplane.jetstream.publisher import Ack, Publisher, UnpublishedError

BACKLOG = 8_192
"""Proposals whose fate is not known; the next is refused at once. As many as wait for a disk that
is stuck."""

DECIDED_SECONDS = 30.0
"""After which a proposal that is not decided here is told to be `unavailable`, though it may still
come: twice as long as it takes to give up an engine."""

_FULL = rules.UNAVAILABLE.format("too much waits for the cluster")
_UNSURE = (
    "the cluster does not tell whether this is saved ({}); it may still come, and to send it again "
    "under its nonce does no harm"
)

_Lane = tuple[str, str]
"""A room, and who speaks there by the folded name."""


class _Saying(msgspec.Struct, eq=False):
    lane: _Lane
    ticket: object
    body: bytes
    id: str
    overdue: float
    """When; the loop's time."""


class Lanes:
    """Calls `settle` with a ticket and its outcome, once for each; `stored` with a room and up to
    which sequence its stream goes; and `quiet` with a room of which nothing is under way any more.
    """

    def __init__(
        self,
        publisher: Publisher,
        layout: Layout,
        settle: Callable[[object, Outcome], None],
        stored: Callable[[str, int], None],
        quiet: Callable[[str], None],
    ) -> None:
        self._publisher = publisher
        self._layout = layout
        self._settle = settle
        self._stored = stored
        self._quiet = quiet
        self._sayings: dict[str, _Saying] = {}
        """By their ids, oldest first."""
        self._waiting: dict[_Lane, deque[_Saying]] = {}
        """Of the lanes in which one is under way: what comes after it."""
        self._rooms: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._empty.set()

    def propose(self, event: LoggedEvent, ticket: object, person: Person) -> None:
        if len(self._sayings) >= BACKLOG:
            self._settle(ticket, Rejection("unavailable", _FULL))
            return
        key = person[0].key if person else names.fold(event.sender)
        saying = _Saying(
            lane=(event.room, key),
            ticket=ticket,
            body=proposals.encode(event, person),
            id=self._publisher.next_id(),
            overdue=asyncio.get_running_loop().time() + DECIDED_SECONDS,
        )
        self._sayings[saying.id] = saying
        self._rooms[event.room] += 1
        self._empty.clear()
        waiting = self._waiting.get(saying.lane)
        if waiting is None:
            self._waiting[saying.lane] = deque()
            self._publish(saying)
        else:
            waiting.append(saying)

    @property
    def under_way(self) -> int:
        return len(self._sayings)

    @property
    def oldest(self) -> float:
        """Seconds for which the first of these has waited; 0 where there is none."""
        first = next(iter(self._sayings.values()), None)
        if first is None:
            return 0.0
        return asyncio.get_running_loop().time() - (first.overdue - DECIDED_SECONDS)

    def busy(self, room: str) -> bool:
        return self._rooms[room] > 0

    def take(self, origin: str) -> object | None:
        """The ticket of a proposal that is decided, to be settled by who asks; None if it is not
        one of these, or was given up."""
        saying = self._sayings.get(origin)
        if saying is None:
            return None
        self._forget(saying)
        return saying.ticket

    def expire(self) -> None:
        """Settle what has waited for too long; called now and then."""
        now = asyncio.get_running_loop().time()
        overdue = [each for each in self._sayings.values() if each.overdue <= now]
        for saying in overdue:
            self._reject(saying, _UNSURE.format("it has not come back"))

    async def empty(self) -> None:
        """Returns when nothing is under way."""
        await self._empty.wait()

    def abandon(self, why: str) -> None:
        """Settle all that is under way."""
        for saying in list(self._sayings.values()):
            self._reject(saying, _UNSURE.format(why))

    def _publish(self, saying: _Saying) -> None:
        subject = self._layout.place(saying.lane[0]).subject
        acked = self._publisher.publish(subject, saying.body, saying.id)
        acked.add_done_callback(partial(self._published, saying))

    def _published(self, saying: _Saying, acked: asyncio.Future[Ack]) -> None:
        if acked.cancelled():
            return
        fault = acked.exception()
        if fault is None:
            self._stored(saying.lane[0], acked.result().sequence)
            self._next(saying.lane)
            return
        never = isinstance(fault, UnpublishedError) and fault.never
        self._reject(saying, (rules.UNAVAILABLE if never else _UNSURE).format(fault))
        # Later words of theirs must not stand before these, if these are said again.
        for later in self._waiting.pop(saying.lane, ()):
            self._reject(later, rules.UNAVAILABLE.format(fault))

    def _next(self, lane: _Lane) -> None:
        waiting = self._waiting.get(lane)
        while waiting:
            saying = waiting.popleft()
            if saying.id in self._sayings:
                self._publish(saying)
                return
        self._waiting.pop(lane, None)

    def _reject(self, saying: _Saying, text: str) -> None:
        if saying.id in self._sayings:
            self._forget(saying)
            self._settle(saying.ticket, Rejection("unavailable", text))

    def _forget(self, saying: _Saying) -> None:
        room = saying.lane[0]
        del self._sayings[saying.id]
        self._rooms[room] -= 1
        if not self._rooms[room]:
            del self._rooms[room]
            self._quiet(room)
        if not self._sayings:
            self._empty.set()
