"""Screens with ASCII alone, as they are begun with and as they are switched to."""

from collections.abc import Awaitable, Callable

import pytest

from pychat.tui.glyphs import in_ascii
from pychat.tui.settings.schema import Look, Settings
from tests.support.person import Person
from tests.support.scripted import ScriptedHall
from tests.support.team import at_the_hall, losing, setting_wrongly, talking, team_hall

Step = Callable[[Person, ScriptedHall], Awaitable[None]]


def strange(person: Person) -> set[str]:
    """What of the screen is not ASCII, but for what people wrote."""
    return {char for char in person.text if not char.isascii()} - {"ë", "👍"}


async def rooms(person: Person, hall: ScriptedHall) -> None:
    await person.press("f7")


async def pasting(person: Person, hall: ScriptedHall) -> None:
    person.hall.writing.pasted("\n".join(f"line {number}" for number in range(148)))
    await person.sees("148 lines")
    await person.press("escape")


async def losing_it(person: Person, hall: ScriptedHall) -> None:
    await losing(hall, person)


async def choosing_a_command(person: Person, hall: ScriptedHall) -> None:
    await person.press("ctrl+p")
    await person.sees("Join room")


async def reading_help(person: Person, hall: ScriptedHall) -> None:
    await person.press("escape")
    await person.enter("/help")
    await person.sees("Commands")


async def setting(person: Person, hall: ScriptedHall) -> None:
    await person.press("escape", "f2")
    await person.sees("LOOK")
    await setting_wrongly(person)


STEPS: list[Step] = [
    *(talking, pasting, rooms, losing_it, choosing_a_command, reading_help, setting)
]


async def test_nothing_else_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    # The steps look for what is drawn otherwise.
    async def sees(self: Person, *texts: str) -> None:
        await self.until(lambda: all(in_ascii(text) in self.text for text in texts))

    monkeypatch.setattr(Person, "sees", sees)
    hall = team_hall()
    async with at_the_hall(hall, Settings(look=Look(ascii=True))) as person:
        for step in STEPS:
            await step(person, hall)
            await person.still()
            assert not strange(person), step


async def test_it_can_be_switched_on_and_off_again() -> None:
    hall = team_hall()
    async with at_the_hall(hall) as person:
        await talking(person, hall)
        assert strange(person)
        person.app.change_setting(("look", "ascii"), True)
        await person.until(lambda: not strange(person))
        person.app.change_setting(("look", "ascii"), None)
        await person.sees("● connected", "▌")
