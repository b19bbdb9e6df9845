"""Enacting: what is to be known for good is put down, and then what follows from that is done."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from pychat.protocol import replies
from pychat.server.backplane.interface import Registry
from pychat.server.effects import Effect, Effects, Enact, Read, Reply

if TYPE_CHECKING:
    from pychat.server.admin import Console
    from pychat.server.connection import Connection


class Enacting:
    def __init__(self, registry: Registry, perform: Callable[[Effects], None]) -> None:
        """`perform` acts out what follows."""
        self._registry = registry
        self._perform = perform

    def enact(self, effect: Enact) -> None:
        answered = {
            cast("Connection | Console", each.peer): None
            for each in effect.then
            if isinstance(each, Reply | Read)
        }
        # Who waits for something else goes on when that is there, and not with this.
        waiting = [connection for connection in answered if not connection.busy]
        for connection in waiting:
            connection.busy = True

        def settled(durable: bool) -> None:
            for connection in waiting:
                connection.busy = False
            kept = durable or effect.regardless
            self._perform(effect.then if kept else list(map(_unless_kept, effect.then)))
            for connection in waiting:
                connection.work()

        self._registry.put(effect.facts, settled)


def _unless_kept(effect: Effect) -> Effect:
    """What becomes of an effect where the disk has refused what it follows from."""
    if not isinstance(effect, Reply) or not isinstance(effect.message, replies.Reply):
        return effect
    text = "the Hall's disk refuses to keep this; it holds all the same until the Hall is closed"
    return Reply(effect.peer, replies.error("unavailable", text, effect.message.id))
