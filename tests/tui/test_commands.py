"""Every command by its slash, its classic spelling and the palette, and what a mistake does."""

import asyncio
from pathlib import Path

import pytest
from textual.command import CommandList
from textual.widgets import Input, OptionList

from pychat.client import Client
from pychat.tui.palette import ENTRIES
from pychat.tui.screens.ask import AskScreen
from pychat.tui.screens.confirm import ConfirmScreen
from pychat.tui.screens.help import HelpScreen
from pychat.tui.screens.manual import ManualScreen
from pychat.tui.screens.pick import PickScreen
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


@pytest.mark.parametrize("typed", ["/join dev", "<join> dev", "/j #dev"])
async def test_join(hall: RunningHall, typed: str) -> None:
    async with seated(hall.address) as person:
        await person.enter(typed)

        await person.until(lambda: person.hall.here == "dev")


async def test_joining_again_goes_back_to_the_room(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.press("alt+0")
        await person.enter("/join DEV")

        await person.until(lambda: person.hall.here == "dev")


@pytest.mark.parametrize("typed", ["/leave", "/leave dev", "<leave>"])
async def test_leave(hall: RunningHall, typed: str) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter(typed)

        await person.sees("You have left #dev.", "You are kim")
        assert not person.hall.client.mirror.rooms


@pytest.mark.parametrize("typed", ["/list", "<list>"])
async def test_list_shows_counts_and_topics_and_enter_joins(
    hall: RunningHall, ada: Client, typed: str
) -> None:
    await ada.join("dev")
    await ada.join("general")
    await ada.set_topic("general", "Release is Friday")
    async with seated(hall.address) as person:
        await person.enter(typed)
        await person.until(lambda: isinstance(person.screen, PickScreen))
        await person.sees("#dev", "#general", "1 person", "Release is Friday")

        await person.press("down", "enter")

        await person.until(lambda: person.hall.here == "general")


async def test_list_narrows_as_one_types(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.enter("/list")
        await person.until(lambda: isinstance(person.screen, PickScreen))
        choices = person.screen.query_one(OptionList)
        await person.press("g", "n", "r")
        await person.until(lambda: choices.option_count == 1)
        await person.press("x")
        await person.sees("No room like 'gnrx'. Esc, then /join gnrx makes it.")
        await person.press("enter")
        assert isinstance(person.screen, PickScreen)
        await person.press("escape")

        await person.until(lambda: person.screen is person.hall)


@pytest.mark.parametrize("typed", ["/name max", "/nick max", "<name> max"])
async def test_name(hall: RunningHall, typed: str) -> None:
    async with seated(hall.address) as person:
        await person.enter(typed)

        await person.sees("You are now called max.", "connected · max")


async def test_a_name_that_is_taken_is_refused_and_the_command_stays(
    hall: RunningHall, ada: Client
) -> None:
    async with seated(hall.address) as person:
        await person.enter("/name ada")

        await person.sees("✗ the name 'ada' is taken")
        assert person.hall.composer.text == "/name ada"


async def test_who(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.set_away(True)
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/who")
        await person.sees("2 people in #dev: ada (owner, away), kim")

        await person.press("alt+0")
        await person.enter("/who")
        await person.sees("you are in no room here: write /who ROOM")


async def test_topic_is_read_and_set(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/topic")
        await person.sees("#dev has no topic; /topic TEXT sets one.")
        await person.enter("/topic Soup on Friday")
        await person.sees("#dev — Soup on Friday")
        await person.enter("/topic")

        await person.sees("The topic of #dev: Soup on Friday")


@pytest.mark.parametrize("typed", ["/manual", "<manual>"])
async def test_manual_is_the_halls_and_escape_closes_it(hall: RunningHall, typed: str) -> None:
    async with seated(hall.address) as person:
        await person.enter(typed)
        await person.sees("You are in the Hall. From here you join rooms")

        await person.press("escape")

        await person.until(lambda: person.screen is person.hall)


async def test_help_lists_every_command_and_key(hall: RunningHall) -> None:
    async with seated(hall.address, size=(120, 130)) as person:
        await person.enter("/help")
        await person.until(lambda: isinstance(person.screen, HelpScreen))

        await person.sees("/join ROOM", "/quit [REASON]", "Ctrl+K", "//text")


@pytest.mark.parametrize("typed", ["/quit", "<quit>", "/quit good night"])
async def test_quit(hall: RunningHall, ada: Client, typed: str) -> None:
    async with seated(hall.address) as person:
        await person.enter(typed)
        await person.until(lambda: not person.app.is_running)

        assert person.app.return_value is None
        assert person.hall.client.state == "offline"


async def test_quitting_with_a_draft_that_cannot_be_kept_asks_and_enter_stays(
    hall: RunningHall, state: Path
) -> None:
    await asyncio.to_thread(state.touch)  # A file is where the folder would be.
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("half a")
        await person.press("ctrl+q")
        await person.until(lambda: isinstance(person.screen, ConfirmScreen))
        await person.sees("What you wrote in #dev would be lost.")
        await person.press("enter")
        await person.until(lambda: person.screen is person.hall)
        assert person.hall.composer.text == "half a"

        await person.press("ctrl+q")
        await person.until(lambda: isinstance(person.screen, ConfirmScreen))
        await person.press("q")

        await person.until(lambda: not person.app.is_running)


async def test_a_mistyped_command_is_not_said_and_stays(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/qiut now")

        await person.sees("no /qiut — did you mean /quit?")
        assert person.hall.composer.text == "/qiut now"
        await person.write("!")
        await person.sees_not("did you mean")
        await ada.ping()
        assert not ada.mirror.rooms["dev"].messages


async def test_two_slashes_say_one(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("//usr/bin")

        await person.until(lambda: _said(person, "dev") == ["/usr/bin"])


async def test_what_is_written_in_the_hall_goes_nowhere_and_stays(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.enter("hello?")

        await person.sees("you are in no room here, so nobody would read it")
        assert person.hall.composer.text == "hello?"


async def _choose(person: Person, title: str) -> None:
    await person.press("ctrl+p")
    await person.sees("Search for commands")
    person.screen.query_one(Input).value = title.removesuffix("…")
    found = person.screen.query_one(CommandList)
    await person.until(lambda: _titles(found)[:1] == [title])
    await person.press("enter")


def _titles(found: CommandList) -> list[str]:
    return [str(option.prompt).split("\n")[0] for option in found.options]


async def test_the_palette_begins_with_the_four_that_were_promised(hall: RunningHall) -> None:
    assert [entry.title for entry in ENTRIES[:4]] == [
        *("Join room…", "List rooms", "Leave room", "Quit")
    ]
    async with seated(hall.address) as person:
        await person.press("ctrl+p")
        await person.sees("Join room…", "/join ROOM", "List rooms", "Leave room", "Quit")

        assert "Screenshot" not in person.text
        assert "Maximize" not in person.text


def test_no_help_of_the_palette_can_be_taken_for_markup() -> None:
    assert not [entry for entry in ENTRIES if "[" in entry.title + entry.help]


async def test_palette_join_room(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await _choose(person, "Join room…")
        await person.until(lambda: isinstance(person.screen, AskScreen))
        await person.press("hyphen")
        await person.sees("✗ a room's name begins with a letter or digit")
        await person.press("backspace", *"dev", "enter")

        await person.until(lambda: person.hall.here == "dev")


async def test_palette_list_rooms(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await _choose(person, "List rooms")

        await person.sees("There is no room yet. Esc, then /join NAME makes one.")


async def test_palette_leave_room(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await _choose(person, "Leave room")

        await person.sees("You have left #dev.")


async def test_palette_quit(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await _choose(person, "Quit")

        await person.until(lambda: not person.app.is_running)


async def test_palette_change_name(hall: RunningHall, ada: Client) -> None:
    async with seated(hall.address) as person:
        await _choose(person, "Change name…")
        await person.sees("What should people call you from now on?")
        await person.press("ctrl+u", *"ada", "enter")
        await person.sees("ada2 may be free")
        await person.press("x", "enter")

        await person.sees("You are now called adax.")


async def test_palette_switch_room(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await _choose(person, "Switch room…")
        await person.sees("Switch to")
        await person.press("enter")

        await person.until(lambda: person.hall.here is None)


async def test_palette_members(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("MEMBERS 1")
        await _choose(person, "Members")

        await person.until(lambda: person.screen is person.hall)
        await person.sees_not("MEMBERS 1")


async def test_palette_manual(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await _choose(person, "Manual")

        await person.until(lambda: isinstance(person.screen, ManualScreen))


async def test_palette_help(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await _choose(person, "Help")

        await person.until(lambda: isinstance(person.screen, HelpScreen))


async def test_palette_theme(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await _choose(person, "Theme…")
        await person.sees("Search for themes")
        await person.press(*"nord", "enter")

        await person.until(lambda: person.app.theme == "nord")


async def test_palette_retry_and_reconnect_say_when_there_is_nothing_to_do(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await _choose(person, "Retry unsent")
        await person.sees("everything has been sent")
        await _choose(person, "Reconnect now")

        await person.sees("You are connected.")


def _said(person: Person, room: str) -> list[str]:
    return [message.text for message in person.hall.client.mirror.rooms[room].messages]
