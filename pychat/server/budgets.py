"""Whose budget of flood control is whose: a session's, over as many connections as that takes.

Pure. Who comes anew goes on with what those have left over who went from the same place, so that
coming and going brings nobody more than staying does.
"""

from pychat.server import limits
from pychat.server.addresses import place
from pychat.server.flood import FloodControl, FloodLimits, Paces


class Budgets:
    """Of all sessions in the Hall, and of those who went a moment ago."""

    def __init__(self, flood: FloodLimits) -> None:
        self._paces = Paces(flood)
        self._sessions: dict[int, FloodControl] = {}
        """By the session's id; as many as there are users."""
        self._left: dict[str, FloodControl] = {}
        """The scantiest that was left at a place, as it was then; the latest at the end."""

    def adopt(self, flood: FloodLimits) -> None:
        """It holds from now on, for those who are there as well."""
        self._paces.adopt(flood)

    def of_newcomer(self, address: str, now: float) -> FloodControl:
        """For a connection of which it is not known yet whose it is."""
        flood = FloodControl(self._paces, now)
        left = self._left.get(place(address))
        if left is not None:
            flood.start_from(left, now)
        return flood

    def of_session(self, session_id: int, newcomers: FloodControl) -> FloodControl:
        """The session's, which is the newcomer's if it has begun just now."""
        return self._sessions.setdefault(session_id, newcomers)

    def left(self, address: str, flood: FloodControl, now: float) -> None:
        """A connection with this budget has ended; its session may go on elsewhere."""
        where = place(address)
        scanty = FloodControl(self._paces, now)
        before = self._left.pop(where, None)
        for each in (flood, before):
            if each is not None:
                scanty.start_from(each, now)
        if not scanty.is_full:
            self._left[where] = scanty
            if len(self._left) > limits.FLOOD_PLACES:
                del self._left[next(iter(self._left))]

    def ended(self, session_id: int) -> None:
        """Nobody can take the session over any more."""
        self._sessions.pop(session_id, None)
