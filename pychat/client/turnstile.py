"""Lets callers through in the order in which they first came, however often they come back."""

import asyncio
import itertools
from bisect import insort


class Turnstile:
    """While it is shut, callers wait. Opened, it lets one after the other go on, the holder of the
    lowest ticket first; each has run up to its next wait before the one after it goes on."""

    def __init__(self) -> None:
        self._tickets = itertools.count()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._open = False

    def ticket(self) -> int:
        return next(self._tickets)

    async def passage(self, ticket: int) -> None:
        """Return when it is this ticket's turn, at once where the way is free."""
        if self._open and not self._waiting:
            return
        turn = asyncio.get_running_loop().create_future()
        place = (ticket, turn)
        insort(self._waiting, place)
        self._call_first()
        try:
            await turn
        finally:
            # Whoever goes on, or away, makes room for the next.
            self._waiting.remove(place)
            self._call_first()

    def open(self) -> None:
        self._open = True
        self._call_first()

    def shut(self) -> None:
        self._open = False

    def _call_first(self) -> None:
        if self._open and self._waiting:
            turn = self._waiting[0][1]
            if not turn.done():
                turn.set_result(None)
