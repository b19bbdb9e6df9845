"""The way into a Hall: dialling it, and choosing a name."""

import asyncio

import pytest
from rich.console import RenderableType
from textual.screen import Screen

from pychat.client import Client, Dialled, dial, parse_address
from pychat.tui.app import PychatApp
from pychat.tui.screens.ask import AskScreen
from pychat.tui.screens.connecting import ConnectingScreen
from pychat.tui.screens.hall import HallScreen
from tests.support.hall import RunningHall
from tests.support.person import seated, terminal


async def test_who_gives_no_name_is_asked_with_the_login_as_the_proposal(
    hall: RunningHall,
) -> None:
    async with terminal(hall.address, login="kim") as person:
        await person.sees("What should people call you?", "kim", "1 to 32 letters, digits")
        await person.press("enter")

        await person.sees("You are kim in Test Hall.")


async def test_who_gives_a_name_is_not_asked(hall: RunningHall) -> None:
    async with terminal(hall.address, name="max") as person:
        await person.sees("You are max in Test Hall.")


async def test_a_name_is_checked_as_it_is_typed(hall: RunningHall) -> None:
    async with terminal(hall.address, login="") as person:
        await person.until(lambda: isinstance(person.screen, AskScreen))
        await person.press("k", "exclamation_mark")
        await person.sees("✗ a name has letters, digits, '-', '_' and '.' only")
        await person.press("enter")
        assert isinstance(person.screen, AskScreen)

        await person.press("backspace")

        await person.sees_not("✗")


async def test_a_taken_name_stays_in_the_box_and_a_free_one_is_proposed(
    hall: RunningHall, ada: Client
) -> None:
    async with terminal(hall.address, login="ada") as person:
        await person.sees("What should people call you?")
        await person.press("enter")
        await person.sees("ada2 may be free")
        assert isinstance(person.screen, AskScreen)

        await person.press("2", "enter")

        await person.sees("You are ada2 in Test Hall.")


async def test_a_taken_name_from_the_command_line_is_asked_about(
    hall: RunningHall, ada: Client
) -> None:
    async with terminal(hall.address, name="ada", login="kim") as person:
        await person.sees("What should people call you?", "ada2 may be free")


async def test_who_thinks_longer_than_the_hall_waits_is_dialled_again(hall: RunningHall) -> None:
    dialled: list[Dialled] = []

    async def remembering(address: object, **_: object) -> Dialled:
        dialled.append(await dial(hall.address))
        return dialled[-1]

    async with terminal(hall.address, dial=remembering) as person:
        await person.sees("What should people call you?")
        # The Hall's own limit, without the ten seconds.
        await dialled[0].close()
        await person.press("enter")

        await person.sees("You are kim")
        assert len(dialled) == 2


async def test_escape_at_the_name_leaves(hall: RunningHall) -> None:
    async with terminal(hall.address) as person:
        await person.sees("What should people call you?")
        await person.press("escape")
        await person.until(lambda: not person.app.is_running)

        assert person.app.return_value is None


async def test_a_hall_that_is_not_there_ends_the_program_with_a_sentence() -> None:
    async with terminal("127.0.0.1:1") as person:
        await person.until(lambda: not person.app.is_running)

        assert person.app.return_value == (
            "Nobody is listening at 127.0.0.1:1. Is `pychat serve` running there?"
        )


@pytest.mark.usefixtures("painting")
async def test_dialling_is_shown_with_its_seconds_and_escape_stops_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = 0.0
    dialling = asyncio.Event()
    painted: list[object] = []
    display = PychatApp._display

    def keep(app: PychatApp, screen: Screen[None], frame: RenderableType | None) -> None:
        if frame is not None:
            painted.append(screen)
        display(app, screen, frame)

    monkeypatch.setattr(PychatApp, "_display", keep)

    async def never(address: object, **_: object) -> Dialled:
        dialling.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with terminal("chat.lan:4000", dial=never, clock=lambda: seconds) as person:
        await dialling.wait()
        await person.sees("Connecting to chat.lan:4000 … 0 s", "Esc cancels")
        assert isinstance(person.screen, ConnectingScreen)
        # What is under it has nothing to show, and knows that.
        assert set(painted) == {person.screen}
        assert not person.app.screen_stack[0]._dirty_widgets
        seconds = 3.2
        await person.sees("… 3 s")

        await person.press("escape")

        await person.until(lambda: not person.app.is_running)
        assert person.app.return_value is None


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (50, 20)])
async def test_the_welcome_says_who_and_where_i_am_and_the_keys(
    hall: RunningHall, ada: Client, size: tuple[int, int]
) -> None:
    await ada.join("general")
    async with seated(hall.address, size=size) as person:
        await person.sees("You are kim in Test Hall.", "#general", "1 person")

        card = str(person.hall.board.query_one("#welcome").render())
        assert len(card.rstrip().split("\n")) <= 12
        for words in ("Enter send", "Ctrl+J new line", "Ctrl+K", "Ctrl+P", "F1", "/help"):
            assert words in card


async def test_the_address_is_not_asked_of_a_name_server_twice(hall: RunningHall) -> None:
    """The door keeps the first connection for the name."""
    dialled = 0

    async def counting(address: object, **_: object) -> Dialled:
        nonlocal dialled
        dialled += 1
        return await dial(parse_address(hall.address))

    async with terminal("chat.lan", dial=counting) as person:
        await person.sees("What should people call you?")
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, HallScreen))

        assert dialled == 1
