"""One room that a node follows: how far it is, and who waits for it."""

import asyncio
from collections import deque
from typing import Any, NamedTuple

from pychat.server.backplane.jetstream.floors import Beginning
from pychat.server.backplane.jetstream.link import LinkError
from pychat.server.backplane.jetstream.proposals import Place
from pychat.server.backplane.jetstream.stored import Stored


class Waiter:
    """Somebody who waits until all up to `target` is applied."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.goal: int | None = None
        """The proposal whose application that is, once it is known."""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Known(NamedTuple):
    """What was decided before this node began with a room."""

    beginning: Beginning
    void: frozenset[int]


class FollowedRoom:
    """Sequences are those of the room's stream, which only grow."""

    def __init__(self, name: str, place: Place, applied: int) -> None:
        self.name = name
        self.place = place
        self.seen = applied
        """All up to here was looked at."""
        self.given = applied
        """The last one given to be applied."""
        self.applied = applied
        """The last one that was."""
        self.needed = 0
        """The stream has something up to here."""
        self.late: deque[tuple[Stored, int]] = deque()
        self.moved = asyncio.Event()
        self.refused = False
        self.waiters: list[Waiter] = []
        self.mending: asyncio.Task[None] | None = None
        self.opening: asyncio.Task[Any] | None = None
        """Its result is the subscription."""
        self.caught_up = False

    def release(self) -> None:
        """Nobody is to wait for it any more."""
        for waiter in self.waiters:
            if not waiter.done.done():
                waiter.done.set_exception(LinkError("the room was left"))
