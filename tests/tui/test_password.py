"""A Hall that has a password: it is asked for, and nobody reads along."""

from pychat.server.access import Access
from pychat.tui.screens.hall import HallScreen
from tests.support.hall import running_hall
from tests.support.person import terminal


async def test_a_password_is_asked_for_until_it_is_right() -> None:
    async with (
        running_hall(access=Access(password="sesame")) as hall,
        terminal(hall.address, name="kim") as person,
    ):
        await person.sees("This Hall has a password", "is entered with its password")
        await person.press(*"wrong", "enter")
        await person.sees("this is not the Hall's password")
        await person.press(*"sesame")
        await person.sees("••••••")
        assert "sesame" not in person.text
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, HallScreen))
        await person.sees("You are kim")
