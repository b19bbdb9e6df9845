"""The numbers of places: the Hall is 0, a room keeps its number while one is in it. Pure."""

from collections.abc import Iterable

from pychat.client import RoomView

FORMER = 1_000
"""Rooms that one has left, of which the number is remembered."""


class Numbering:
    def __init__(self) -> None:
        self._now: dict[str, int] = {}
        self._former: dict[str, int] = {}

    def of(self, views: Iterable[RoomView]) -> dict[str, int]:
        """Of all rooms that one is in, by name. New ones get the lowest numbers that are free,
        those for two people after the others; one that is entered again gets its former one, if
        that is free."""
        rooms = sorted(views, key=lambda view: view.direct is not None)
        names = {view.name for view in rooms}
        for name in [name for name in self._now if name not in names]:
            self._former.pop(name, None)
            self._former[name] = self._now.pop(name)
        while len(self._former) > FORMER:
            del self._former[next(iter(self._former))]
        new = [view.name for view in rooms if view.name not in self._now]
        taken = set(self._now.values())
        for name in [name for name in new if name in self._former]:
            number = self._former.pop(name)
            if number not in taken:
                self._now[name] = number
                taken.add(number)
        lowest = 1
        for name in new:
            if name not in self._now:
                while lowest in taken:
                    lowest += 1
                self._now[name] = lowest
                taken.add(lowest)
        return dict(self._now)
