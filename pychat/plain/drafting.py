"""What is written and not said, on disk: the next program finds it, on the full screen too."""

import asyncio
from pathlib import Path

from pychat.plain.desk import Desk
from pychat.plain.lines import label
from pychat.tui.draft_store import DraftStore
from pychat.tui.drafts import Drafts, Place
from pychat.tui.telling import places

KEEP_SECONDS = 1.0
"""After a key, and at most once in that time, what is typed is written to the disk."""


class Drafting:
    """Where one writes into no line of ours, drafts are left as they are."""

    def __init__(self, desk: Desk, path: Path | None) -> None:
        self._desk = desk
        self._store = DraftStore(path)
        self._drafts = Drafts(self._store.load())
        self._fault = ""
        self._place: Place = None
        self._later: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Tell what the program before has left."""
        left = self._drafts.places()
        if left and self._desk.editor is not None:
            self._desk.say(
                f"What you wrote and did not send is still there: {label(places(left))}."
            )
        self._tell_fault()

    def open(self, place: Place) -> None:
        """Go on with what was written there."""
        self._keep()
        self._place = place
        text = self._drafts.of(place)
        if text and not self._desk.put(text) and self._desk.editor is not None:
            self._desk.editor.remember(text)
            self._desk.say("What you had written here and not sent comes back by the Up key.")

    def changed(self) -> None:
        if self._later is None and self._desk.editor is not None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(KEEP_SECONDS, self.save)

    def save(self) -> list[Place]:
        """Write all to the disk now; the places of which nothing is kept there."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._desk.editor is None:
            return []
        self._keep()
        lost = self._store.save(self._drafts.texts())
        self._tell_fault()
        return lost

    def _keep(self) -> None:
        if self._desk.editor is not None:
            self._drafts.keep(self._place, self._desk.written)

    def _tell_fault(self) -> None:
        if self._store.fault and self._store.fault != self._fault:
            self._desk.say(self._store.fault)
        self._fault = self._store.fault
