"""Somebody at a terminal: the whole client, driven by keys and read from its screen."""

import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from pychat.client import parse_address
from pychat.tui.app import PychatApp
from pychat.tui.screens.hall import HallScreen
from tests.support.stillness import handled, still
from tests.support.tui import painted, until

NOON = 1_763_726_400_000
"""Milliseconds since the epoch: Friday, 21 November 2025, 12:00 UTC."""


class Person:
    def __init__(self, app: PychatApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def hall(self) -> HallScreen:
        """The main screen, also while another lies over it."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, HallScreen))

    @property
    def screen(self) -> Screen[Any]:
        return self.app.screen

    @property
    def text(self) -> str:
        """What the terminal shows now."""
        return "\n".join(strip.text.rstrip() for strip in painted(self.app))

    @property
    def words(self) -> str:
        """The same as running text, for sentences that are wrapped in a box."""
        return _running(self.text)

    @property
    def complaint(self) -> str:
        return self.hall.signal.complaint

    async def press(self, *keys: str) -> None:
        """Until the app has done what they say, but for what it waits for itself."""
        await self.pilot.press(*keys)
        await handled(self.pilot)

    async def write(self, text: str) -> None:
        """Put a text into the composer, as a paste does."""
        self.hall.composer.insert(text)
        await self.pilot.pause(0)

    async def enter(self, text: str) -> None:
        await self.write(text)
        await self.press("enter")

    async def until(self, predicate: Any) -> None:
        await until(self.pilot, predicate)

    async def sees(self, *texts: str) -> None:
        """Wait until all of them are on the screen."""
        try:
            await until(self.pilot, lambda: self._shows(texts))
        except TimeoutError:
            raise AssertionError(f"{texts} did not come; this is seen:\n{self.text}") from None

    async def still(self) -> None:
        """Wait until nothing is left that changes the screen."""
        await still(self.pilot)

    def _shows(self, texts: Sequence[str]) -> bool:
        shown = self.text
        words = _running(shown)
        return all(text in shown or text in words for text in texts)

    async def sees_not(self, text: str) -> None:
        await until(self.pilot, lambda: text not in self.text)

    async def join(self, room: str) -> None:
        await self.enter(f"/join {room}")
        await self.until(lambda: self.hall.here == room)
        await self.sees(f"─ #{room} ")


def _running(text: str) -> str:
    return " ".join(re.sub("[│▎▊▕▏]", " ", text).split())


@contextlib.asynccontextmanager
async def terminal(
    address: str, *, size: tuple[int, int] = (120, 40), **fields: Any
) -> AsyncIterator[Person]:
    """The client as it starts. Clock and zone are fixed."""
    fields = {"login": "kim", "now": lambda: NOON, "tz": UTC} | fields
    app = PychatApp(parse_address(address), **fields)
    async with app.run_test(size=size) as pilot:
        yield Person(app, pilot)


@contextlib.asynccontextmanager
async def seated(address: str, name: str = "kim", **fields: Any) -> AsyncIterator[Person]:
    """Somebody who is in the Hall already."""
    async with terminal(address, name=name, **fields) as person:
        await person.until(lambda: isinstance(person.screen, HallScreen))
        await person.sees("You are")
        yield person
