"""One stay in a Hall: what is typed, line by line, and what is told meanwhile."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from datetime import tzinfo
from pathlib import Path

from pychat.client import Client, CommandError, ConnectionLost
from pychat.plain import typed
from pychat.plain.completing import candidates
from pychat.plain.desk import Desk
from pychat.plain.drafting import Drafting
from pychat.plain.ending import Ending
from pychat.plain.errands import Errands
from pychat.plain.going import Going
from pychat.plain.lines import Wording, label
from pychat.plain.news import News
from pychat.plain.waiting import Waiting
from pychat.tui import slash
from pychat.tui.clock import Hours
from pychat.tui.slash import Mistake

QUIT_SECONDS = 2.0
"""How long the Hall may take to answer a farewell."""

ARRIVAL_SECONDS = 1.0
"""What is on its way when a person leaves, or gives a command, may take that long to arrive."""

TYPING_SECONDS = 3.0
"""Between two signs of typing; the Hall passes on no more."""

PIPED = 100
"""Messages on their way; while there are so many, a pipe is not read any further."""

NO_CONNECTION = "there is no connection now; /reconnect tries to get it back"


class Talk:
    def __init__(
        self,
        client: Client,
        desk: Desk,
        drafts: Path | None,
        zone: tzinfo,
        hours: Hours = "24h",
    ) -> None:
        self.client = client
        self.desk = desk
        self.zone = zone
        self.wording = Wording(zone, hours)
        self.refused = False
        """Whether anything that was typed came to nothing."""
        self.going = Going(self)
        self.waiting = Waiting(self)
        self.drafting = Drafting(desk, drafts)
        self.errands = Errands(self)
        self._started: set[asyncio.Task[None]] = set()
        self._quitting: slash.Quit | None = None
        self._warned = False
        self._typing_told = -TYPING_SECONDS
        self._news = News(self, now=self.now, clock=time.monotonic)

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    @property
    def here(self) -> str | None:
        """The room that is open; None is the Hall."""
        return self.client.mirror.open_room

    def say(self, text: str) -> None:
        self.desk.say(text)

    def refuse(self, text: str) -> None:
        """What was asked for is not done."""
        self.refused = True
        self.say(label(f"Not done: {text}"))

    def start(self, errand: Coroutine[None, None, None]) -> None:
        """Have it run beside the rest; it ends with the stay at the latest."""
        task = asyncio.create_task(errand)
        self._started.add(task)
        task.add_done_callback(self._started.discard)

    async def begin(self, room: str | None) -> None:
        """Greet, and go into the room, or back to where one was. Raises what joining raises."""
        mirror = self.client.mirror
        self.say(
            f"You are {label(mirror.name)} in {label(mirror.hall or 'the Hall')}. /list shows the "
            "rooms, /join ROOM goes into one, /help lists all commands."
        )
        self.drafting.begin()
        self.waiting.show()
        self.going.join_where([*self.client.kept_rooms, *self.client.outbox.rooms()])
        await asyncio.gather(*self._started)
        if room is not None:
            await self.going.join(room)
        elif mirror.rooms:
            self.going.open(next(iter(mirror.rooms)))
        else:
            self.going.show_place()

    async def listen(self) -> None:
        """Until somebody quits, the input ends, or nobody reads what is told."""
        while self._quitting is None:
            line = await self.desk.line()
            if line is None:
                return
            await self._take(line)
            if not self.desk.asks and not await self.waiting.fewer_than(PIPED):
                return

    async def settle(self) -> Ending:
        """After the last line: wait until it is known what became of it all."""
        if self.desk.asks:
            await self.waiting.arrive(ARRIVAL_SECONDS)
        else:
            await self.waiting.fewer_than(1)
        why = self.waiting.at_the_end()
        if self.desk.asks:
            return Ending("left", why)
        if self.waiting.mine("queued", "sending", "held"):
            return Ending("unconfirmed", why)
        if self.refused or self.waiting.mine("failed"):
            return Ending("refused", why)
        return Ending("left", why)

    async def close(self) -> None:
        """Say goodbye. What is not confirmed stays on the disk."""
        for task in self._started:
            task.cancel()
        self.drafting.save()
        reason = self._quitting.reason if self._quitting is not None else None
        with contextlib.suppress(TimeoutError, CommandError):
            async with asyncio.timeout(QUIT_SECONDS):
                await self.client.quit(reason)
        await self.client.close()
        await self._news.close()

    # What is typed

    async def _take(self, line: str | Mistake) -> None:
        meant = typed.parse(line) if isinstance(line, str) else line
        match meant:
            case Mistake():
                self.refuse(meant.text)
                self._give_back(line)
            case slash.Say():
                self._say(meant.text)
            case slash.Quit():
                self._quit(meant)
            case _:
                await self._perform(meant, line)
        self.drafting.changed()

    def _say(self, text: str) -> None:
        if not text:
            return
        if self.here is None:
            self.refuse("you are in no room here, so nobody would read it: /join ROOM first")
            self._give_back(text)
            return
        try:
            item = self.client.post(self.here, text)
        except (CommandError, ConnectionLost) as error:
            self.refuse(error.text)
            self._give_back(text)
            return
        # Else a kill within the next second would leave it said and still to be said.
        self.drafting.save()
        self.waiting.posted(item)

    async def _perform(self, command: slash.Command | typed.History, line: object) -> None:
        # What was said just before is what a command may be about.
        if self.desk.asks:
            await self.waiting.arrive(ARRIVAL_SECONDS)
        else:
            await self.waiting.fewer_than(1)
        try:
            await self.errands.carry_out(command)
        except CommandError as error:
            self.refuse(error.text)
            self._give_back(line)
        except ConnectionLost:
            self.refuse(NO_CONNECTION)
            self._give_back(line)

    def _quit(self, command: slash.Quit) -> None:
        if self.desk.asks and self.waiting.would_be_lost() and not self._warned:
            self._warned = True
            self.say(f"{self.waiting.at_the_end()} /quit again leaves all the same.")
        else:
            self._quitting = command

    def _give_back(self, line: object) -> None:
        if isinstance(line, str):
            self.desk.put(line)

    # What is being typed

    def written(self) -> None:
        """What is written has changed: keep it, and tell the room, not too often."""
        self.drafting.changed()
        text, room, now = self.desk.written, self.here, time.monotonic()
        if (
            room is not None
            and self.client.state == "connected"
            and text.strip()
            and not text.lstrip().startswith("/")
            and now - self._typing_told >= TYPING_SECONDS
        ):
            self._typing_told = now
            self.start(self._tell_typing(room))

    async def _tell_typing(self, room: str) -> None:
        # Nobody misses it.
        with contextlib.suppress(CommandError, ConnectionLost):
            await self.client.typing(room)

    def complete(self, before: str) -> tuple[int, list[str]]:
        begin, names = candidates(before, self.client.mirror, self.errands.known_rooms)
        return begin, list(names)
