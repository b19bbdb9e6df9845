"""What is set from within: it holds at once, it is in config.toml, and the rest of that stays."""

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from pychat.tui.screens.settings import SettingsScreen
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.reading import load
from tests.support.hall import RunningHall
from tests.support.person import Person, seated

MINE = """\
# mine
[look]
theme = "nord"  # blue
[notify.rooms]
dev = "all"
[profiles.work]
host = "chat.lan"
"""
SIZES = [(120, 40), (80, 24), (50, 20)]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(MINE)
    return path


def text(config: Path) -> str:
    return config.read_text()


def put(config: Path, written: str) -> None:
    config.write_text(written)


def preferences(config: Path) -> Preferences:
    return Preferences.of(load(config))


async def highlight(person: Person, name: str) -> None:
    screen = person.screen
    assert isinstance(screen, SettingsScreen)
    at = next(n for n, row in enumerate(screen._rows) if getattr(row, "key", row) == name)
    screen.query_one("#options", OptionList).highlighted = at
    await person.pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_a_switch_a_choice_and_a_number_are_changed_by_keys(
    hall: RunningHall, config: Path, size: tuple[int, int]
) -> None:
    async with seated(hall.address, preferences=preferences(config), size=size) as person:
        assert person.app.theme == "nord"
        await person.press("f2")
        await person.sees("Settings", "theme", "‹ nord ›")
        await person.press("right")
        await person.sees("‹ gruvbox ›")
        assert person.app.theme == "gruvbox"
        await person.press("left", "left")
        assert person.app.theme == "textual-light"
        await person.press("down", "enter", "down", "space", "down", "down", "enter")
        await person.press("ctrl+u", "8", "0", "enter", "right")

        look = person.app.settings.look
        assert (look.clock, look.ascii, look.text_width) == ("12h", True, 81)
        assert load(config).settings == person.app.settings
        for line in MINE.replace('"nord"', '"textual-light"').splitlines():
            assert line in text(config)
        await person.press("escape")
        assert person.screen is person.hall


async def test_what_cannot_be_is_told_as_it_is_typed_and_escape_leaves_it(
    hall: RunningHall, config: Path
) -> None:
    async with seated(hall.address, preferences=preferences(config), size=(50, 20)) as person:
        await person.press("f2")
        await highlight(person, "look.text_width")
        await person.press("enter", "ctrl+u", "7")
        await person.sees("✗ look.text_width may be a whole number from 30 to 500")
        await person.press("enter")
        assert person.app.settings.look.text_width == 100
        await person.press("0")
        await person.sees_not("✗")
        await person.press("escape")

        assert isinstance(person.screen, SettingsScreen)
        assert not person.screen.query_one(Input).display
        assert text(config) == MINE


async def test_delete_brings_the_default_back(hall: RunningHall, config: Path) -> None:
    async with seated(hall.address, preferences=preferences(config)) as person:
        await person.press("f2", "delete")

        assert person.app.theme == "textual-dark"
        assert "theme" not in text(config)


async def test_a_click_changes_a_switch(hall: RunningHall, config: Path) -> None:
    async with seated(hall.address, preferences=preferences(config)) as person:
        await person.press("f2")
        await person.pilot.click("#options", offset=(5, 3))

        await person.until(lambda: person.app.settings.look.ascii)


async def test_words_and_the_level_of_a_room_are_changed(hall: RunningHall, config: Path) -> None:
    async with seated(hall.address, preferences=preferences(config)) as person:
        await person.press("f2")
        await highlight(person, "notify.rooms.dev")
        await person.press("right")
        await highlight(person, "mentions.words")
        await person.press("enter", *"on call,bus", "enter")

        assert person.app.settings.notify.level_of("dev") == "mentions"
        assert person.app.settings.mentions.words == ("on call", "bus")
        assert load(config).settings == person.app.settings


