"""What was said and has not arrived: how it is shown, and what the person decides about it.

It is the client's outbox that has it; nothing goes from there but what the Hall has confirmed or
the person gives up.
"""

from functools import partial
from typing import TYPE_CHECKING

from pychat.client import CommandError, ConnectionLost, Outbox, Outgoing
from pychat.protocol import commands
from pychat.tui import telling
from pychat.tui.log import Unsent
from pychat.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

PATIENCE = 0.3
"""Seconds after which a message on its way says so: most have arrived by then."""

_DECIDED = ("failed", "held")
"""States that nothing but the person ends."""


class Waiting:
    def __init__(self, hall: "HallScreen") -> None:
        self._hall = hall
        self._fresh: set[str] = set()
        """Nonces of those said less than PATIENCE ago."""
        self._fault = ""
        self._rooms = list(dict.fromkeys([*hall.client.kept_rooms, *self.outbox.rooms()]))
        """Still to be joined: something waits there, or the Hall had kept me there."""

    @property
    def outbox(self) -> Outbox:
        return self._hall.client.outbox

    def posted(self, item: Outgoing) -> None:
        self._fresh.add(item.nonce)
        self._hall.set_timer(PATIENCE, partial(self._aged, item))

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
                    state=state_of(item, connected=connected, fresh=item.nonce in self._fresh),
                    reply_to=item.reply_to,
                )
                for item in self.outbox.of(room)
            ]
            hall.message_log.unsent(lines)
        if self.outbox.fault != self._fault:
            self._fault = self.outbox.fault
            if self._fault:
                hall.tell(self._fault)
        hall.touch()

    # What the person decides

    def retry(self, *, everything: bool) -> None:
        """Send again the last that was not sent, or all of them, in their order."""
        chosen = self._choose(_DECIDED, everything=everything)
        if not chosen:
            waiting = telling.messages(len(self.outbox))
            self._hall.complain(
                f"nothing has failed; {waiting} queued, and go when the Hall is there again"
                if len(self.outbox)
                else "everything has been sent"
            )
            return
        self._hall.complain("")
        for item in chosen:
            if item.state == "held":
                self.outbox.release(item)
            else:
                self.outbox.retry(item)
        self._rooms += [room for room in {item.room: None for item in chosen} if self._is_out(room)]
        self.join_rooms()

    def release(self) -> None:
        """Send all that waited long."""
        if self.outbox.held():
            self.outbox.release()
        else:
            self._hall.complain("nothing has waited so long that it asks")

    def discard_held(self) -> None:
        """Give up all that waited long, after one more question: it was one letter."""
        question = f"Discard {telling.messages(len(self.outbox.held()))} for good?"
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
                        f"#{room} cannot be joined: {error.text}",
                        f"For it {waiting} waiting; /discard -a gives up what is not sent.",
                    )
                )
            self._rooms = [each for each in self._rooms if each != room]
        if joined:
            if hall.here is None:
                hall.greet()
            hall.tell(f"You are back in {telling.listed([f'#{room}' for room in joined])}.")

    # How

    def _is_out(self, room: str) -> bool:
        return self._hall.client.mirror.room(room) is None

    def _choose(self, states: tuple[str, ...], *, everything: bool) -> list[Outgoing]:
        items = [item for item in self.outbox if item.state in states]
        if everything:
            return items
        here = [item for item in items if item.room == self._hall.here]
        return (here or items)[-1:]

    def _aged(self, item: Outgoing) -> None:
        self._fresh.discard(item.nonce)
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


def state_of(item: Outgoing, *, connected: bool, fresh: bool) -> str:
    """What stands at the right edge."""
    why = f": {item.why.rstrip('.')}" if item.why else ""
    match item.state:
        case "failed":
            return f"✗ not sent{why} · Alt+R retry"
        case "held":
            return "waited long · Alt+R sends it"
        case _ if not connected:
            return "queued"
        case _ if fresh:
            return ""
        case "sending":
            return "sending…"
        case _:
            return f"queued{why}"
