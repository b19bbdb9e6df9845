"""What was said and has not arrived: how it is shown, and what the person decides about it.

It is the client's outbox that has it; nothing goes from there but what the Hall has confirmed or
the person gives up.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from pychat.client import CommandError, ConnectionLost, Outbox, Outgoing, RoomView
from pychat.protocol import commands
from pychat.protocol.replies import Message
from pychat.tui import telling
from pychat.tui.keymap import live_keymap
from pychat.tui.log import Unsent
from pychat.tui.log.layout import ARRIVED
from pychat.tui.soon import Soon

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

PATIENCE = 0.3
"""Seconds after which a message on its way says so: most have arrived by then."""

_DECIDED = ("failed", "held")
"""States that nothing but the person ends."""

_TO_CHANGE = frozenset({"bad-request", "bad-text", "text-too-long", "no-such-message"})
"""Refusals that come again unless something else is said."""


class Waiting:
    def __init__(self, hall: "HallScreen") -> None:
        self._hall = hall
        self._fresh: dict[str, Soon] = {}
        """By nonce, those said less than PATIENCE ago."""
        self._arrived = ("", 0)
        """The room and the `seq` of the last that I said in the open room while it was."""
        self._fault = ""
        self._rooms = list(dict.fromkeys([*hall.client.kept_rooms, *self.outbox.rooms()]))
        """Still to be joined: something waits there, or the Hall had kept me there."""

    @property
    def outbox(self) -> Outbox:
        return self._hall.client.outbox

    def posted(self, item: Outgoing) -> None:
        aging = self._fresh[item.nonce] = Soon(self._hall)
        aging.call(partial(self._aged, item, item.nonce), PATIENCE)

    def end(self) -> None:
        for aging in self._fresh.values():
            aging.cancel()

    def show(self, room: str) -> None:
        """What waits in the room, if it is the open one."""
        hall = self._hall
        here = hall.here
        view = hall.client.mirror.room(room)
        if here is not None and view is not None and view.name == here:
            me, connected = hall.client.mirror.name, hall.client.state == "connected"
            lines = [
                Unsent(
                    text=words(item),
                    sender=me,
                    time=item.created,
                    state=state_of(
                        item,
                        connected=connected,
                        fresh=item.nonce in self._fresh,
                        kept=self.outbox.is_kept(item),
                        key=self._key,
                    ),
                    reply_to=item.reply_to,
                )
                for item in self.outbox.of(room)
                if not _is_at_target(item, view)
            ]
            hall.message_log.unsent(lines)
            hall.message_log.states(self._states(view))
        if self.outbox.fault != self._fault:
            self._fault = self.outbox.fault
            hall.tell(self._fault or "What waits to be sent is kept on disk again.")
        hall.touch()

    def arrived(self, room: str, messages: Sequence[Message]) -> None:
        """What has been said in the open room just now: the last of mine has arrived."""
        mine = [each.seq for each in messages if self._hall.acting.acts.is_mine(each)]
        view = self._hall.client.mirror.room(room)
        if mine and view is not None:
            self._arrived = (room, mine[-1])
            self._hall.message_log.states(self._states(view))

    def _states(self, view: RoomView) -> dict[int, str]:
        """What stands beside messages that are there."""
        room, seq = self._arrived
        last = view.message(seq) if room == view.name else None
        arrived = last is not None and not last.deleted and self._hall.acting.acts.is_mine(last)
        states = {seq: ARRIVED} if arrived else {}
        connected = self._hall.client.state == "connected"
        for item in self.outbox.of(view.name):
            target = _target(item)
            if target is not None and _is_at_target(item, view):
                fresh = item.nonce in self._fresh
                kept = self.outbox.is_kept(item)
                state = state_of(item, connected=connected, fresh=fresh, kept=kept, key=self._key)
                if state:
                    states[target] = f"{_doing(item)} {state}"
        return states

    def at_the_end(self) -> str:
        """What becomes of it with the program, as a sentence; empty if nothing waits."""
        self.outbox.catch_up()
        count = len(self.outbox)
        kept = sum(map(self.outbox.is_kept, self.outbox))
        if not count:
            return ""
        if kept == count:
            return f"{telling.messages(count)} not sent: kept on this machine until you come back."
        if not kept:
            return f"{telling.messages(count)} not sent would be lost."
        return (
            f"{telling.messages(count)} not sent: {kept:,} kept on this machine until you come "
            f"back, {count - kept:,} not on disk: these would be lost."
        )

    # What the person decides

    def retry(self, *, everything: bool) -> None:
        """Send again the last that was not sent, or all of them, in their order."""
        chosen = self._choose(_DECIDED, everything=everything)
        if not chosen:
            self._retry_nothing()
            return
        self._hall.complain("")
        if not everything and to_change(chosen[0]):
            self._take_up(chosen[0])
            return
        for item in chosen:
            if item.state == "held":
                self.outbox.release(item)
            elif not to_change(item):
                self.outbox.retry(item)
        if left := sum(map(to_change, chosen)):
            self._hall.complain(
                f"{telling.messages(left)} would be refused again: {self._key} takes the last one "
                "up to be changed, /discard gives it up"
            )
        self._join_for(chosen)

    @property
    def _key(self) -> str:
        """That takes up what was not sent."""
        return live_keymap(self._hall).way("retry", "/retry")

    def _retry_nothing(self) -> None:
        stuck = [item for item in self.outbox if self._is_out(item.room)]
        waiting = telling.messages(len(self.outbox))
        if stuck and self._hall.client.state == "connected":
            self._join_for(stuck)
        elif len(self.outbox):
            self._hall.complain(
                f"nothing has failed; {waiting} queued, and go when the Hall is there again"
            )
        else:
            self._hall.complain("everything has been sent")

    def _take_up(self, item: Outgoing) -> None:
        """Back into the composer, to be changed: as it is it would be refused again."""
        hall = self._hall
        if self._is_out(item.room):
            place = telling.room_title(item.room)
            hall.complain(f"it was for {place}: /join {item.room}, then {self._key} takes it up")
            return
        if item.room != hall.here:
            hall.open(item.room)
        if hall.composer.text:
            hall.complain(f"send or clear what you are writing, then {self._key} takes it up")
            return
        hall.composer.put(item.text)
        # First there, then gone from here, whatever ends the program.
        hall.speaking.save()
        self.outbox.discard(item)
        hall.complain(f"{item.why.rstrip('.')}: change it, then Enter")

    def release(self) -> None:
        """Send all that waited long."""
        if self.outbox.held():
            self.outbox.release()
        else:
            self._hall.complain("nothing has waited so long that it asks")

    def discard_held(self) -> None:
        """Give up all that waited long, after one more question: it was one letter."""
        question = f"Discard {telling.messages(len(self.outbox.held()))} for good?"
        from pychat.tui.screens.confirm import ConfirmScreen

        screen = ConfirmScreen(f"{question} Enter keeps them, D discards them.", key="d")
        self._hall.app.push_screen(screen, self._discard_held)

    def _discard_held(self, sure: bool | None) -> None:
        count = len(self.outbox.held())
        if sure and self.outbox.discard():
            self._hall.tell(f"Discarded: {telling.messages(count)}.")

    def discard(self, *, everything: bool) -> None:
        """Give up the last that was not sent, or all of them."""
        chosen = self._choose(_DECIDED, everything=everything) or self._choose(
            ("queued",), everything=everything
        )
        given_up = [item for item in chosen if self.outbox.discard(item)]
        if not given_up:
            self._hall.complain("nothing waits that could be given up")
        elif everything:
            self._hall.tell(f"Discarded: {telling.messages(len(given_up))}.")
        else:
            self._hall.tell(f"Discarded: {words(given_up[0])}")

    def review(self) -> None:
        """Look at what waited long, room by room."""
        rooms = list(dict.fromkeys(item.room for item in self.outbox.held()))
        rooms = [room for room in rooms if not self._is_out(room)]
        if rooms:
            at = rooms.index(self._hall.here) + 1 if self._hall.here in rooms else 0
            self._hall.open(rooms[at % len(rooms)])

    # Rooms in which something waits

    def _join_for(self, items: list[Outgoing]) -> None:
        self._rooms += [room for room in {item.room: None for item in items} if self._is_out(room)]
        self.join_rooms()

    def join_rooms(self) -> None:
        """Go where something waits, so that it is sent."""
        if self._rooms:
            self._hall.start(self._join_rooms, "joining")

    async def _join_rooms(self) -> None:
        hall = self._hall
        joined: list[str] = []
        while self._rooms:
            room = self._rooms[0]
            try:
                if self._is_out(room):
                    joined.append((await hall.client.join(room)).room)
            except ConnectionLost:
                # Once there is one again.
                return
            except CommandError as error:
                waiting = telling.messages(len(self.outbox.of(room)))
                hall.tell(
                    telling.sentences(
                        f"{telling.room_title(room)} cannot be joined: {error.text}",
                        f"For it {waiting} waiting; /discard -a gives up what is not sent.",
                    )
                )
            self._rooms = [each for each in self._rooms if each != room]
        if joined:
            if hall.here is None:
                hall.greet()
            hall.tell(f"You are back in {telling.places(joined)}.")

    # How

    def _is_out(self, room: str) -> bool:
        return self._hall.client.mirror.room(room) is None

    def _choose(self, states: tuple[str, ...], *, everything: bool) -> list[Outgoing]:
        items = [item for item in self.outbox if item.state in states]
        if everything:
            return items
        here = [item for item in items if item.room == self._hall.here]
        return (here or items)[-1:]

    def _aged(self, item: Outgoing, nonce: str) -> None:
        # Its own may be another by now: that of who goes on over an outage.
        del self._fresh[nonce]
        if item.state in ("queued", "sending"):
            self.show(item.room)


def words(item: Outgoing) -> str:
    """What is shown of it."""
    match item.command:
        case commands.Send():
            return item.text
        case commands.Edit():
            return f"(edit) {item.text}"
        case commands.Delete():
            return "(deletes a message)"
        case commands.React():
            return "(reacts to a message)"


def _target(item: Outgoing) -> int | None:
    """The message that it changes."""
    return None if isinstance(item.command, commands.Send) else item.command.target


def _is_at_target(item: Outgoing, view: RoomView) -> bool:
    """Whether what becomes of it is told beside the message that it changes. What the person is to
    decide about has a line of its own."""
    target = _target(item)
    return target is not None and item.state not in _DECIDED and view.message(target) is not None


def _doing(item: Outgoing) -> str:
    match item.command:
        case commands.Edit():
            return "edit"
        case commands.Delete():
            return "deletion"
        case _:
            return "reaction"


def to_change(item: Outgoing) -> bool:
    """Whether the Hall would refuse it again as it is, and what is written can be changed."""
    if not isinstance(item.command, commands.Send):
        return False
    return item.state == "failed" and item.code in _TO_CHANGE


def state_of(item: Outgoing, *, connected: bool, fresh: bool, kept: bool, key: str) -> str:
    """What stands at the right edge; `key` is that which sends again."""
    why = f": {item.why.rstrip('.')}" if item.why else ""
    match item.state:
        case "failed":
            return f"✗ not sent{why} · {key} {'edit' if to_change(item) else 'retry'}"
        case "held":
            return f"waited long · {key} sends it"
        case _ if not connected:
            return "queued" if kept else "queued · not on disk"
        case _ if fresh:
            return ""
        case "sending":
            return "sending…"
        case _:
            return f"queued{why}"
