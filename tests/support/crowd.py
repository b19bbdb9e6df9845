"""Clients that talk and listen all the time, and tell the oracle what they meant and heard."""

import asyncio
import contextlib
import functools
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

from pychat.client import Changes, Client, CommandError, connect
from pychat.client.timing import SYSTEM_TIMING, Timing
from pychat.protocol.events import Logged
from pychat.protocol.replies import Sent
from tests.support.invariants import Invariants

ROOM = "lobby"


class Talker:
    """One person with a client that comes back by itself.

    Half of what it says it posts, for the other half it waits: both are promises.
    """

    def __init__(self, client: Client, oracle: Invariants, after: int, *, room: str = ROOM) -> None:
        self.client = client
        self.room = room
        self.name = client.mirror.name
        self.came_back: list[float] = []
        """When it was connected again, by time.monotonic()."""
        self.acknowledged = 0.0
        """When that was begun which was acknowledged last, by time.monotonic()."""
        self.last_heard = 0
        self.leaps = 0
        """How often it had missed more than a delta holds, and went on from the newest page."""
        self._newest_pages = [0]
        """Heads of the room when such a page came."""
        self._oracle = oracle
        self._hearing = oracle.hearing(self.name, room, after)
        self._numbers = itertools.count()
        self._was_connected = True
        self._stream = client.events()
        self._news = asyncio.Event()
        client.subscribe(self._told)

    @classmethod
    async def enter(
        cls,
        address: str,
        name: str,
        oracle: Invariants,
        *,
        timing: Timing = SYSTEM_TIMING,
        room: str = ROOM,
    ) -> "Talker":
        client = await connect(address, name=name, reconnect=True, timing=timing)
        talker = cls(client, oracle, 0, room=room)
        joined = await client.join(room)
        talker._hearing.after = talker.last_heard = joined.seq
        return talker

    def _told(self, changes: Changes) -> None:
        self._news.set()
        if self.room in changes.reset:
            self._newest_pages.append(self.client.mirror.rooms[self.room].head)
        connected = self.client.state == "connected"
        if connected and not self._was_connected:
            self.came_back.append(time.monotonic())
        self._was_connected = connected

    async def listen(self) -> None:
        """Until cancelled, or the connection ends for good."""
        async for event in self._stream:
            if isinstance(event, Logged):
                if self.last_heard < event.prev <= self._newest_pages[-1]:
                    self._leap(event.prev)
                self._hearing.heard(event)
                self.last_heard = event.seq
                self._news.set()

    def _leap(self, head: int) -> None:
        """What lies between is to be had by `history`."""
        self.leaps += 1
        self._hearing.to_the_end = False
        self._hearing = self._oracle.hearing(self.name, self.room, head)

    async def talk(self, pause: float, count: int | None = None) -> None:
        """Say one thing after the other, or without a pause as many at once as wait."""
        for number in itertools.islice(self._numbers, count):
            text, nonce = f"{self.name} {number}", f"{self.name}-{number}"
            began = time.monotonic()
            if number % 2:
                self._oracle.meant(self.name, self.room, nonce, text)
                sent = await self.send(text, nonce)
                self._oracle.acknowledged(self.name, self.room, nonce, sent.seq)
            else:
                await self.post(text)
            self.acknowledged = began
            self._news.set()
            await asyncio.sleep(pause)

    async def send(self, text: str, nonce: str) -> Sent:
        return await self.client.send(self.room, text, nonce=nonce)

    async def post(self, text: str) -> None:
        """Say it by the outbox, and wait until it is said."""
        item = self.client.post(self.room, text)
        self._oracle.meant(self.name, self.room, item.nonce, text)
        await self.until(lambda: item.state not in ("queued", "sending"))
        if item.state != "sent":
            raise CommandError("unavailable", f"{text!r} is {item.state}: {item.why}")
        self._oracle.acknowledged(self.name, self.room, item.nonce)

    async def heard(self, seq: int) -> None:
        """Until it has been told of the room's event `seq`, and of all before."""
        await self.until(lambda: self.last_heard >= seq)

    def is_done(self) -> bool:
        """Nothing that it said waits."""
        return not self.client.outbox and self.client.state == "connected"

    def is_back_since(self, moment: float) -> bool:
        """Connected again after that."""
        return bool(self.came_back) and self.came_back[-1] >= moment

    async def until(self, holds: Callable[[], object]) -> None:
        while not holds():
            self._news.clear()
            await self._news.wait()


class Crowd:
    """They talk until told to stop, in one room or in several."""

    def __init__(self, talkers: list[Talker], oracle: Invariants) -> None:
        self.talkers = talkers
        self.oracle = oracle
        self._talking: list[asyncio.Task[None]] = []
        self._listening = [asyncio.create_task(each.listen()) for each in talkers]

    def start_talking(self, pause: float) -> None:
        self._talking = [asyncio.create_task(each.talk(pause)) for each in self.talkers]

    async def stop_talking(self) -> None:
        """Whoever is in the middle of saying something may or may not have said it."""
        for task in self._talking:
            task.cancel()
        done = await asyncio.gather(*self._talking, return_exceptions=True)
        for result in done:
            if isinstance(result, Exception):
                raise result
        async with asyncio.timeout(30):
            for each in self.talkers:
                await each.until(each.is_done)

    async def all_back_since(self, moment: float, seconds: float) -> list[float]:
        """Wait for all, so many seconds; when each was back, by time.monotonic()."""
        try:
            async with asyncio.timeout(seconds):
                for each in self.talkers:
                    await each.until(functools.partial(each.is_back_since, moment))
        except TimeoutError:
            late = [each for each in self.talkers if not each.is_back_since(moment)]
            told = [f"{each.name}: {each.client.trouble}" for each in late]
            raise AssertionError(f"not back after {seconds} s: {told}") from None
        return [each.came_back[-1] for each in self.talkers]

    async def hear_to_the_end(self) -> None:
        """All have heard what any has said; nothing is on its way to the disk any more."""
        # What was interrupted while it was being said stands before what the same one says next.
        await asyncio.gather(*(each.post(f"{each.name} is done") for each in self.talkers))
        heads: Counter[str] = Counter()
        for each in self.talkers:
            heads[each.room] = max(heads[each.room], (await each.client.ping()).heads[each.room])
        async with asyncio.timeout(30):
            for each in self.talkers:
                await each.heard(heads[each.room])

    async def leave(self) -> None:
        for task in (*self._talking, *self._listening):
            task.cancel()
        await asyncio.gather(*self._talking, *self._listening, return_exceptions=True)
        for each in self.talkers:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await each.client.close()


@contextlib.asynccontextmanager
async def crowd(
    address: str, count: int, *, timing: Timing = SYSTEM_TIMING
) -> AsyncIterator[Crowd]:
    oracle = Invariants()
    entering = (
        Talker.enter(address, f"person-{number}", oracle, timing=timing) for number in range(count)
    )
    people = Crowd([await each for each in entering], oracle)
    try:
        yield people
    finally:
        await people.leave()
