"""What was typed and has not arrived: drafts per room, and messages that wait for their `sent`.

Nothing goes from here but what the server has confirmed or the person has taken back. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pychat.protocol.errors import PychatError

WAITING = 100
"""Messages without their `sent`, over all rooms: past this nobody knows any more what they said."""

Place = str | None
"""A room's name, or None for the Hall."""


class TooMany(PychatError):  # noqa: N818
    """WAITING messages are on their way already; the text says what to do."""


class Drafts:
    def __init__(self) -> None:
        self._texts: dict[Place, str] = {}

    def keep(self, place: Place, text: str) -> None:
        self._texts.pop(place, None)
        if text.strip():
            self._texts[place] = text

    def of(self, place: Place) -> str:
        return self._texts.get(place, "")

    def places(self) -> list[Place]:
        return list(self._texts)


@dataclass(slots=True)
class Outgoing:
    room: str
    text: str
    nonce: str
    time: int
    """Milliseconds since the epoch, when it was first sent."""
    fault: str = ""
    """Why it has not been sent; empty while it is on its way."""

    @property
    def state(self) -> str:
        return "✗ not sent · Alt+R" if self.fault else "sending…"


class Outbox:
    """In the order of sending. What fails keeps its nonce: the server drops the second of two."""

    def __init__(self, nonce: Callable[[], str]) -> None:
        self._nonce = nonce
        self._waiting: list[Outgoing] = []

    def add(self, room: str, text: str, time: int) -> Outgoing:
        """Raises TooMany."""
        if len(self._waiting) >= WAITING:
            raise TooMany(f"{WAITING} messages wait for the server already; Alt+R sends them again")
        outgoing = Outgoing(room, text, self._nonce(), time)
        self._waiting.append(outgoing)
        return outgoing

    def remove(self, outgoing: Outgoing) -> None:
        """It has been confirmed, or the person has its text back."""
        self._waiting = [other for other in self._waiting if other is not outgoing]

    def of(self, room: Place) -> list[Outgoing]:
        return [outgoing for outgoing in self._waiting if outgoing.room == room]

    def failed(self) -> list[Outgoing]:
        return [outgoing for outgoing in self._waiting if outgoing.fault]

    def __len__(self) -> int:
        return len(self._waiting)
