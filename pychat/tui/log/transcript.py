"""The rows of one room and the window through which they are seen. Pure: no app, no clock.

What changes above the window moves with it: the first message seen stays on its line. A window
that is at the end follows the end.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice, takewhile
from typing import NamedTuple

from pychat.protocol.replies import Message
from pychat.tui.log.days import Calendar
from pychat.tui.log.heights import Heights, Place
from pychat.tui.log.layout import Layout, chars, heights, name_lines, shown_of
from pychat.tui.log.rows import (
    Gathering,
    MessageRow,
    NoteRow,
    Row,
    Rule,
    RuleRow,
    TopRow,
    Unsent,
    before_id,
    message_id,
    unsent_rows,
)
from pychat.tui.log.unread_line import UnreadLine

NOTES = 50
"""Without a message between them; beyond that the oldest go."""

MEANT = "◀ found"
"""Beside the message that somebody was led to."""


class Anchor(NamedTuple):
    """What is at the window's top: a row, and how far the top is below where its text begins."""

    id: int
    below: int


class Transcript:
    """`y` is the window's first line, counted from the first row's first line."""

    _top: TopRow
    _new: UnreadLine
    _gathering: Gathering

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
        self._rules: list[Rule] = []
        self._meant: int | None = None
        self._states: dict[int, str] = {}
        self.chosen: int | None = None
        """The `seq` of the message that something is to be done with."""
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
        rules: Sequence[Rule] = (),
    ) -> None:
        """Begin anew, at the anchor; without one at the "new" line if that is more than a window
        from the end, else at the end."""
        self._rules = list(rules)
        chosen = self.chosen if room == self.room else None
        self._begin(room, messages, more_before=more_before, unread_after=unread_after)
        self._choose_again(chosen)
        self.y, self.follow = 0, True
        self._anchor_wanted = anchor
        self._unread_wanted = anchor is None

    def append(self, messages: Sequence[Message], read_to: int | None = None) -> int:
        """Returns how many were new. `read_to` is the last `seq` that was read, where the reader
        sees none of these: the "new" line tells of them."""
        held = self._chosen_top() >= self.y
        anchor = self._anchor()
        waiting = self._lift_unsent()
        if read_to is not None and self._new.begins(read_to):
            self._new.begin(self.rows, self._gathering, read_to)
        rows = self._gathering.add(messages)
        self.rows.extend(rows)
        if self._top.empty and rows and (place := self.rows.find(self._top.id)):
            self._top = TopRow(self.room, more_before=False)
            self.rows.replace(place, self._top)
        count = sum([type(row) is MessageRow for row in rows])
        if read_to is not None:
            self._new.add(self.rows, count)
        self._lay_unsent(waiting)
        self._restore(anchor)
        if self.follow and held and self._chosen_top() < self.end:
            # What is chosen stays in sight.
            self.y, self.follow = self._chosen_top(), False
        return count

    def prepend(self, messages: Sequence[Message], more_before: bool) -> int:
        """Returns how many were older than all that were here."""
        anchor = self._anchor()
        self._top = TopRow(self.room, more_before)
        notes, first = self._take_head()
        if first is None:
            self._gathering = Gathering(self._calendar, self._new.after, self._new.count)
            head = self._gather(self._gathering, messages, self._top)
            count = len(messages)
        else:
            older = [message for message in messages if message.seq < first.message.seq]
            count = len(older)
            self._new.older(older)
            gathering = Gathering(self._calendar, self._new.after, self._new.count)
            head = self._gather(gathering, [*older, first.message], self._top)
        self.rows.extend_left([self._top, *notes, *head])
        if first is not None and first.opened:
            self.toggle_hidden(first.message.seq)
        self._mark()
        self._restore(anchor)
        return count

    def replace(self, message: Message) -> bool:
        place = self._place(message.seq)
        if place is None:
            return False
        old = self.rows.at(place)
        assert isinstance(old, MessageRow)
        anchor = self._anchor()
        # Another text may hide something else.
        opened = old.opened and old.message.text == message.text
        self.rows.replace(place, MessageRow(message, old.told, old.state, opened))
        self._restore(anchor)
        if message.seq == self.chosen:
            self._choose_again(self.chosen)
        return True

    def states(self, states: Mapping[int, str]) -> None:
        """What stands at the right edge of messages, by their `seq`; of the others nothing."""
        if states == self._states:
            return
        anchor = self._anchor()
        for seq in self._states.keys() - states.keys():
            if place := self._place(seq):
                self._set_state(place, "")
        self._states = dict(states)
        self._mark()
        self._restore(anchor)

    def hides(self, seq: int) -> bool:
        """Whether a message has something that can be opened, or closed again."""
        row = self.rows.get(message_id(seq))
        return isinstance(row, MessageRow) and shown_of(row, self.layout).hides

    def toggle_hidden(self, seq: int) -> bool:
        """Uncover and unfold what a message hides, or hide it again. False if that is nothing."""
        place = self._place(seq)
        if place is None or not self.hides(seq):
            return False
        row = self.rows.at(place)
        assert isinstance(row, MessageRow)
        anchor = self._anchor()
        self.rows.replace(place, MessageRow(row.message, row.told, row.state, not row.opened))
        self._restore(anchor)
        if self.follow and self.rows.top(place) < self.end:
            # What was opened is longer than the window: it is read from its beginning.
            self.y, self.follow = self.rows.top(place), False
        return True

    def note(self, text: str, time: int) -> None:
        anchor = self._anchor()
        waiting = self._lift_unsent()
        run = list(takewhile(lambda row: isinstance(row, NoteRow | RuleRow), self.rows.backward()))
        if len(run) >= NOTES and (place := self.rows.find(run[-1].id)):
            self.rows.remove(place)
        self.rows.extend(self._gathering.note(self.rows.last, text, time))
        self._lay_unsent(waiting)
        self._restore(anchor)

    def rule(self, rule: Rule) -> None:
        """After all that is here; to be given to `show` from then on."""
        anchor = self._anchor()
        waiting = self._lift_unsent()
        self._rules.append(rule)
        self.rows.extend([self._gathering.rule(self.rows.last, rule.text)])
        self._lay_unsent(waiting)
        self._restore(anchor)

    def unsent(self, lines: Sequence[Unsent]) -> None:
        anchor = self._anchor()
        self._lift_unsent()
        self._lay_unsent(unsent_rows(self.room, lines))
        self._restore(anchor)

    def reveal(self, seq: int) -> bool:
        """Go to a message and mark it. False if it is not here."""
        place = self._place(seq)
        if place is None:
            return False
        if self._meant is not None and (old := self._place(self._meant)):
            self._set_state(old, "")
        self._meant = seq
        self._mark()
        self._anchor_wanted = Anchor(message_id(seq), -(self.window // 3))
        self._unread_wanted = False
        return True

    def bring(self, seq: int) -> None:
        """Scroll no further than a message needs to be seen; a longer one from its beginning."""
        place = self._place(seq)
        if place is None or not self.window:
            return
        top, height = self.rows.top(place), self.rows.height(place)
        if top < self.y or height > self.window:
            self.scroll(top)
        elif top + height > self.y + self.window:
            self.scroll(top + height - self.window)

    def go_to(self, anchor: Anchor | None) -> None:
        """To what `anchor` had told; None is the end."""
        self._anchor_wanted, self._unread_wanted = anchor, False
        self.follow = anchor is None

    def message(self, seq: int) -> Message | None:
        row = self.rows.get(message_id(seq))
        return row.message if isinstance(row, MessageRow) else None

    @property
    def unread(self) -> int:
        """Messages after the "new" line, as far as they are here."""
        return self._new.count

    @property
    def unread_after(self) -> int | None:
        """What is new comes after that `seq`; None if nothing was."""
        return self._new.after

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
        self._new = UnreadLine(unread_after, messages)
        self._gathering = Gathering(self._calendar, unread_after, self._new.count)
        self._top = TopRow(room, more_before, empty=not messages and not more_before)
        self._unsent = 0
        self._meant = None
        self._states = {}
        self.chosen = None
        self._anchor_wanted = None
        self._unread_wanted = False
        self.rows: Heights[Row] = Heights(
            partial(heights, layout=self.layout), chars, self.layout.text
        )
        self.rows.extend([self._top, *self._gather(self._gathering, messages, self._top)])

    def _gather(self, gathering: Gathering, messages: Sequence[Message], above: Row) -> list[Row]:
        """The rows of the messages, with the rules that belong before, between and after them."""
        rows: list[Row] = []
        begin, last = 0, messages[-1].seq if messages else 0
        for rule in self._rules:
            if gathering is not self._gathering and rule.after >= last:
                # It stands further down already.
                break
            end = bisect_right(messages, rule.after, begin, key=lambda message: message.seq)
            rows += gathering.add(messages[begin:end])
            rows.append(gathering.rule(rows[-1] if rows else above, rule.text))
            begin = end
        return rows + gathering.add(messages[begin:])

    def _take_head(self) -> tuple[list[Row], MessageRow | None]:
        """Take away all up to the first sent message: what is above it depends on what is before
        it. Returns the notes among that, and the message's row."""
        notes: list[Row] = []
        while len(self.rows) > self._unsent:
            row = self.rows.pop_left()
            if isinstance(row, MessageRow):
                return notes, row
            if isinstance(row, NoteRow):
                notes.append(row)
        return notes, None

    def _lift_unsent(self) -> list[Row]:
        rows = [self.rows.pop() for _ in range(self._unsent)]
        rows.reverse()
        self._unsent = 0
        return rows

    def _lay_unsent(self, rows: list[Row]) -> None:
        """Who it is that says the first of them depends on what is above."""
        if rows and isinstance(first := rows[0], MessageRow):
            told = self._gathering.told(first.message)
            if told != first.told:
                rows[0] = MessageRow(first.message, told, first.state, first.opened)
        self.rows.extend(rows)
        self._unsent = len(rows)

    def _mark(self) -> None:
        states = self._states if self._meant is None else self._states | {self._meant: MEANT}
        for seq, state in states.items():
            if place := self._place(seq):
                self._set_state(place, state)

    def _choose_again(self, seq: int | None) -> None:
        message = None if seq is None else self.message(seq)
        self.chosen = None if message is None or message.deleted else seq

    def _chosen_top(self) -> int:
        """The line on which it begins; -1 without one."""
        place = self._place(self.chosen) if self.chosen is not None and self.window else None
        return -1 if place is None else self.rows.top(place)

    def _set_state(self, place: Place, state: str) -> None:
        row = self.rows.at(place)
        assert isinstance(row, MessageRow)
        self.rows.replace(place, MessageRow(row.message, row.told, state, row.opened))

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
        elif self._unread_wanted and self._new.after is not None and self._new.count:
            self.rows.settle_end(2 * self.window)
            place = self.rows.find(before_id(self._new.after + 1))
            if place and self.rows.total - (y := self.rows.top(place)) > self.window:
                self.y, self.follow = y, False
        self._anchor_wanted, self._unread_wanted = None, False
