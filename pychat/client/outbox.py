"""What I said and the Hall has not confirmed yet: in order per room, each under its nonce.

At most one of a room is on its way at a time, so that the order holds whatever gets lost. What has
waited for too long is held until somebody says that it may still go. No loop and no sockets; the
clock is handed in, and what is to outlive the program goes to a Keeper.
"""

import os
import time
from collections.abc import Callable, Iterator
from typing import Literal, Protocol

import msgspec

from pychat.client.errors import CommandError, OutboxError
from pychat.protocol import commands, names

HOLD_AFTER_MS = 600_000
"""What has waited for longer than ten minutes asks before it goes: its moment may have passed."""

FORGOTTEN_AFTER_MS = 86_400_000
"""A Hall knows a nonce for a day: what may have been sent before is not sent again after that."""

QUEUED_ITEMS = 2_000
"""In all rooms together; at the longest texts they take 64 MB."""

State = Literal["queued", "sending", "sent", "failed", "held"]
Sayable = commands.Send | commands.Edit | commands.Delete | commands.React


def new_nonce() -> str:
    """80 random bits make it nobody else's. The milliseconds before them are only for the Hall's
    index of nonces, in which those of one hour then lie side by side."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


class Outgoing(msgspec.Struct, kw_only=True, eq=False):
    """One thing said. The Outbox alone changes it."""

    command: Sayable
    """Its `id` is set anew at each attempt."""
    created: int
    """Milliseconds since the epoch, by this machine's clock."""
    since: int
    """From when it waits: as `created`, or when it was last released or retried."""
    state: State = "queued"
    why: str = ""
    """A sentence: why it failed, or why it has to be sent once more."""
    code: str = ""
    """Of the Hall's refusal, where it failed by that."""
    tried: bool = False
    """Whether there may have been an attempt of which it is not known what became."""
    tried_as: str = ""
    """My name at the last attempt that is known of."""
    epoch: str = ""
    """Of the log that it was said for: what it answers or changes is there."""

    @property
    def room(self) -> str:
        return self.command.room

    @property
    def nonce(self) -> str:
        return self.command.nonce

    @property
    def text(self) -> str:
        """Empty where nothing is written but deleted or reacted to."""
        match self.command:
            case commands.Send() | commands.Edit():
                return self.command.text
            case _:
                return ""

    @property
    def reply_to(self) -> int | None:
        return self.command.reply_to if isinstance(self.command, commands.Send) else None


class Keeper(Protocol):
    """Where a queue outlives its program.

    All raise OutboxError when what they were told is not kept. Where one returns, all is that was
    told before, too; nothing is ever kept without what came before it.
    """

    def open(self) -> list[Outgoing]:
        """What is kept, in order. From now on nobody else may open it."""

    def belongs_to(self, name: str) -> None:
        """Whose queue it is, by their name now."""

    def keep(self, item: Outgoing) -> None:
        """Durable when it returns. One that is kept already stays at its place."""

    def tried(self, nonce: str, name: str) -> None:
        """It is sent now, by a person of that name."""

    def exchange(self, nonce: str, item: Outgoing) -> None:
        """The item has another nonce now, and stays at its place."""

    def forget(self, nonce: str) -> None: ...

    def catch_up(self) -> None:
        """Try again to keep what could not be kept; harmless where all is."""

    def close(self) -> None: ...


