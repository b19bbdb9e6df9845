"""Plain mode as a program: the way in under a name, the stay, and the way out."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TypeVar

from pychat.client import (
    Address,
    CommandError,
    ConnectionLost,
    Identity,
    Trust,
    dial,
)
from pychat.plain.arrival import Arrival
from pychat.plain.desk import Desk
from pychat.plain.ending import Ending
from pychat.plain.lines import label
from pychat.plain.talk import Talk
from pychat.tui.door import Door
from pychat.tui.settings.schema import DEFAULTS, Settings

Returned = TypeVar("Returned")


def run(
    address: Address,
    name: str | None,
    room: str | None,
    trust: Trust | None = None,
    settings: Settings = DEFAULTS,
) -> Ending:
    """Until the person leaves, or what came by a pipe is said."""
    with asyncio.Runner() as runner:
        return runner.run(_Program(address, name, room, trust, settings).run())


class _Program:
    def __init__(
        self,
        address: Address,
        name: str | None,
        room: str | None,
        trust: Trust | None,
        settings: Settings,
    ) -> None:
        self._door = Door(address, dial, trust, Identity())
        self._arrival = Arrival(self._door, name)
        self._room = room
        self._settings = settings
        self._talk: Talk | None = None
        self._stopped = 0
        """The signal that has ended it, if one has."""

    async def run(self) -> Ending:
        desk = Desk(self._complete, self._written)
        try:
            # Before the terminal is changed: nobody there is told in one line.
            ending = await self._until_stopped(self._arrival.knock(asks=desk.asks))
            if ending is not None:
                return ending
            async with desk:
                ending = await self._stay(desk)
            fault = desk.output.fault
            if fault is not None and ending.how == "left":
                return Ending("failed", fault.strerror or str(fault))
            return ending
        finally:
            await self._door.close()

    async def _stay(self, desk: Desk) -> Ending:
        entered = await self._until_stopped(self._arrival.enter(desk))
        if isinstance(entered, Ending):
            return entered
        entered.mirror.highlight(self._settings.mentions.words)
        hours = self._settings.look.clock
        talk = self._talk = Talk(entered, desk, self._door.drafts, _local_zone(), hours)
        try:
            for text in filter(None, (self._door.warning, self._door.notice)):
                talk.say(label(text))
            ending = await self._until_stopped(self._converse(talk))
            if ending.how == "signal":
                return ending._replace(why=talk.waiting.at_the_end())
            return ending
        finally:
            await talk.close()

    async def _converse(self, talk: Talk) -> Ending:
        try:
            await talk.begin(self._room)
        except (CommandError, ConnectionLost) as error:
            talk.refuse(error.text)
            if not talk.desk.asks:
                # What comes by the pipe was meant for that room.
                return Ending("refused", label(error.text))
        await talk.listen()
        return await talk.settle()

    # How it ends

    async def _until_stopped(self, main: Coroutine[None, None, Returned]) -> Returned | Ending:
        """What it returns; how it ended if a signal ends it, Ctrl+C too."""
        task = asyncio.create_task(main)
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)]

        def stop(number: int) -> None:
            self._stopped = number
            task.cancel()

        for number in numbers:
            # There are no signal handlers in Windows' loops.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, partial(stop, number))
        try:
            return await task
        except asyncio.CancelledError:
            if not self._stopped:
                raise
            return Ending("signal", signal=self._stopped)
        finally:
            for number in numbers:
                with contextlib.suppress(NotImplementedError):
                    loop.remove_signal_handler(number)

    def _complete(self, before: str) -> tuple[int, Sequence[str]]:
        return self._talk.complete(before) if self._talk is not None else (0, [])

    def _written(self) -> None:
        if self._talk is not None:
            self._talk.written()


def _local_zone() -> tzinfo:
    return datetime.now(UTC).astimezone().tzinfo or UTC
