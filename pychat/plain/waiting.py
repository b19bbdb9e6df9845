"""What was said and has not arrived, in words, and what one decides about it."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from pychat.client import Outbox, Outgoing
from pychat.plain.lines import excerpt, label
from pychat.protocol import commands
from pychat.tui import telling

if TYPE_CHECKING:
    from pychat.plain.talk import Talk

PATIENCE = 0.3
"""Seconds after which a message on its way says so: most have arrived by then."""

SETTLE_SECONDS = 60.0
"""Without any confirmation; then what is still not confirmed is left for the next program."""

SHOWN_CHARS = 60
"""Of a message, where it is told what becomes of it."""

_DECIDED = ("failed", "held")
_TO_CHANGE = frozenset({"bad-request", "bad-text", "text-too-long", "no-such-message"})
"""Refusals that come again unless something else is said."""


class Waiting:
    def __init__(self, talk: "Talk") -> None:
        self._talk = talk
        self._mine: set[str] = set()
        """Nonces of what was said by this program and is not confirmed."""
        self._told: set[str] = set()
        """Nonces of those of which it was told that they failed or wait for a decision."""
        self._fault = ""
        self._progress = asyncio.Event()

    @property
    def outbox(self) -> Outbox:
        return self._talk.client.outbox

    def posted(self, item: Outgoing) -> None:
        self._mine.add(item.nonce)
        self._show_fault()
        if not self._talk.desk.asks:
            return
        if self._talk.client.state == "connected":
            asyncio.get_running_loop().call_later(PATIENCE, self._aged, item)
        else:
            self._tell("queued", item)

    def show(self) -> None:
        """What has become of it, if that is news."""
        failed = [item for item in self.outbox if item.state == "failed"]
        held = [item for item in self.outbox if item.state == "held"]
        for item in failed:
            if item.nonce not in self._told:
                why = f", {item.why.rstrip('.')}" if item.why else ""
                self._tell(f"not sent{why}", item)
                self._talk.say("/retry sends it again, /discard gives it up.")
        if any(item.nonce not in self._told for item in held):
            self._talk.say(
                f"Waited for more than ten minutes: {telling.messages(len(held))}. /release sends "
                "them, /discard -a gives them up."
            )
        waiting = {item.nonce for item in self.outbox}
        self._told = {item.nonce for item in (*failed, *held)}
        self._mine &= waiting
        self._show_fault()
        self._progress.set()

    async def fewer_than(self, count: int) -> bool:
        """Wait until so few are on their way. False where nothing gets on any more."""
        waiting = self._on_their_way()
        while len(waiting) >= count:
            if not await self._get_on(waiting):
                return False
            waiting = self._on_their_way()
        return True

    async def _get_on(self, waiting: set[str]) -> bool:
        """Wait until one of them is on its way no more."""
        output = self._talk.desk.output
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while self._on_their_way() >= waiting:
                    if self._talk.client.state == "offline" or output.gone.is_set():
                        # Who reads nothing of it is not kept waiting either.
                        return False
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            return False
        return True

    async def arrive(self, seconds: float) -> None:
        """Give what is on its way so long to get there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._talk.client.state == "connected" and self._on_their_way():
                    self._progress.clear()
                    await self._progress.wait()

    def at_the_end(self) -> str:
        """What becomes of it with the program, in sentences; empty if nothing waits."""
        self.outbox.catch_up()
        count = len(self.outbox)
        kept = sum(map(self.outbox.is_kept, self.outbox))
        told = []
        if kept:
            told.append(f"{telling.messages(kept)} not sent: kept here until you come back.")
        if kept < count:
            told.append(f"{telling.messages(count - kept)} not sent and not on disk: lost.")
        return " ".join(told)

    def would_be_lost(self) -> bool:
        return not all(map(self.outbox.is_kept, self.outbox))

    def mine(self, *states: str) -> bool:
        """Whether anything that this program said is in one of these states."""
        return any(item.nonce in self._mine and item.state in states for item in self.outbox)

    # What one decides

    def retry(self, *, everything: bool) -> None:
        chosen = self._choose(_DECIDED, everything=everything)
        for item in chosen:
            if item.state == "held":
                self.outbox.release(item)
            elif not _is_to_change(item):
                self.outbox.retry(item)
        again = [item for item in chosen if _is_to_change(item)]
        if again:
            self._take_up(again[-1])
        elif not chosen:
            count = len(self.outbox)
            waits = f"{telling.messages(count)} on the way" if count else "everything has been sent"
            self._talk.say(f"Nothing has failed: {waits}.")
        self._talk.going.join_where([item.room for item in chosen])

    def _take_up(self, item: Outgoing) -> None:
        """To be changed: as it is it would be refused again."""
        same_room = item.room == self._talk.here
        if same_room and isinstance(item.command, commands.Send) and self._talk.desk.put(item.text):
            # First there, then gone from here, whatever ends the program.
            self._talk.drafting.save()
            self.outbox.discard(item)
            self._talk.say("It would be refused again. It is in your line now: change it.")
        else:
            self._talk.refuse(
                f"it would be refused again as it is ({label(item.why)}); /discard gives it up"
            )

    def release(self) -> None:
        if self.outbox.held():
            self.outbox.release()
        else:
            self._talk.refuse("nothing has waited so long that it asks")

    def discard(self, *, everything: bool) -> None:
        chosen = self._choose(_DECIDED, everything=everything) or self._choose(
            ("queued",), everything=everything
        )
        given_up = [item for item in chosen if self.outbox.discard(item)]
        if given_up:
            self._talk.say(f"Given up: {telling.messages(len(given_up))}.")
        else:
            self._talk.refuse("nothing waits that could be given up")

    # How

    def _choose(self, states: tuple[str, ...], *, everything: bool) -> list[Outgoing]:
        items = [item for item in self.outbox if item.state in states]
        if everything:
            return items
        here = [item for item in items if item.room == self._talk.here]
        return (here or items)[-1:]

    def _on_their_way(self) -> set[str]:
        return {item.nonce for item in self.outbox if item.state in ("queued", "sending")}

    def _aged(self, item: Outgoing) -> None:
        if item.state in ("queued", "sending"):
            self._tell(item.state, item)

    def _tell(self, state: str, item: Outgoing) -> None:
        where = "" if item.room == self._talk.here else f" in #{item.room}"
        disk = "" if self.outbox.is_kept(item) else ", not on disk"
        self._talk.say(label(f"{state}{disk}{where}: {_words(item)}"))

    def _show_fault(self) -> None:
        if self.outbox.fault != self._fault:
            self._fault = self.outbox.fault
            self._talk.say(label(self._fault or "What waits to be sent is kept on disk again."))


def _is_to_change(item: Outgoing) -> bool:
    return item.state == "failed" and item.code in _TO_CHANGE


def _words(item: Outgoing) -> str:
    match item.command:
        case commands.Send():
            return excerpt(item.text, SHOWN_CHARS)
        case commands.Edit():
            return f"edit of {item.command.target}, {excerpt(item.text, SHOWN_CHARS)}"
        case commands.Delete():
            return f"deleting {item.command.target}"
        case commands.React():
            return f"reacting to {item.command.target}"
