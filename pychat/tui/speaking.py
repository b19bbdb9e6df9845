"""What is typed: said, or kept as a draft, on disk too. Nothing typed is lost."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pychat.client import CommandError, ConnectionLost, RoomView
from pychat.protocol.text import clean
from pychat.tui.draft_store import DraftStore
from pychat.tui.drafts import Drafts, Place
from pychat.tui.history import History
from pychat.tui.history_store import HistoryStore
from pychat.tui.intents import Answer, Change
from pychat.tui.keymap import Keymap, live_keymap
from pychat.tui.settings.live import settings_of
from pychat.tui.soon import Soon
from pychat.tui.telling import places

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen
    from pychat.tui.widgets.composer_area import ComposerArea

TYPING_SECONDS = 3.0
"""Between two signs of typing; the Hall passes on no more."""

KEEP_SECONDS = 1.0
"""After a key, and at most once in that time, what is typed is written to the disk."""

KEEP_AGAIN_SECONDS = 5.0
"""Between two tries where the disk has refused."""


def no_connection(keymap: Keymap) -> str:
    key = keymap.way("reconnect", "/reconnect")
    return f"there is no connection now; {key} tries to get it back"


class Speaking:
    def __init__(
        self,
        hall: "HallScreen",
        store: DraftStore,
        sent: HistoryStore,
        *,
        clock: Callable[[], float],
    ) -> None:
        self.history = History(self._load_sent, self._keep_sent)
        self._sent = sent
        self.drafts = Drafts(store.load())
        self._store = store
        self._meant = dict(store.meant)
        """What drafts of the program before are to become, by rooms that were not entered yet."""
        self._fault = ""
        self._refused = False
        self._writing: ComposerArea | None = None
        """The screen's own; it is still to be read when the screen has lost it."""
        self._hall = hall
        self._saving = Soon(hall)
        self._clock = clock
        self._typing_told = -TYPING_SECONDS

    def say(self, text: str, *, typed: str) -> bool:
        """Say the text in the open room; what was typed comes back if that cannot be."""
        hall, intents = self._hall, self._hall.acting.acts.intents
        room = hall.here
        if room is None:
            key = live_keymap(hall).way("switch-room", "/switch")
            self._refuse(
                typed, f"you are in no room here, so nobody would read it: /join ROOM, or {key}"
            )
            return False
        try:
            item = hall.client.post(room, text, intents.answers(room))
        except (CommandError, ConnectionLost) as error:
            self._refuse(typed, error.text)
            return False
        intents.set(room, None)
        hall.acting.acts.show_intent()
        # Else a kill within the next second would leave it said and still to be said.
        self.save()
        self._tell_fault()
        hall.waiting.posted(item)
        hall.complain("")
        hall.message_log.action_scroll_end()
        return True

    def say_all(self, texts: list[str]) -> None:
        """One after the other; from the first that cannot be said on they come back."""
        for index, text in enumerate(texts):
            if not self.say(text, typed="\n".join(texts[index:])):
                return

    def _refuse(self, typed: str, why: str) -> None:
        self._hall.composer.give_back(typed)
        self._hall.complain(why)

    def give_back(self, place: Place, typed: str, why: str) -> None:
        """What was typed at `place` came to nothing: back to there, if that is free."""
        hall = self._hall
        if typed and not self._put_back(place, typed):
            hall.tell(f"not done: {typed}")
        hall.complain(why)

    def begin(self, writing: "ComposerArea") -> None:
        """With the screen: tell in which rooms the program before has left something."""
        self._writing = writing
        rooms = [place for place in self.drafts.places() if place is not None]
        if rooms:
            self._hall.tell(f"What you wrote and did not send is still there: {places(rooms)}.")
        self._tell_fault()

    def keep_draft(self) -> None:
        """Of the place that is open, before another is."""
        if self._writing is not None:
            self.drafts.keep(self._hall.here, self._writing.draft)

    def take_up_meant(self, view: RoomView) -> None:
        """What the draft of a room is to become, where the program before has left one, and the
        message that it is about is still here."""
        meant = self._meant.pop(view.name, None)
        if meant is None or meant.epoch != self._hall.client.mirror.epoch:
            return
        acts, message = self._hall.acting.acts, view.message(meant.target)
        if message is None or message.deleted:
            return
        if not meant.changes:
            acts.intents.set(view.name, Answer(message))
        elif acts.is_mine(message):
            self.drafts.keep(view.name, clean(meant.text))
            acts.intents.set(view.name, Change(message, message.text, clean(meant.before)))

    def save(self) -> list[Place]:
        """Write all drafts to the disk now; the places of which nothing is kept there."""
        self._saving.cancel()
        self.keep_draft()
        intents, texts = self._hall.acting.acts.intents, self.drafts.texts()
        meant = self._meant | intents.meant(texts, self._hall.client.mirror.epoch)
        return self._store.save(intents.on_disk(texts), meant)

    def would_be_lost(self) -> str:
        """With the program: in which places something is written; empty if nowhere."""
        return places(self.save())

    def typed(self, text: str) -> None:
        """Tell the room that I am writing, not too often, and not of what is no message."""
        hall = self._hall
        self._save_within(KEEP_SECONDS)
        room = hall.here
        now = self._clock()
        if (
            room is None
            or hall.client.state != "connected"
            or not text.strip()
            or text.lstrip().startswith("/")
            or text == self.drafts.of(room)
            or now - self._typing_told < TYPING_SECONDS
        ):
            return
        self._typing_told = now
        hall.start(partial(self._tell_typing, room), "typing")

    def _load_sent(self) -> list[str]:
        return self._sent.load() if settings_of(self._hall).composer.history else []

    def _keep_sent(self, text: str) -> None:
        if settings_of(self._hall).composer.history:
            self._sent.keep(text)

    def _put_back(self, place: Place, text: str) -> bool:
        """Whether the place's draft was free to take it."""
        hall = self._hall
        if place == hall.here:
            if hall.composer.text:
                return False
            hall.writing.give_back(text)
            return True
        if self.drafts.of(place):
            return False
        self.drafts.keep(place, text)
        return True

    def _save_within(self, seconds: float) -> None:
        if not self._saving.is_due:
            self._saving.call(self._save_at_last, seconds)

    def _save_at_last(self) -> None:
        self.save()
        self._tell_fault()

    def _tell_fault(self) -> None:
        fault, refused = self._store.fault, self._store.refuses
        if fault and fault != self._fault:
            self._hall.tell(fault)
        elif self._refused and not refused:
            self._hall.tell("What you write and do not send is kept on disk again.")
        self._fault, self._refused = fault, refused
        if refused:
            self._save_within(KEEP_AGAIN_SECONDS)

    async def _tell_typing(self, room: str) -> None:
        try:
            await self._hall.client.typing(room)
        except (CommandError, ConnectionLost):
            # Nobody misses it.
            return
