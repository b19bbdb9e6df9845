"""One message of a log may be chosen, for something to be done with it.

What is chosen is a message and not a place: it stays so whatever comes, goes or is resized, until
it is deleted or let go.
"""

from collections.abc import Iterable, Mapping

from textual import events
from textual.message import Message as UIMessage
from textual.reactive import reactive

from pychat.protocol.replies import Message
from pychat.tui.log.painter import ORIGINAL, REACTION
from pychat.tui.log.rows import MessageRow, Row, is_sent, message_id
from pychat.tui.log.selectable import SelectableLog
from pychat.tui.log.transcript import Anchor


class ChoosingLog(SelectableLog):
    chosen: reactive[int | None] = reactive(None, repaint=False)
    """The `seq` of the message."""
    chooses = False
    """Whether a click, or the focus that comes by a key, chooses."""

    class ReactionPressed(UIMessage):
        def __init__(self, seq: int, emoji: str) -> None:
            super().__init__()
            self.seq = seq
            self.emoji = emoji

    class OriginalPressed(UIMessage):
        """A click on what a message answers."""

        def __init__(self, seq: int) -> None:
            super().__init__()
            self.seq = seq

    _came_from: Anchor | None = None
    _jumped = False
    _by_mouse = False

    @property
    def chosen_message(self) -> Message | None:
        return None if self.chosen is None else self._transcript.message(self.chosen)

    def choose(self, seq: int | None) -> bool:
        """None lets go. False if there is nothing to choose there."""
        message = None if seq is None else self._transcript.message(seq)
        if seq is not None and (message is None or not _is_choosable(message)):
            return False
        self._transcript.chosen = seq
        if seq is not None:
            self._transcript.bring(seq)
        self._flush()
        return True

    def choose_step(self, by: int) -> bool:
        """The message before (-1) or after (1) the chosen one; where none is, the last that is
        seen. False past the last; what was chosen then is let go."""
        found = self._last_seen() if self.chosen is None else self._next(by)
        if found is not None:
            return self.choose(found)
        if by > 0:
            self.choose(None)
        return by < 0

    def hides(self, seq: int) -> bool:
        """Whether a message has a spoiler or long code, for `toggle_hidden`."""
        return self._transcript.hides(seq)

    def toggle_hidden(self, seq: int) -> bool:
        """Uncover a message's spoilers and unfold its code, or hide them again. False if it has
        none, or is not here."""
        toggled = self._transcript.toggle_hidden(seq)
        if toggled:
            self._flush()
        return toggled

    def leave_place(self) -> None:
        """For another place of the same room: `return_to_place` comes back."""
        if not self._jumped:
            self._came_from, self._jumped = self._transcript.anchor(), True

    def return_to_place(self) -> bool:
        """To where `leave_place` was called first. False if it was not, or one is there."""
        if not self._jumped:
            return False
        self._jumped = False
        self._transcript.go_to(self._came_from)
        self._flush()
        return True

    def forget_place(self) -> None:
        self._jumped = False

    def on_click(self, event: events.Click) -> None:
        if not self.chooses or event.chain != 1 or event.offset != self._pressed_at:
            return
        message = self.message_at(event.y)
        if message is None:
            self.choose(None)
        elif REACTION in event.style.meta:
            self.post_message(self.ReactionPressed(message.seq, event.style.meta[REACTION]))
        elif ORIGINAL in event.style.meta:
            self.post_message(self.OriginalPressed(event.style.meta[ORIGINAL]))
        elif not self.choose(message.seq):
            self.choose(None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._by_mouse = True

    def on_focus(self, event: events.Focus) -> None:
        if not event.from_app_focus:
            self.call_later(self._focused)

    def on_blur(self) -> None:
        self._by_mouse = False

    def _focused(self) -> None:
        """By a key something is meant; a press of the mouse may begin a selection of text."""
        if self.chooses and self.has_focus and not self._by_mouse and self.chosen is None:
            self.choose_step(-1)

    def states(self, states: Mapping[int, str]) -> None:
        """What stands at the right edge of messages, by their `seq`; of the others nothing."""
        self._transcript.states(states)
        self._changed()

    def _changed(self) -> None:
        raise NotImplementedError

    def _flush(self) -> None:
        raise NotImplementedError

    def _last_seen(self) -> int | None:
        transcript = self._transcript
        if not transcript.window:
            return None
        place = transcript.rows.locate(transcript.y + transcript.window - 1)
        rows = transcript.rows
        last = _choosable(rows.at(place))
        return last if last is not None else _first_of(rows.back(place))

    def _next(self, by: int) -> int | None:
        rows = self._transcript.rows
        place = rows.find(message_id(self.chosen or 0))
        if place is None:
            return None
        if by < 0:
            return _first_of(rows.back(place))
        onward = rows.onward(place)
        next(onward)
        return _first_of(onward)


def _first_of(rows: Iterable[Row]) -> int | None:
    return next((seq for seq in map(_choosable, rows) if seq is not None), None)


def _choosable(row: Row) -> int | None:
    if isinstance(row, MessageRow) and _is_choosable(row.message):
        return row.message.seq
    return None


def _is_choosable(message: Message) -> bool:
    return is_sent(message.seq) and not message.deleted
