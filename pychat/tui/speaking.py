"""What is said: on its way, confirmed, or come back. Nothing typed is lost."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pychat.client import CommandError, ConnectionLost
from pychat.protocol.errors import Refused
from pychat.protocol.text import check_text
from pychat.tui.drafts import Drafts, Outbox, Outgoing, Place, TooMany
from pychat.tui.log import Unsent
from pychat.tui.telling import listed

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

TYPING_SECONDS = 3.0
"""Between two signs of typing; the Hall passes on no more."""

AGAIN = "F5 or /reconnect dials again; what you type stays here."

NO_CONNECTION = f"there is no connection. {AGAIN}"


class Speaking:
    def __init__(
        self, hall: "HallScreen", *, now: Callable[[], int], clock: Callable[[], float]
    ) -> None:
        self.drafts = Drafts()
        self.outbox = Outbox(lambda: secrets.token_hex(16))
        self._hall = hall
        self._now = now
        self._clock = clock
        self._typing_told = -TYPING_SECONDS

    def say(self, text: str, *, typed: str) -> None:
        """Send the text to the open room; what was typed comes back if that cannot be."""
        hall = self._hall
        room = hall.here
        if room is None:
            self._refuse(
                typed, "you are in no room here, so nobody would read it: /join ROOM, or Ctrl+K"
            )
        elif hall.client.state != "connected":
            self._refuse(typed, NO_CONNECTION)
        else:
            try:
                outgoing = self.outbox.add(room, check_text(text), self._now())
            except (Refused, TooMany) as error:
                self._refuse(typed, str(error))
                return
            hall.complain("")
            hall.message_log.action_scroll_end()
            self._send(outgoing)

    def _refuse(self, typed: str, why: str) -> None:
        self._hall.composer.give_back(typed)
        self._hall.complain(why)

    def retry(self) -> None:
        """Send again what was not sent, in its order."""
        failed = self.outbox.failed()
        if not failed:
            self._hall.complain("everything has been sent")
        elif self._hall.client.state != "connected":
            self._hall.complain(NO_CONNECTION)
        else:
            self._hall.complain("")
            for outgoing in failed:
                self._send(outgoing)

    def give_back(self, place: Place, typed: str, why: str) -> None:
        """What was typed at `place` came to nothing: back to there, if that is free."""
        hall = self._hall
        if typed and not self._put_back(place, typed):
            hall.tell(f"not done: {typed}")
        hall.complain(why)

    def keep_draft(self) -> None:
        """Of the place that is open, before another is."""
        self.drafts.keep(self._hall.here, self._hall.composer.text)

    def would_be_lost(self) -> str:
        """With the program: as the beginning of a sentence; empty if nothing."""
        self.keep_draft()
        drafts = self.drafts.places()
        places = listed(["the Hall" if room is None else f"#{room}" for room in drafts])
        parts = [f"{len(self.outbox)} unsent"] if len(self.outbox) else []
        parts += [f"what you wrote in {places}"] if drafts else []
        return " and ".join(parts)

    def typed(self, text: str) -> None:
        """Tell the room that I am writing, not too often, and not of what is no message."""
        hall = self._hall
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

    def show(self, room: str) -> None:
        """Show what waits in the room, if it is the open one."""
        hall = self._hall
        if room == hall.here:
            name = hall.client.mirror.name
            hall.message_log.unsent(
                [
                    Unsent(text=each.text, sender=name, time=each.time, state=each.state)
                    for each in self.outbox.of(room)
                ]
            )
        hall.touch()

    def _send(self, outgoing: Outgoing) -> None:
        outgoing.fault = ""
        self.show(outgoing.room)
        # Workers begin in the order of their making, so messages keep theirs.
        self._hall.start(partial(self._deliver, outgoing), "sending")

    async def _deliver(self, outgoing: Outgoing) -> None:
        client = self._hall.client
        try:
            await client.send(outgoing.room, outgoing.text, nonce=outgoing.nonce)
        except CommandError as error:
            self._refused(outgoing, error.text)
        except ConnectionLost as error:
            outgoing.fault = error.text
        else:
            self.outbox.remove(outgoing)
        self.show(outgoing.room)

    def _refused(self, outgoing: Outgoing, why: str) -> None:
        if self._put_back(outgoing.room, outgoing.text):
            self.outbox.remove(outgoing)
            self._hall.complain(f"not sent to #{outgoing.room}: {why}")
        else:
            outgoing.fault = why
            self._hall.complain(f"not sent to #{outgoing.room}: {why} — Alt+R sends it again")

    def _put_back(self, place: Place, text: str) -> bool:
        """Whether the place's draft was free to take it."""
        hall = self._hall
        if place == hall.here:
            if hall.composer.text:
                return False
            hall.composer.put(text)
            return True
        if self.drafts.of(place):
            return False
        self.drafts.keep(place, text)
        return True

    async def _tell_typing(self, room: str) -> None:
        try:
            await self._hall.client.typing(room)
        except (CommandError, ConnectionLost):
            # Nobody misses it.
            return
