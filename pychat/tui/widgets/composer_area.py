"""The composer with what stands around it: pop-up, paste bar, and the history of what was sent."""

from collections.abc import Callable, Mapping, Sequence

from textual import events, on
from textual.containers import Vertical
from textual.widgets import TextArea

from pychat.tui import paste
from pychat.tui.completion import (
    Candidate,
    Cycle,
    Kind,
    Token,
    cycle_at,
    inserted,
    is_complete,
    ranked,
    token_at,
)
from pychat.tui.history import History, Walk
from pychat.tui.messages import EditLast, Pasted, Submitted
from pychat.tui.settings.live import settings_of
from pychat.tui.widgets.composer import Composer
from pychat.tui.widgets.intent_bar import IntentBar
from pychat.tui.widgets.paste_bar import PasteBar
from pychat.tui.widgets.popup import Popup
from pychat.tui.widgets.recall_bar import RecallBar

Offers = Callable[[Kind], Sequence[Candidate]]


class ComposerArea(Vertical):
    def __init__(self, history: History, offers: Offers, takes: Mapping[str, str]) -> None:
        """`offers`: all that a token may become, those that are likely first; `takes`: what the
        first argument of a command is, by its name."""
        self.popup, self.paste_bar = Popup(), PasteBar()
        self.recall_bar, self.composer = RecallBar(history), Composer(self)
        # Not composed: the screen writes into it before that would be.
        self.intent_bar = IntentBar()
        super().__init__(
            *(self.popup, self.paste_bar, self.recall_bar, self.intent_bar, self.composer),
            id="writing",
        )
        self._changing = False
        self._history = history
        self._offers = offers
        self._takes = takes
        self._walk: Walk | None = None
        self._cleared = False
        """The composer has just been emptied into the history."""
        self._cycle: tuple[Cycle, str] | None = None
        """With the line as Tab has left it."""
        self._offered: tuple[Kind, int, Sequence[Candidate]] | None = None
        """To the token of that kind and place."""
        self.mistaken = ""
        """What was no command, as it was written: Alt+Enter says it as it is."""
        self._refused: tuple[str, int] | None = None
        """The kind and place of the token of which the person wants no pop-up."""

    # The text

    @property
    def draft(self) -> str:
        """What is written, wherever it stands now."""
        composer, pasted = self.composer, self.paste_bar.text
        walk = self._walk
        if walk is not None and not walk.is_back and composer.text == walk.entry:
            return walk.typed + pasted
        if not pasted:
            return composer.text
        row, column = composer.cursor_location
        lines = composer.text.split("\n")
        lines[row] = lines[row][:column] + pasted + lines[row][column:]
        return "\n".join(lines)

    def take_up(self, text: str, *, title: str, hint: str) -> None:
        """Another place, with its draft; the draft of the one before has been kept."""
        self._end_walk(kept=self.draft)
        self.paste_bar.let_go()
        self.recall_bar.close()
        self.composer.take_up(text, title=title, hint=hint)

    def give_back(self, text: str) -> None:
        """What was submitted came to nothing. Nothing lies over what is told of it."""
        self.composer.give_back(text)
        self.look()
        if self.popup.token is not None:
            self._refused = (self.popup.token.kind, self.popup.token.start)
            self.popup.close()

    def show_intent(self, text: str, *, changing: bool = False) -> None:
        """What the text is to become, on the bar; `changing` means that none is an answer, too."""
        self.intent_bar.show(text)
        self._changing = changing

    def clear(self) -> None:
        """Into the history, from where Up brings it back as long as nothing is typed."""
        self._end_walk()
        self._history.add(self.composer.text)
        self.composer.clear()
        self._cleared = True

    def escape(self) -> bool:
        """Close what is open, the uppermost first; False if nothing is. No text goes away."""
        if self.recall_bar.display:
            self.recall_bar.close()
        elif self.paste_bar.display:
            self._drop_paste()
        elif self.popup.display and self.popup.token is not None:
            self._refused = (self.popup.token.kind, self.popup.token.start)
            self.popup.close()
        else:
            return False
        return True

    # The composer's keys

    def takes(self, event: events.Key, action: str) -> bool:
        if self.recall_bar.display:
            return self._search_key(event, action)
        if self._changing and action == "submit" and not self.composer.text.strip():
            self.post_message(Submitted(""))
            return True
        if self.paste_bar.display and self._answer_paste(event.key):
            return True
        if event.key == "alt+enter" and self.mistaken == self.composer.text != "":
            self._say_mistaken()
            return True
        self.look()
        if self.popup.display and self._popup_key(action):
            return True
        if action not in ("cursor_up", "recall(-1)"):
            self._cleared = False
        return False

    def _say_mistaken(self) -> None:
        text, self.mistaken = self.mistaken, ""
        self.submitted(text)
        self.composer.clear()
        self.post_message(Pasted([text.strip()]))

    def submitted(self, text: str) -> None:
        self._end_walk()
        self._history.add(text)

    # Pasting

    def pasted(self, text: str) -> None:
        text = paste.tidy(text)
        if not text:
            return
        most = settings_of(self).composer
        asks = paste.asks(text, lines=most.paste_lines, chars=most.paste_chars)
        if self.paste_bar.display or asks:
            self.recall_bar.close()
            self.paste_bar.hold(text, part=self.intent_bar.display)
            self.popup.close()
        else:
            self._insert(text)
        self.composer.focus()

    def _answer_paste(self, key: str) -> bool:
        match self.paste_bar.answer(key):
            case None:
                return False
            case "edit":
                self._insert(self.paste_bar.let_go())
            case "drop":
                self._drop_paste()
            case []:
                pass
            case parts:
                self.paste_bar.let_go()
                if len(parts) == 1 and not self.intent_bar.display:
                    self._history.add(parts[0])
                self.post_message(Pasted(parts))
        return True

    def _drop_paste(self) -> None:
        too_much = self.paste_bar.is_too_much
        text = self.paste_bar.let_go()
        if not too_much:
            self.composer.leave_to_undo(text)

    def _insert(self, text: str) -> None:
        composer = self.composer
        composer.replace(text, *composer.selection, maintain_selection_offset=False)

    # Completion

    @on(TextArea.SelectionChanged)
    @on(TextArea.Changed)
    def look(self) -> None:
        """What may the word at the cursor become now?"""
        composer = self.composer
        walk = self._walk
        if walk is not None and not walk.is_back and composer.text != walk.entry:
            # Now this is the draft, and what was typed before the walk is not.
            self._history.add(walk.typed)
        row, column = composer.cursor_location
        line = composer.document[row] if row < composer.document.line_count else ""
        token = None
        if composer.selection.is_empty and not self._is_waiting():
            before, after = line[:column], line[column:]
            token = token_at(before, after, first=row == 0, takes=self._takes)
        if token is None:
            self._refused = None
            self.popup.close()
        elif (token.kind, token.start) != self._refused:
            self._refused = None
            if token != self.popup.token:
                self._show(token)

    def offer_again(self) -> None:
        """There may be more to offer now."""
        self._offered = None
        if self.popup.token is not None:
            self._show(self.popup.token)

    def _show(self, token: Token) -> None:
        if self._offered is None or self._offered[:2] != (token.kind, token.start):
            self._offered = token.kind, token.start, self._offers(token.kind)
        self.popup.show(token, ranked(token, self._offered[2]))

    def _is_waiting(self) -> bool:
        """For something else than the next word: its keys would be the pop-up's."""
        walk = self._walk
        recalled = walk is not None and not walk.is_back and self.composer.text == walk.entry
        return recalled or self.paste_bar.display or self.recall_bar.display

    def _popup_key(self, action: str) -> bool:
        match action:
            case "cursor_up" | "cursor_down":
                self.popup.step(-1 if action == "cursor_up" else 1)
            case "complete":
                self.take()
            case "submit" if self.popup.chosen_by_hand or not self._is_complete():
                self.take()
            case _:
                return False
        return True

    def _is_complete(self) -> bool:
        token = self.popup.token
        return token is None or is_complete(token, self.popup.rows)

    @on(Popup.Taken)
    def take(self) -> None:
        """Put what is chosen in the place of the token."""
        token, chosen = self.popup.token, self.popup.chosen
        if token is None:
            return
        composer = self.composer
        row, column = composer.cursor_location
        text = inserted(token, chosen, composer.document[row][column:])
        composer.replace(text, (row, token.start), (row, column), maintain_selection_offset=False)
        self._refused = (token.kind, token.start)
        self.popup.close()

    def complete(self) -> bool:
        composer = self.composer
        row, column = composer.cursor_location
        line = composer.document[row]
        if self._cycle is not None and self._cycle[1] == line[:column]:
            cycle = self._cycle[0]
        else:
            people, rooms = self._offers("person"), self._offers("room")
            found = cycle_at(line[:column], first=row == 0, people=people, rooms=rooms)
            if found is None:
                return False
            cycle = found
        text = cycle.next()
        composer.replace(text, (row, cycle.start), (row, column), maintain_selection_offset=False)
        self._cycle = cycle, line[: cycle.start] + text
        self.popup.close()
        return True

    # What was sent

    def up(self) -> bool:
        walking = self._walk is not None and not self._walk.is_back
        if not (self.composer.text or walking or self._cleared):
            self.post_message(EditLast())
        else:
            self.recall(-1)
        return True

    def down(self) -> bool:
        if self._walk is None or self._walk.is_back:
            return False
        self.recall(1)
        return True

    def recall(self, by: int) -> None:
        composer = self.composer
        walk = self._walk or self._history.walk(composer.text)
        text = walk.step(by, composer.text)
        if text is not None:
            self._cleared = False
            self._walk = walk
            composer.exchange(text)
            self.popup.close()

    def search_history(self) -> None:
        if not self.recall_bar.display:
            self.popup.close()
            self.recall_bar.open()

    def _search_key(self, event: events.Key, action: str) -> bool:
        bar = self.recall_bar
        match action:
            case "search_history" | "recall(-1)" | "cursor_up":
                bar.older()
            case "delete_left":
                bar.erase()
            case "submit":
                self._take_found()
            case "" if event.is_printable and event.character:
                bar.type(event.character)
            case _:
                self._take_found()
                return False
        return True

    def _take_found(self) -> None:
        """As if one had walked there: what was typed comes back with Down."""
        found = self.recall_bar.found
        self.recall_bar.close()
        if found is None:
            return
        self._end_walk()
        walk = self._history.walk(self.composer.text)
        text = walk.go(found, walk.typed)
        if text is not None:
            self._walk = walk
            self.composer.exchange(text)

    def _end_walk(self, kept: str = "") -> None:
        """What was written on it does not go away with it; `kept` is a draft."""
        for text in self._walk.left_behind() if self._walk is not None else ():
            if text != kept:
                self._history.add(text)
        self._walk = None
