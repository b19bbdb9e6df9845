"""What the composer offers to complete: from the mirror, the commands, and the Hall's rooms."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, get_args

from pychat.client import CommandError, ConnectionLost, RoomView
from pychat.protocol.names import fold
from pychat.protocol.replies import RoomInfo
from pychat.tui import slash, telling
from pychat.tui.completion import Candidate, Kind
from pychat.tui.settings.schema import Theme

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

ROOMS_SECONDS = 10.0
"""Between two questions to the Hall about which rooms there are."""

RECENT = 300
"""Messages back that tell who was active."""

MOST = 2_000
"""People and rooms among whom is chosen: at each key all of them are looked at."""


class Offering:
    def __init__(self, hall: "HallScreen", *, clock: Callable[[], float]) -> None:
        self._hall = hall
        self._clock = clock
        self._rooms: list[RoomInfo] = []
        self._asked_at: float | None = None

    def __call__(self, kind: Kind) -> Sequence[Candidate]:
        match kind:
            case "command":
                return _commands()
            case "person":
                return [_person(name) for name in self._people()[:MOST]]
            case "room":
                self._ask_for_rooms()
                return self._known_rooms()[:MOST]
            case "emoji":
                return _emoji()
            case "theme":
                return [Candidate(name, name, "", (name,)) for name in get_args(Theme)]

    def learn(self, rooms: Sequence[RoomInfo]) -> None:
        """Which rooms there are, from whoever has asked for them."""
        self._asked_at = self._clock()
        self._rooms = sorted(rooms, key=lambda room: -room.members)
        self._hall.writing.offer_again()

    def _people(self) -> list[str]:
        """Who spoke here last, then who else is here, then those of other rooms; never me."""
        mirror = self._hall.client.mirror
        view = mirror.room(self._hall.here) if self._hall.here is not None else None
        names: dict[str, None] = {}
        if view is not None:
            names |= dict.fromkeys(_speakers(view))
            names |= dict.fromkeys(sorted(view.members, key=fold))
        for other in mirror.rooms.values():
            names |= dict.fromkeys(sorted(other.members, key=fold))
        names.pop(mirror.name, None)
        return list(names)

    def _known_rooms(self) -> list[Candidate]:
        mine = self._hall.client.mirror.rooms
        told = {view.name: (view.topic, view.count) for view in mine.values()}
        for room in self._rooms:
            told.setdefault(room.name, (room.topic, room.members))
        return [
            Candidate(
                f"#{name} ",
                f"#{name}",
                " · ".join(filter(None, (telling.people(count), topic))),
                (name.casefold(),),
            )
            for name, (topic, count) in told.items()
        ]

    def _ask_for_rooms(self) -> None:
        now = self._clock()
        if self._asked_at is not None and now - self._asked_at < ROOMS_SECONDS:
            return
        if self._hall.client.state == "connected":
            self._asked_at = now
            self._hall.start(self._learn_rooms, "rooms to offer")

    async def _learn_rooms(self) -> None:
        try:
            rooms = await self._hall.client.list_rooms()
        except (CommandError, ConnectionLost):
            # Those that I am in are offered all the same.
            return
        self.learn(rooms)


def _speakers(view: RoomView) -> list[str]:
    """The last one first; those who are still here."""
    last = islice(reversed(view.messages), RECENT)
    return [message.sender for message in last if message.sender in view.members]


def _person(name: str) -> Candidate:
    return Candidate(f"@{name} ", name, "", (name.casefold(),))


def _commands() -> list[Candidate]:
    others: dict[str, list[str]] = {}
    for alias, name in slash.ALIASES.items():
        others.setdefault(name, []).append(alias)
    return [
        Candidate(
            f"/{name} " if " " in spelling.usage else f"/{name}",
            spelling.usage,
            spelling.help,
            (name, *others.get(name, ())),
        )
        for name, spelling in slash.SPELLINGS.items()
    ]


def _emoji() -> list[Candidate]:
    # Not before somebody wants one.
    from pychat.tui.emoji import named

    return [
        Candidate(emoji, f"{emoji} {' '.join(f':{name}:' for name in names)}", "", names)
        for emoji, names in named()
    ]