class Outbox:
    def __init__(self, wall: Callable[[], int], keeper: Keeper | None = None) -> None:
        """Raises OutboxError when what is kept cannot be had."""
        self.fault = ""
        """Why the last that was queued would not outlive this program, if so: a sentence."""
        self.is_behind = False
        """Whether `catch_up` is to be called, soon and again."""
        self.on_change: Callable[[], None] = lambda: None
        """Called after every change, whoever made it."""
        self._wall = wall
        self._keeper = keeper
        self._in_memory = keeper is None
        self._owner = ""
        self._items: dict[str, Outgoing] = {}
        self._lanes: dict[str, list[Outgoing]] = {}
        """By the folded name of the room, in order."""
        self._sending: dict[str, Outgoing] = {}
        """By the same key."""
        self._unkept: set[str] = set()
        """Nonces of what the Keeper has refused: they would not outlive this program."""
        self._changed: set[str] = set()
        for item in keeper.open() if keeper is not None else ():
            item.tried = True
            self._enqueue(item)
        self.hold_overdue()

    # -- looking ------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Outgoing]:
        """All of them, in the order of their making."""
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def of(self, room: str) -> list[Outgoing]:
        """The room's own list, in order: it changes as things go on. To be read only."""
        return self._lanes.setdefault(names.fold(room), [])

    def rooms(self) -> list[str]:
        """The rooms that have any."""
        return [lane[0].room for lane in self._lanes.values() if lane]

    def held(self) -> list[Outgoing]:
        """Those that waited too long and ask before they go."""
        return [item for item in self if item.state == "held"]

    def is_kept(self, item: Outgoing) -> bool:
        """Whether it would outlive this program."""
        return not self._in_memory and item.nonce not in self._unkept

    # -- deciding, for whoever said it --------------------------------------------------------

    def release(self, item: Outgoing | None = None) -> None:
        """Let one go that is held, or all of them, at the place that it has."""
        for each in self.held() if item is None else (item,):
            if each.state == "held" and each.nonce in self._items:
                self._renew(each)
        self.on_change()

    def retry(self, item: Outgoing | None = None) -> None:
        """Send again what failed; all of it if none is named."""
        for each in self if item is None else (item,):
            if each.state == "failed" and each.nonce in self._items:
                if each.code == "nonce-reused":
                    # The Hall has something else under it: this has not been said.
                    self._name_anew(each)
                self._renew(each)
        self.on_change()

    def discard(self, item: Outgoing | None = None) -> bool:
        """Give one up, or all that are held. False if it is on its way, or was sent."""
        given_up = self.held() if item is None else [item]
        if any(each.state == "sending" or each.nonce not in self._items for each in given_up):
            return False
        for each in given_up:
            self._remove(each)
        self.on_change()
        return True

    # -- for the client -----------------------------------------------------------------------

    def belongs_to(self, name: str) -> None:
        """That is my name in the Hall now; the next program finds the queue by it."""
        if name != self._owner:
            self._owner = name
            self._write(lambda keeper: keeper.belongs_to(name))

    def add(self, command: Sayable, epoch: str = "") -> Outgoing:
        """Queue something; on disk, where there is a Keeper, when this returns.

        A disk that refuses keeps nobody from speaking: `fault` tells of it. Raises CommandError
        `too-many`.
        """
        if len(self) >= QUEUED_ITEMS:
            raise CommandError(
                "too-many", f"{QUEUED_ITEMS} messages wait to be sent already; try again later"
            )
        now = self._wall()
        item = Outgoing(command=command, created=now, since=now, epoch=epoch)
        self._enqueue(item)
        self.fault = self._write(lambda keeper: keeper.keep(item))
        if self.fault:
            self._unkept.add(item.nonce)
        self.on_change()
        return item

    def next(self, room: str) -> Outgoing | None:
        """What of the room is to be sent now: nothing while something of it is on its way."""
        key = names.fold(room)
        if key in self._sending:
            return None
        first = next((each for each in self._lanes.get(key, ()) if each.state == "queued"), None)
        if first is not None and self._is_overdue(first):
            self._hold(key)
            return None
        return first

    def started(self, item: Outgoing, my_name: str) -> None:
        self._sending[names.fold(item.room)] = item
        if item.tried_as != my_name:
            self._write(lambda keeper: keeper.tried(item.nonce, my_name))
        item.tried, item.tried_as = True, my_name
        self._move(item, "sending")

    def refused(self, item: Outgoing, why: str, *, again: bool, code: str = "") -> None:
        """The Hall has not taken it: for good, or it may `again` be tried as it is."""
        if self._take_back(item):
            item.tried, item.tried_as = False, ""
            if again:
                self._move(item, "queued", why)
            else:
                self.give_up(item, why, code)

    def give_up(self, item: Outgoing, why: str, code: str = "") -> None:
        """It is not sent as things are; whoever said it is to decide."""
        self._move(item, "failed", why, code)

    def interrupted(self) -> None:
        """Nobody knows what became of those on their way."""
        for item in list(self._sending.values()):
            self._take_back(item)
            self._move(item, "queued")

    def settle(self, nonce: str) -> bool:
        """The Hall has it on disk. False if it is none of these."""
        item = self._items.get(nonce)
        if item is None:
            return False
        self._take_back(item)
        self._move(item, "sent")
        self._remove(item)
        return True

    def caught_up(self, room: str) -> None:
        """All of the room's log is known: what of it is not settled has not been said."""
        for item in self._lanes.get(names.fold(room), ()):
            item.tried, item.tried_as = False, ""

    def hold_overdue(self) -> None:
        for key, lane in self._lanes.items():
            if any(item.state == "queued" and self._is_overdue(item) for item in lane):
                self._hold(key)

    def take_changed(self) -> set[str]:
        """Rooms in which something is different since this was last asked."""
        changed, self._changed = self._changed, set()
        return changed

    def catch_up(self) -> None:
        """Try again to keep what the Keeper has refused."""
        if self.is_behind:
            self._write(lambda keeper: keeper.catch_up())
            self.on_change()

    def close(self) -> None:
        """What is queued stays where it is kept."""
        if self._keeper is not None:
            self._write(lambda keeper: keeper.catch_up())
            self._keeper.close()
            self._keeper = None

    # -- how ----------------------------------------------------------------------------------

    def _enqueue(self, item: Outgoing) -> None:
        self._items[item.nonce] = item
        self.of(item.room).append(item)
        self._changed.add(item.room)

    def _remove(self, item: Outgoing) -> None:
        del self._items[item.nonce]
        self._unkept.discard(item.nonce)
        self.of(item.room).remove(item)
        self._changed.add(item.room)
        self._write(lambda keeper: keeper.forget(item.nonce))

    def _renew(self, item: Outgoing) -> None:
        if item.state == "failed":
            item.tried, item.tried_as = False, ""
        item.since = self._wall()
        self._move(item, "queued")
        # If that fails it is kept still, as of before.
        self._write(lambda keeper: keeper.keep(item))

    def _name_anew(self, item: Outgoing) -> None:
        """Under another nonce it is another message, at the same place."""
        before = item.nonce
        item.command = msgspec.structs.replace(item.command, nonce=new_nonce())
        self._items = {each.nonce: each for each in self._items.values()}
        if before in self._unkept:
            self._unkept ^= {before, item.nonce}
        self._write(lambda keeper: keeper.exchange(before, item))

    def _write(self, step: Callable[[Keeper], None]) -> str:
        """Why it cannot be, if so."""
        if self._keeper is None:
            return ""
        try:
            step(self._keeper)
        except OutboxError as error:
            self.is_behind = True
            return str(error)
        self.is_behind = False
        if self._unkept:
            self._changed |= {self._items[nonce].room for nonce in self._unkept}
            self._unkept.clear()
            self.fault = ""
        return ""

    def _move(self, item: Outgoing, state: State, why: str = "", code: str = "") -> None:
        item.state, item.why, item.code = state, why, code
        self._changed.add(item.room)

    def _take_back(self, item: Outgoing) -> bool:
        """False if it is not on its way."""
        key = names.fold(item.room)
        if self._sending.get(key) is not item:
            return False
        del self._sending[key]
        return True

    def _is_overdue(self, item: Outgoing) -> bool:
        # A clock that was set back says nothing about how long it has waited: ask then, too.
        return abs(self._wall() - item.since) > HOLD_AFTER_MS

    def _hold(self, key: str) -> None:
        """What belongs together stays so: all that waits in the room, whatever its age."""
        for item in self._lanes[key]:
            if item.state != "queued":
                continue
            if item.tried and self._wall() - item.created > FORGOTTEN_AFTER_MS:
                self.give_up(item, "This is a day old and may have been said; look before a retry.")
            else:
                self._move(item, "held")
