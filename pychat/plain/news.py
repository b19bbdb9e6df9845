"""What the client learns, told in the order in which it came about."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from pychat.client import Changes, ConnectionLost, FellBehind, Note
from pychat.plain.lines import happened, label
from pychat.protocol.events import Event, Logged
from pychat.tui import naming, telling

if TYPE_CHECKING:
    from pychat.plain.talk import Talk

UNNOTICED_MS = 5_000
"""A shorter break in which nothing was missed is not told."""

STILL_SECONDS = 15.0
"""Between two words about a connection that is still not there."""


class News:
    """What changed comes by a callback, what was said as events. Changes of one batch are told
    before its events, so that a break is told before what was missed in it; but who left had their
    say first."""

    def __init__(self, talk: "Talk", *, now: Callable[[], int], clock: Callable[[], float]) -> None:
        client = talk.client
        self._talk = talk
        self._now = now
        self._clock = clock
        self._changes: deque[Changes] = deque()
        self._events: deque[Event] = deque()
        self._due: asyncio.Handle | None = None
        self._was = client.state
        self._name, self._epoch = client.mirror.name, client.mirror.epoch
        self._refused: str | None = None
        """The code of the refusal to come back of which was told."""
        self._told_at = 0.0
        self._unsubscribe = client.subscribe(self._arrived)
        self._reading = self._begin_reading()

    async def close(self) -> None:
        """Tell what has come until now, and no more. The client is closed already."""
        self._unsubscribe()
        await self._reading
        if self._due is not None:
            self._due.cancel()
        self._tell()

    def _begin_reading(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._read(self._talk.client.events()), name="pychat events")

    async def _read(self, stream: AsyncIterator[Event]) -> None:
        try:
            async for event in stream:
                self._events.append(event)
                self._wake()
        except (ConnectionLost, FellBehind):
            # It is told where the connection is.
            return

    def _arrived(self, changes: Changes) -> None:
        # In a turn of its own: a fault here must not end in the connection's.
        self._changes.append(changes)
        self._wake()

    def _wake(self) -> None:
        if self._due is None:
            self._due = asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._due = None
        went: list[tuple[str, Note]] = []
        while self._changes:
            changes = self._changes.popleft()
            went += (
                (room, note)
                for room, notes in changes.notes.items()
                for note in notes
                if note.kind == "left"
            )
            self._show(changes)
        while self._events:
            event = self._events.popleft()
            if isinstance(event, Logged):
                self._talk.going.happened(event)
        self._show_notes([note for room, note in went if room == self._talk.here])

    def _show(self, changes: Changes) -> None:
        talk, mirror = self._talk, self._talk.client.mirror
        if mirror.epoch != self._epoch:
            self._epoch = mirror.epoch
            talk.going.begin_anew()
            talk.say("The Hall has begun a new log: what was said before is not in it.")
        if changes.connection:
            self._show_connection()
        here = mirror.room(talk.here) if talk.here is not None else None
        if talk.here is not None and here is None:
            talk.going.open(None)
        if here is not None:
            notes = changes.notes.get(here.name, [])
            self._show_notes([note for note in notes if note.kind != "left"])
            if here.name in changes.reset:
                talk.going.catch_up(here)
        for name in changes.reset:
            view = mirror.room(name)
            if view is not None and view is not here:
                talk.going.announce(view)
        for notice in changes.notices:
            talk.say(label(f"The Hall says: {notice}"))
        if changes.outgoing:
            talk.waiting.show()
        talk.going.show_place()

    def _show_notes(self, notes: list[Note]) -> None:
        """Of the room that is open."""
        for note in notes:
            if note.kind == "fetched":
                self._show_break(note.count)
        here = self._talk.client.mirror.room(self._talk.here or "")
        if here is not None and (line := happened(notes, here.count)):
            self._talk.say(line)

    def _show_break(self, missed: int) -> None:
        began, ended = self._talk.client.lost_at, self._now()
        if began is None or (not missed and ended - began < UNNOTICED_MS):
            return
        zone = self._talk.zone
        hours = self._talk.wording.hours
        words = telling.was_offline(began, ended, missed, "missed", zone, hours)
        self._talk.say(f"You were {words}.")

    # The connection

    def _show_connection(self) -> None:
        client = self._talk.client
        was, self._was = self._was, client.state
        if client.state == "connected":
            if was != "connected":
                self._came_back()
        elif client.state == "offline":
            if was != "offline" and client.lost is not None:
                again = "/reconnect tries again; what you write is queued."
                self._talk.say(label(telling.sentences(client.lost.text, again)))
            self._talk.waiting.show()
        elif was != "connecting":
            self._restart()
            self._told_at = self._clock()
            words = "Trying to come back; what you write is queued."
            self._talk.say(label(telling.sentences("No connection now", client.trouble, words)))
        else:
            self._show_retry()
        self._show_refusal()

    def _show_retry(self) -> None:
        client = self._talk.client
        now = self._clock()
        if client.retry is None or now - self._told_at < STILL_SECONDS:
            return
        self._told_at = now
        attempt = telling.ordinal(client.retry.attempt)
        self._talk.say(label(telling.sentences(f"Still trying, {attempt} time", client.trouble)))

    def _came_back(self) -> None:
        talk, mirror = self._talk, self._talk.client.mirror
        self._restart()
        talk.say("Connected again.")
        if mirror.name != self._name:
            talk.say(f"You are called {label(mirror.name)} now.")
        self._name = mirror.name
        talk.start(talk.going.join_wanted())

    def _restart(self) -> None:
        """Events end where a connection ends for good; it may be taken up again all the same."""
        if self._reading.done():
            self._reading = self._begin_reading()

    def _show_refusal(self) -> None:
        refusal = self._talk.client.refusal
        code = refusal.code if refusal is not None else None
        if refusal is not None and code != self._refused and code in naming.FAULTS:
            self._talk.say(
                label(telling.sentences(refusal.text, "/name NAME comes back under another"))
            )
        self._refused = code
