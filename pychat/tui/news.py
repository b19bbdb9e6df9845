"""What the client learns, put on the Hall's screen, one batch after the other."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from pychat.client import Changes, Note, RoomView
from pychat.tui import naming, people, telling
from pychat.tui.alerts import Alerts
from pychat.tui.keymap import live_keymap
from pychat.tui.log import Rule
from pychat.tui.settings.live import settings_of

if TYPE_CHECKING:
    from pychat.tui.screens.ask import AskScreen
    from pychat.tui.screens.hall import HallScreen

BREAKS = 20
"""Per room, of which the log keeps the line."""

UNNOTICED_MS = 5_000
"""A shorter break in which nothing was missed is not told."""


class News:
    def __init__(
        self,
        hall: "HallScreen",
        *,
        tz: tzinfo,
        now: Callable[[], int],
        clock: Callable[[], float],
    ) -> None:
        self.alerts = Alerts(hall, tz=tz, now=now, clock=clock)
        self._hall = hall
        self._tz = tz
        self._now = now
        self._rules: dict[str, deque[Rule]] = {}
        self._was = hall.client.state
        self._name = hall.client.mirror.name
        self._epoch = hall.client.mirror.epoch
        self._another_log = False
        """Whether the Hall has begun a new one, and nobody has been told yet."""
        self._asking: AskScreen[str] | None = None
        self._asked = False
        """Whether the person knows that the name is gone."""

    def arrived(self, changes: Changes) -> None:
        # In the screen's own turn: a fault here must not end in the connection's.
        self._hall.call_later(self._show, changes)

    def rules(self, room: str) -> Sequence[Rule]:
        """The lines of the breaks that the room has seen."""
        return tuple(self._rules.get(room, ()))

    def ask_name(self) -> None:
        """Under which name to come back, since another has mine."""
        self._asked = True
        if self._asking is None:
            from pychat.tui.screens import questions
            from pychat.tui.screens.ask import AskScreen

            self._asking = AskScreen(questions.name_to_come_back(self._hall.client))
            self._hall.app.push_screen(self._asking, self._answered)

    def _show(self, changes: Changes) -> None:
        hall = self._hall
        here = hall.here
        if hall.client.mirror.epoch != self._epoch:
            # Lines at places in a log that is gone.
            self._rules.clear()
            self._epoch, self._another_log = hall.client.mirror.epoch, True
        fresh = self._keep_rules(changes)
        if here is not None and hall.client.mirror.room(here) is None:
            hall.open(None)
        elif here is not None:
            self._show_messages(here, changes, fresh.get(here))
            self._show_notes(here, changes)
        self.alerts.arrived(changes)
        for notice in changes.notices:
            hall.notice(notice)
        for room in changes.outgoing:
            hall.waiting.show(room)
        if changes.connection:
            self._show_connection()
        hall.touch()

    def _show_messages(self, here: str, changes: Changes, rule: Rule | None) -> None:
        hall, log = self._hall, self._hall.message_log
        view = hall.client.mirror.rooms[here]
        if here in changes.reset:
            rules = self.rules(here)
            shown = people.veiled(view.messages, hall.hushed)
            log.show(
                shown,
                key=here,
                more_before=view.more_before,
                unread_after=view.last_read if view.unread else None,
                rules=rules,
            )
            hall.waiting.show(here)
            for note in changes.notes.get(here, ()):
                if _is_too_much(note, view):
                    log.note(telling.far_behind(note.count))
        elif rule is not None:
            log.rule(rule)
        if here in changes.prepended:
            older = people.veiled(changes.prepended[here], hall.hushed)
            log.prepend(older, view.more_before)
        if here in changes.appended:
            fresh = people.veiled(changes.appended[here], hall.hushed)
            log.append(fresh, view.last_read if view.unread else None)
            hall.waiting.arrived(here, changes.appended[here])
        for message in changes.replaced.get(here, ()):
            log.replace(people.veil(message, hall.hushed))

    def _show_notes(self, here: str, changes: Changes) -> None:
        view = self._hall.client.mirror.rooms[here]
        notes = changes.notes.get(here, ())
        if not settings_of(self._hall).look.joins:
            notes = [note for note in notes if note.kind not in ("joined", "left", "renamed")]
        line = telling.happened(notes, view.count)
        if line is not None:
            self._hall.message_log.note(line)

    def _keep_rules(self, changes: Changes) -> dict[str, Rule]:
        """The lines that are new, by room."""
        fresh: dict[str, Rule] = {}
        for room, notes in changes.notes.items():
            view = self._hall.client.mirror.room(room)
            for note in notes:
                if view is None or note.kind != "fetched":
                    continue
                words = self._break(note, _is_too_much(note, view))
                if words is not None:
                    fresh[room] = Rule(note.after, words)
                    self._rules.setdefault(room, deque(maxlen=BREAKS)).append(fresh[room])
        return fresh

    def _break(self, note: Note, too_much: bool) -> str | None:
        began, ended = self._hall.client.lost_at, self._now()
        if began is None or (not note.count and ended - began < UNNOTICED_MS):
            return None
        how = "missed" if too_much else "fetched"
        hours = settings_of(self._hall).look.clock
        return telling.was_offline(began, ended, note.count, how, self._tz, hours)

    # The connection

    def _show_connection(self) -> None:
        hall, client = self._hall, self._hall.client
        was, self._was = self._was, client.state
        if was != client.state and hall.here is not None:
            # What is queued is called so as long as it has to wait.
            hall.waiting.show(hall.here)
        if was == "connected" != client.state:
            self._name = client.mirror.name
        if client.state == "connected":
            self._settled(came_back=was != "connected")
        elif client.state == "offline" and was != "offline" and client.lost is not None:
            key = live_keymap(hall).way("reconnect", "/reconnect")
            hall.tell(
                telling.sentences(client.lost.text, f"{key} tries again; what you write is queued.")
            )
        refusal = client.refusal
        if refusal is None:
            self._asked = False
        elif refusal.code in naming.FAULTS and not self._asked:
            self.ask_name()

    def _settled(self, *, came_back: bool) -> None:
        hall = self._hall
        if self._asking is not None and not self._asking.busy:
            self._asking.action_cancel()
        if came_back:
            if hall.client.mirror.name != self._name:
                hall.tell(f"You are called {hall.client.mirror.name} now.")
            if self._another_log:
                self._another_log = False
                hall.tell("The Hall has begun a new log: what was said before is not in it.")
            hall.waiting.join_rooms()
            if hall.here is None:
                hall.greet()

    def _answered(self, name: str | None) -> None:
        self._asking = None
        if name is None and self._hall.client.state != "connected":
            key = live_keymap(self._hall).way("reconnect", "/reconnect")
            self._hall.complain(f"you are not back in the Hall: {key} asks again for a name")


def _is_too_much(note: Note, view: RoomView) -> bool:
    """Whether some of what was missed is to be fetched by who scrolls up."""
    if note.kind != "fetched" or note.after + 1 >= view.loaded_from:
        return False
    return note.count > sum(message.seq > note.after for message in view.messages)
