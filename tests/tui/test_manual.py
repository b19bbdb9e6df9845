"""The Hall's manual: read, searched, and harmless whatever the Hall sends."""

import pytest
from textual.widgets import Markdown, Static

from pychat.tui.screens.manual import CELLS, LINES, ManualScreen, is_modest
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_f1_and_enter_open_it_and_searching_goes_on(hall: RunningHall) -> None:
    async with seated(hall.address, size=(80, 24)) as person:
        await person.press("f1", "enter")
        await person.until(lambda: person.screen.query(Markdown))
        await person.sees("You are in the Hall.")
        await person.press(*"8,000", "enter")
        await person.sees("A message has up to 8,000 characters")
        await person.press("ctrl+u", *"soup", "enter")
        await person.sees("not found")

        await person.press("f1")

        await person.until(lambda: person.screen is person.hall)


@pytest.mark.parametrize(
    "text",
    ["a\n" * (LINES + 1), "|" * (CELLS + 1), ">" * 30, "- " * 40 + "x", " " * 30 + "x"],
)
async def test_a_manual_that_would_take_long_to_lay_out_is_shown_plain(
    hall: RunningHall, text: str
) -> None:
    assert not is_modest(text)
    async with seated(hall.address) as person:
        await person.app.push_screen(ManualScreen(text))

        assert person.screen.query_one("#plain", Static)
        assert not person.screen.query(Markdown)


async def test_escape_sequences_in_it_are_pictures(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.app.push_screen(ManualScreen("before \x1b]2;PWNED\x07 [red]after[/]"))

        await person.sees("before ␛]2;PWNED␇ [red]after[/]")


async def test_a_hall_without_a_manual_says_so(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.app.push_screen(ManualScreen(" \n"))

        await person.sees("This Hall has no manual.")
