"""Before the Hall: where to go, waiting for it, under which name."""

import asyncio
from typing import Any

from pychat.client import Address
from pychat.tui.app import PychatApp
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.reading import understand
from pychat.tui.settings.schema import Settings
from tests.support.person import Person
from tests.support.pictures import WIDE, Album
from tests.support.team import team_app, team_hall


async def test_the_question_where_to_go(album: Album) -> None:
    profile = '[profiles.work]\nhost = "chat.work.lan:4001"\n[profiles.home]\nhost = "::1"'
    app = PychatApp(None, preferences=Preferences(understand(profile)[0]))
    async with app.run_test(size=WIDE) as pilot:
        person = Person(app, pilot)
        await person.sees("Which Hall?")
        await album.take(pilot, "where-to-go")
        await person.press(*"a b", "enter")
        await person.sees("✗")
        await album.take(pilot, "where-to-go-mistyped")


async def test_a_hall_that_is_waited_for(album: Album) -> None:
    async def dial(address: Address, **_: object) -> Any:
        await asyncio.Event().wait()

    hall = team_hall()
    hall.dial = dial  # type: ignore[method-assign]
    app = team_app(hall, Settings())
    async with app.run_test(size=WIDE) as pilot:
        await Person(app, pilot).sees("Connecting to")
        await album.take(pilot, "connecting")


async def test_the_question_for_a_name(album: Album) -> None:
    hall = team_hall()
    hall.taken.add("kim")
    app = team_app(hall, Settings(), name=None)
    async with app.run_test(size=WIDE) as pilot:
        person = Person(app, pilot)
        await person.sees("What should people call you?")
        await album.take(pilot, "name")
        await person.press("enter")
        await person.sees("kim2 may be free")
        await album.take(pilot, "name-taken")
        await person.press("end", "!")
        await person.sees("✗")
        await album.take(pilot, "name-refused")
