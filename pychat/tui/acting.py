"""The message that is chosen in the log: the keys that act on it, and the line that tells them.

Only these keys act; any other letter means the composer.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events

from pychat.client import RoomView
from pychat.protocol.replies import Message
from pychat.tui.keymap import live_keymap
from pychat.tui.log.markup import code_blocks, links_of
from pychat.tui.message_acts import MessageActs
from pychat.tui.widgets.action_line import Action

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

_DELETE_QUESTION = "delete this message?"


class Acting:
    def __init__(self, hall: "HallScreen") -> None:
        self.acts = MessageActs(hall)
        self._hall = hall
        self._deleting: int | None = None
        """The `seq` of the message that the line asks about."""
        self._keys: dict[str, str] = {}
        """What each key does now, by Textual's name or the character."""

    @property
    def chosen(self) -> Message | None:
        return self._hall.message_log.chosen_message

    def show(self) -> None:
        """The line, or the status line while nothing is chosen."""
        hall, message = self._hall, self.chosen
        if message is None or message.seq != self._deleting:
            self._deleting = None
        if message is None:
            self._keys = {}
            hall.actions.show(())
            hall.status.remove_class("-away")
            if hall.message_log.has_focus:
                hall.composer.focus()
            return
        asks = self._deleting is not None
        actions = _DELETING if asks else self._actions(message)
        self._keys = {_KEYS.get(action.key, action.key): action.name for action in actions}
        hall.status.add_class("-away")
        hall.actions.show(actions, _DELETE_QUESTION if asks else "")
        hall.message_log.focus()

    def entered(self) -> None:
        """Another place is open."""
        self.acts.show_intent()
        self.show()

    def key(self, event: events.Key) -> bool:
        """Whether the key was one of these."""
        if self.chosen is None or not self._hall.message_log.has_focus:
            return False
        if event.key in ("up", "down"):
            self._hall.message_log.choose_step(-1 if event.key == "up" else 1)
            return True
        name = self._keys.get(event.character or "") or self._keys.get(event.key)
        if name is None:
            self.leave()
            return False
        self.run(name)
        return True

    def run(self, name: str) -> None:
        message = self.chosen
        if message is None:
            return
        if name == "delete" and self._deleting is None:
            self._deleting = message.seq
            self.show()
            return
        if name == "keep":
            self.escape()
            return
        stays = name in ("toggle", "react", "inform", "copy", "code", "open")
        if not stays:
            self.leave()
        self._act(name)(message)

    def escape(self) -> bool:
        """One step back: from the question, from the chosen message, from where a jump has led,
        from what the bar above the composer says. False if there is none."""
        if self._deleting is not None:
            self._deleting = None
            self.show()
        elif self.chosen is not None:
            self.leave()
        else:
            return self._hall.message_log.return_to_place() or self.acts.cancel()
        return True

    def leave(self) -> None:
        self._hall.message_log.choose(None)
        self.show()

    def step(self, by: int) -> None:
        if self._hall.here is not None and (by < 0 or self.chosen is not None):
            self._hall.message_log.choose_step(by)

    def edit_last(self) -> bool:
        """False if nothing here is mine."""
        message = self.last(self._hall.client.mirror.room(self._hall.here or ""), mine=True)
        if message is not None:
            self.acts.change(message)
        return message is not None

    def last(
        self,
        view: RoomView | None,
        *,
        mine: bool = False,
        having: Callable[[str], object] = bool,
    ) -> Message | None:
        """The last message of a room; with `having` one whose text has something."""
        for message in reversed(view.messages if view is not None else []):
            is_meant = not mine or self.acts.is_mine(message)
            if not message.deleted and is_meant and having(message.text):
                return message
        return None

    def copy_code(self) -> None:
        """Of the chosen message, or the last code in the room."""
        view = self._hall.client.mirror.room(self._hall.here or "")
        message = self.chosen or self.last(view, having=code_blocks)
        if message is None:
            text = "there is no code here; {select-up} chooses a message to copy"
            self._hall.complain(live_keymap(self._hall).fill(text))
        else:
            self.acts.copy_code(message)

    def _actions(self, message: Message) -> tuple[Action, ...]:
        mine = self.acts.is_mine(message)
        hides = self._hall.message_log.hides(message.seq)
        offered = (
            (True, Action("r", "reply", "answer", 9)),
            (mine, Action("e", "edit", "change", 8)),
            (self.acts.may_delete(message), Action("d", "delete", "delete", 7)),
            (True, Action("+", "react", "react", 6)),
            (hides, Action("Enter", "open/fold", "toggle", 4)),
            (True, Action("c", "copy", "copy", 5)),
            ("://" in message.text and bool(links_of(message.text)), _OPEN),
            (message.reply_to is not None, Action("j", "original", "original", 2)),
            (True, Action("q", "quote", "quote", 1)),
            (True, Action("i", "info", "inform", 0)),
            (True, Action("Esc", "back", "leave", 10)),
        )
        return tuple(action for is_offered, action in offered if is_offered)

    def _act(self, name: str) -> Callable[[Message], object]:
        acts, hall = self.acts, self._hall
        return {
            "answer": acts.answer,
            "change": acts.change,
            "delete": acts.delete,
            "react": acts.choose_reaction,
            "toggle": lambda message: hall.message_log.toggle_hidden(message.seq),
            "copy": acts.copy,
            "open": acts.open_links,
            "original": lambda message: hall.go_to_message(message.reply_to or 0),
            "quote": acts.quote,
            "inform": acts.inform,
            "leave": lambda message: None,
        }[name]


_OPEN = Action("o", "open link", "open", 3)
_DELETING = (Action("d", "again deletes", "delete", 1), Action("Esc", "keeps", "keep"))
_KEYS = {"Enter": "enter", "Esc": "escape"}
