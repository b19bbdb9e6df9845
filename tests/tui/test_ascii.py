"""Screens with ASCII alone, as they are begun with and as they are switched to."""

from datetime import UTC
from typing import Any

import pytest
from textual.pilot import Pilot

from pychat.client import Address
from pychat.tui.app import PychatApp
from pychat.tui.screens.hall import HallScreen
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.schema import Look, Settings
from tests.support.person import NOON, Person
from tests.support.tui import until
from tests.tui.test_snapshots import (
    Scene,
    choosing_a_command,
    gone,
    looking_at_rooms,
    pasting,
    reading_help,
    setting,
    talking,
    team_hall,
)

SIZE = (120, 40)


async def at_the(scene: Scene, settings: Settings, check: Any) -> None:
    hall = team_hall()
    app = PychatApp(
        Address("chat.lan", 22_222),
        name="kim",
        dial=hall.dial,
        now=lambda: NOON,
        clock=lambda: 0.0,
        tz=UTC,
        preferences=Preferences(settings),
    )
    async with app.run_test(size=SIZE) as pilot:
        person = Person(app, pilot)
        await until(pilot, lambda: isinstance(person.screen, HallScreen))
        await scene(person, hall)
        await check(person, pilot)


def strange(person: Person) -> set[str]:
    """What of the screen is not ASCII, but for what people wrote."""
    return {char for char in person.text if not char.isascii()} - {"ë", "👍"}


@pytest.mark.parametrize(
    "scene",
    [talking, gone, looking_at_rooms, pasting, reading_help, choosing_a_command, setting],
)
async def test_nothing_else_is_drawn(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # The scenes look for what is drawn otherwise.
    async def sees(self: Person, *texts: str) -> None:
        from pychat.tui.glyphs import in_ascii

        await until(self.pilot, lambda: all(in_ascii(text) in self.text for text in texts))

    monkeypatch.setattr(Person, "sees", sees)

    async def check(person: Person, pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: not strange(person))

    await at_the(scene, Settings(look=Look(ascii=True)), check)


async def test_it_can_be_switched_on_and_off_again() -> None:
    async def check(person: Person, pilot: Pilot[Any]) -> None:
        assert strange(person)
        person.app.change_setting(("look", "ascii"), True)
        await until(pilot, lambda: not strange(person))
        person.app.change_setting(("look", "ascii"), None)
        await person.sees("● connected", "▌")

    await at_the(talking, Settings(), check)
