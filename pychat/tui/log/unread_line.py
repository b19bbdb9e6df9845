"""The line before what is new in a room: where it stands, and how many messages it tells of."""

from collections.abc import Sequence

from pychat.protocol.replies import Message
from pychat.tui.log.heights import Heights, Place
from pychat.tui.log.rows import Gathering, Row, UnreadRow, before_id


class UnreadLine:
    def __init__(self, after: int | None, messages: Sequence[Message]) -> None:
        """Before the first message after `after`; None: there is none."""
        self.after = after
        self.count = 0
        self._read_to = after
        self.older(messages)

    def older(self, messages: Sequence[Message]) -> None:
        """These are there, too."""
        after = self.after
        if after is not None:
            self.count += sum([message.seq > after for message in messages])

    def begins(self, read_to: int) -> bool:
        """Whether what is new after that, the last one read, is something else than what this
        line tells of."""
        return read_to != self._read_to

    def begin(self, rows: Heights[Row], gathering: Gathering, read_to: int) -> None:
        """From the next message on; the line that was there goes."""
        place = self.place(rows)
        if place is not None:
            rows.remove(place)
        self.after = gathering.expect_unread()
        self.count, self._read_to = 0, read_to

    def add(self, rows: Heights[Row], count: int) -> None:
        """So many more have come."""
        self.count += count
        place = self.place(rows)
        if place is not None:
            row = rows.at(place)
            assert isinstance(row, UnreadRow)
            rows.replace(place, UnreadRow(row.seq, self.count))

    def place(self, rows: Heights[Row]) -> Place | None:
        """Where it stands; a day line may be right before it."""
        first = rows.find(before_id(self.after + 1)) if self.after is not None else None
        if first is None:
            return None
        ahead = rows.onward(first)
        for row in (next(ahead, None), next(ahead, None)):
            if isinstance(row, UnreadRow):
                return rows.find(row.id)
        return None
