"""How far a node is behind the others: what it tells whoever watches it, and who asks all nodes."""

import asyncio
import contextlib
from collections.abc import Callable

import msgspec

from pychat.server.backplane.jetstream import tasks
from pychat.server.backplane.jetstream.lag import RoomsLag
from pychat.server.backplane.jetstream.link import Link, LinkError, Message
from pychat.server.counters import Figure

ASKED = 16
"""Questions that wait for an answer; what comes beyond gets none."""


class NodeLag(msgspec.Struct, frozen=True):
    node: str
    behind: int
    """Messages of the Hall's log that are known to be there and are not carried out."""
    unseen: float
    """Seconds since the node had all of that log, as far as it could ask."""
    rooms: RoomsLag


def subject(hall: str) -> str:
    """Where all nodes of the Hall are asked; an answer is a NodeLag."""
    return f"{hall}.lag"


def figures(lag: NodeLag, connected: bool, nodes: int) -> list[Figure]:
    rooms = lag.rooms
    return [
        Figure("cluster_connected", "To NATS: 1, or 0 while it is not", connected),
        Figure("cluster_nodes", "That are there, by the Hall's log", nodes),
        Figure("hall_log_behind", "Messages of the Hall's log not carried out yet", lag.behind),
        Figure("hall_log_unseen_seconds", "Since this node had all of the log", lag.unseen),
        Figure("followed_rooms", "Whose members are here", rooms.followed),
        Figure("rooms_behind", "Followed rooms of which something is missing", rooms.behind),
        Figure("proposals", "Said here and not settled yet", rooms.under_way),
        Figure("proposal_age_seconds", "Of the oldest of these", rooms.oldest),
    ]


class Telling:
    """Answers who asks all nodes. Owns one task."""

    def __init__(self, link: Link, hall: str, lag: Callable[[], NodeLag]) -> None:
        self._link = link
        self._subject = subject(hall)
        self._lag = lag
        self._asked: asyncio.Queue[str] = asyncio.Queue(ASKED)
        self._answering: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises LinkError."""
        await self._link.subscribe(self._subject, self._received)
        self._answering = tasks.begin(self._answer())

    async def close(self) -> None:
        await tasks.end(self._answering)

    def _received(self, message: Message) -> None:
        if message.reply:
            with contextlib.suppress(asyncio.QueueFull):
                self._asked.put_nowait(message.reply)

    async def _answer(self) -> None:
        while True:
            reply = await self._asked.get()
            with contextlib.suppress(LinkError):
                await self._link.send(reply, msgspec.json.encode(self._lag()), headers=None)
