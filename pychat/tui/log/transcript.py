"""The rows of one room and the window through which they are seen. Pure: no app, no clock.

What changes above the window moves with it: the first message seen stays on its line. A window
that is at the end follows the end.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice, takewhile
from typing import NamedTuple

from pychat.protocol.replies import Message
from pychat.tui.log.days import Calendar
from pychat.tui.log.heights import Heights, Place
from pychat.tui.log.layout import Layout, chars, heights, name_lines
from pychat.tui.log.rows import (
    Gathering,
    MessageRow,
    NoteRow,
    Row,
    TopRow,
    Unsent,
    before_id,
    message_id,
    note_after,
    unsent_rows,
)

NOTES = 50
"""Without a message between them; beyond that the oldest go."""


class Anchor(NamedTuple):
    """What is at the window's top: a row, and how far the top is below where its text begins."""

    id: int
    below: int


class Transcript:
    """`y` is the window's first line, counted from the first row's first line."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.layout = Layout.of(80, narrow=False)
        self.window = 0
        """Lines that are seen; 0 until the first `resize`, and until then nothing is measured."""
        self.y = 0
        self.follow = True
        # Where to go once the window's size is known.
        self._anchor_wanted: Anchor | None = None
        self._unread_wanted = False
        self._begin("", (), more_before=False, unread_after=None)

    # What there is

    def show(
        self,
        room: str,
        messages: Sequence[Message],
        *,
        more_before: bool,
        unread_after: int | None,
        anchor: Anchor | None,
    ) -> None:
        """Begin anew, at the anchor; without one at the "new" line if that is more than a window
        from the end, else at the end."""
        self._begin(room, messages, more_before=more_before, unread_after=unread_after)
        self.y, self.follow = 0, True
        self._anchor_wanted = anchor
        self._unread_wanted = anchor is None

    def append(self, messages: Sequence[Message]) -> int:
        """Returns how many were new."""
        waiting = self._lift_unsent()
        rows = self._gathering.add(messages)
        self.rows.extend(rows)
        self.rows.extend(waiting)
        return sum([type(row) is MessageRow for row in rows])

    def prepend(self, messages: Sequence[Message], more_before: bool) -> int:
        """Returns how many were older than all that were here."""
        anchor = self._anchor()
        self._top = TopRow(self.room, more_before)
        notes, first = self._take_head()
        if first is None:
            head = self._gathering.add(messages)
            count = len(messages)
        else:
            older = [message for message in messages if message.seq < first.seq]
            count = len(older)
            if self._unread_after is not None:
                self._unread += sum([m.seq > self._unread_after for m in older])
            head = Gathering(self._calendar, self._unread_after, self._unread).add([*older, first])
        self.rows.extend_left([self._top, *notes, *head])
        self._restore(anchor)
        return count

    def replace(self, message: Message) -> bool:
        place = self._place(message.seq)
        if place is None:
            return False
        old = self.rows.at(place)
        assert isinstance(old, MessageRow)
        anchor = self._anchor()
        self.rows.replace(place, MessageRow(message, old.told, old.state))
        self._restore(anchor)
        return True

    def note(self, text: str, time: int) -> None:
        anchor = self._anchor()
        waiting = self._lift_unsent()
        run = list(takewhile(lambda row: isinstance(row, NoteRow), self.rows.backward()))
        if len(run) >= NOTES and (place := self.rows.find(run[-1].id)):
            self.rows.remove(place)
        self.rows.extend([note_after(self.rows.last, text, time)])
        self.rows.extend(waiting)
        self._restore(anchor)
        self._gathering.separate()

    def unsent(self, lines: Sequence[Unsent]) -> None:
        anchor = self._anchor()
        self._lift_unsent()
        rows = unsent_rows(self.room, lines)
        self.rows.extend(rows)
        self._unsent = len(rows)
        self._restore(anchor)

    def message(self, seq: int) -> Message | None:
        row = self.rows.get(message_id(seq))
        return row.message if isinstance(row, MessageRow) else None

    @property
    def unread(self) -> int:
        """Messages after the "new" line, as far as they were here when it was drawn."""
        return self._unread

    @property
    def more_before(self) -> bool:
        return self._top.more_before

    # What is seen

    def resize(self, layout: Layout, window: int) -> None:
        anchor = self._anchor()
        self.window = window
        if layout != self.layout:
            self.layout = layout
            self.rows.relayout(partial(heights, layout=layout), layout.text)
        self._restore(anchor)

    def scroll(self, y: int) -> None:
        """What is around `y` is settled, so `y` may be another afterwards."""
        self._anchor_wanted, self._unread_wanted = None, False
        self.y = y
        self.follow = y >= self.end
        self.settle()

    def settle(self) -> None:
        """Measure what is seen, with a window before and after. To be called before painting."""
        if not self.window:
            return
        self._take_up_place()
        if self.follow:
            self.rows.settle_end(2 * self.window)
        else:
            self.y = self.rows.settle(self.y, self.window, 2 * self.window)
            self.follow = self.y >= self.end
        self.y = min(max(0, self.y), self.end) if not self.follow else self.end

    @property
    def end(self) -> int:
        """The greatest `y`."""
        return max(0, self.rows.total - self.window)

    @property
    def near_top(self) -> bool:
        return 2 * self.y < self.window

    def seen(self, y: int) -> Iterator[tuple[Row, int]]:
        """The rows from line `y` of all on, with the lines of the first that are above it."""
        place = self.rows.locate(y)
        rows = self.rows.onward(place)
        return chain([(next(rows), place.line)], ((row, 0) for row in rows))

    def anchor(self) -> Anchor | None:
        """By which `show` comes back to what is seen; None if that is the end."""
        return self._anchor_wanted or self._anchor()

    def _begin(
        self,
        room: str,
        messages: Sequence[Message],
        *,
        more_before: bool,
        unread_after: int | None,
    ) -> None:
        self.room = room
        self._unread_after = unread_after
        self._unread = 0 if unread_after is None else sum([m.seq > unread_after for m in messages])
        self._gathering = Gathering(self._calendar, unread_after, self._unread)
        self._top = TopRow(room, more_before)
        self._unsent = 0
        self._anchor_wanted = None
        self._unread_wanted = False
        self.rows: Heights[Row] = Heights(
            partial(heights, layout=self.layout), chars, self.layout.text
        )
        self.rows.extend([self._top, *self._gathering.add(messages)])

    def _take_head(self) -> tuple[list[Row], Message | None]:
        """Take away all up to the first sent message: what is above it depends on what is before
        it. Returns the notes among that, and the message."""
        notes: list[Row] = []
        while len(self.rows) > self._unsent:
            row = self.rows.pop_left()
            if isinstance(row, MessageRow):
                return notes, row.message
            if isinstance(row, NoteRow):
                notes.append(row)
        return notes, None

    def _lift_unsent(self) -> list[Row]:
        rows = [self.rows.pop() for _ in range(self._unsent)]
        rows.reverse()
        return rows

    def _place(self, seq: int) -> Place | None:
        place = self.rows.find(message_id(seq))
        return place if place and self.rows.at(place).id == message_id(seq) else None

    def _anchor(self) -> Anchor | None:
        if self.follow or not self.window:
            return None
        place = self.rows.locate(self.y)
        # Not a day line: it may go when an older message comes before it.
        for row in islice(self.rows.onward(place), self.window):
            if isinstance(row, MessageRow):
                place = self.rows.find(row.id) or place
                break
        row = self.rows.at(place)
        return Anchor(row.id, self.y - self.rows.top(place) - name_lines(row, self.layout))

    def _restore(self, anchor: Anchor | None) -> None:
        place = self.rows.find(anchor.id) if anchor else None
        if anchor and place:
            text = self.rows.height(place) - name_lines(self.rows.at(place), self.layout)
            below = min(anchor.below, text - 1)
            self.y = max(0, self.rows.top(place) + self.rows.height(place) - text + below)

    def _take_up_place(self) -> None:
        if self._anchor_wanted:
            self.follow = False
            self._restore(self._anchor_wanted)
        elif self._unread_wanted and self._unread_after is not None and self._unread:
            self.rows.settle_end(2 * self.window)
            place = self.rows.find(before_id(self._unread_after + 1))
            if place and self.rows.total - (y := self.rows.top(place)) > self.window:
                self.y, self.follow = y, False
        self._anchor_wanted, self._unread_wanted = None, False
