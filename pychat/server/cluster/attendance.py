"""What a node tells the log of its connections, beside what is asked on them."""

from collections.abc import Callable

from pychat.server.cluster.entries import AnyEntry, Confirmed, Lost
from pychat.server.connection import Connection


class Attendance:
    """Tells each thing once. `settled` is called when the log has what was told."""

    def __init__(
        self, number_of: Callable[[Connection], int], put: Callable[[AnyEntry], None]
    ) -> None:
        self._number_of = number_of
        self._put = put
        self._lost: set[Connection] = set()
        """Of which the log is being told that they are no more."""
        self._confirming: set[Connection] = set()
        """Of which the log is being told that their `welcome` has arrived."""
        self._resumed: set[Connection] = set()
        """That have taken a session over, and may not have their `welcome` yet."""

    def lost(self, connection: Connection) -> None:
        """The connection is no more. Harmless if told twice."""
        self._resumed.discard(connection)
        if connection not in self._lost:
            self._lost.add(connection)
            number = self._number_of(connection)
            self._put(Lost(peer=number, unconfirmed=connection.unconfirmed))

    def resumed(self, connection: Connection) -> None:
        """It has taken a session over. Other nodes can't ask this machine whether its `welcome` has
        arrived: they are to be told."""
        self._resumed.add(connection)

    def look(self) -> None:
        """Whether any `welcome` has arrived meanwhile."""
        for connection in [each for each in self._resumed if not each.unconfirmed]:
            self.confirm(connection)

    def confirm(self, connection: Connection) -> None:
        """Its `welcome` has arrived."""
        self._resumed.discard(connection)
        if connection not in self._confirming:
            self._confirming.add(connection)
            self._put(Confirmed(peer=self._number_of(connection)))

    def settled(self, entry: Lost | Confirmed, connection: Connection) -> None:
        self._confirming.discard(connection)
        if isinstance(entry, Lost):
            self._lost.discard(connection)
            self._resumed.discard(connection)

    def forget(self) -> None:
        """All of them: the log knows this node's connections no more."""
        for known in (self._lost, self._confirming, self._resumed):
            known.clear()