async def test_a_key_is_changed_and_works_at_once(hall: RunningHall, config: Path) -> None:
    async with seated(hall.address, preferences=preferences(config)) as person:
        await person.press("f2")
        await highlight(person, "keys.settings")
        await person.press("enter", "ctrl+u", *"ctrl+k")
        await person.sees("✗ Ctrl+K is switch-room already")
        await person.press("ctrl+u", *"f9", "enter")
        await person.sees("F9")
        await person.press("escape", "f9")

        assert isinstance(person.screen, SettingsScreen)


async def test_what_cannot_be_written_holds_and_is_told(hall: RunningHall, config: Path) -> None:
    async with seated(hall.address, preferences=preferences(config)) as person:
        put(config, "[look")
        await person.press("f2", "right")
        await person.sees("look.theme holds until pychat ends", "is no TOML")

        assert person.app.theme == "gruvbox"
        assert text(config) == "[look"


async def test_set_tells_and_changes_and_mistakes_stay_in_the_composer(
    hall: RunningHall, config: Path
) -> None:
    async with seated(hall.address, preferences=preferences(config)) as person:
        await person.enter("/set look.clock")
        await person.sees("look.clock is 24h. How times of day are written. It may be 24h or 12h.")
        await person.enter("/set look.clock 12h")
        await person.sees("look.clock is 12h from now on.")
        await person.enter("/set notify.rooms.ops none")
        await person.sees("notify.rooms.ops is none from now on.")
        await person.enter("/set keys.quit default")
        await person.sees("keys.quit is ctrl+q from now on.")
        assert load(config).settings.look.clock == "12h"

        await person.enter("/set look.clok 12h")
        await person.sees("✗ there is no setting look.clok: did you mean look.clock?")


async def test_a_value_that_cannot_be_set_is_told(hall: RunningHall, config: Path) -> None:
    async with seated(hall.address, preferences=preferences(config)) as person:
        await person.enter("/set look.theme nrd")
        await person.until(lambda: person.complaint.endswith("Did you mean nord?"))

        assert text(config) == MINE


async def test_a_theme_is_set_by_name_and_from_the_list_and_kept(
    hall: RunningHall, config: Path
) -> None:
    async with seated(hall.address, preferences=preferences(config)) as person:
        await person.enter("/theme Dracula")
        await person.until(lambda: person.app.theme == "dracula")
        assert load(config).settings.look.theme == "dracula"

        await person.enter("/theme")
        await person.sees("Search for themes")
        await person.press(*"monokai", "enter")
        await person.until(lambda: person.app.theme == "monokai")
        assert load(config).settings.look.theme == "monokai"


async def test_what_is_wrong_in_the_file_is_told_in_the_hall(
    hall: RunningHall, config: Path
) -> None:
    put(config, '[look]\ntheme = "nrd"\n[keys]\nquit = "ctrl+k"\n')
    async with seated(hall.address, preferences=preferences(config)) as person:
        await person.sees('config.toml, line 2: look.theme is "nrd"')
        await person.sees("keys.quit: Ctrl+K is switch-room already; quit does not get it.")

        assert person.app.theme == "textual-dark"


async def test_the_panes_are_as_they_are_set(hall: RunningHall, config: Path) -> None:
    put(config, '[look]\nrooms_pane = "hidden"\nmembers_pane = "shown"\n')
    async with seated(hall.address, preferences=preferences(config), size=(80, 24)) as person:
        await person.join("dev")
        await person.sees("MEMBERS 1")
        assert not person.hall.rooms.display

        await person.press("f8", "f7")
        await person.until(lambda: person.hall.rooms.display)
        assert not person.hall.members.display

        await person.enter("/set look.rooms_pane auto")
        await person.sees("look.rooms_pane is auto from now on.")
        assert person.hall.rooms.display


async def test_in_a_narrow_window_the_panes_lie_over_the_log_whatever_is_set(
    hall: RunningHall, config: Path
) -> None:
    put(config, '[look]\nrooms_pane = "shown"\n')
    async with seated(hall.address, preferences=preferences(config), size=(50, 20)) as person:
        assert not person.hall.rooms.display
