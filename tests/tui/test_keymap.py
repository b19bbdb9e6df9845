"""Every key arrives at what it does, under every preset; bound anew, too."""

from typing import Any, get_args

import pytest
from textual.binding import Binding

from pychat.tui.keymap import Keymap, defaults
from pychat.tui.keys import APP_KEYS, COMPOSER_KEYS, HALL_KEYS
from pychat.tui.own_keys import keymap_of
from pychat.tui.screens.settings import SettingsScreen
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.schema import Keys, Preset, Settings
from tests.support.hall import RunningHall
from tests.support.person import Person, seated

BINDINGS: dict[str, Binding] = {
    binding.id or "": binding for binding in (*APP_KEYS, *HALL_KEYS, *COMPOSER_KEYS)
}


def keys(preset: Preset) -> list[tuple[str, str]]:
    """Those that the preset has, by what they do; of the default all."""
    bound = keymap_of(Keys(preset=preset)).keys
    return [
        (name, key)
        for name, keys in bound.items()
        if preset == "default" or keys != defaults()[name]
        for key in keys
    ]


def set_up(preset: Preset = "default", **bindings: str) -> Preferences:
    own = {name.replace("_", "-"): key for name, key in bindings.items()}
    return Preferences(Settings(keys=Keys(preset=preset, bindings=own)))


@pytest.mark.parametrize("preset", get_args(Preset))
async def test_every_key_arrives_at_its_action(
    hall: RunningHall, preset: Preset, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with seated(hall.address, preferences=set_up(preset)) as person:
        done: list[str] = []

        async def run_action(action: Any, *_: Any, **__: Any) -> bool:
            done.append(str(action))
            return True

        monkeypatch.setattr(person.app, "run_action", run_action)
        monkeypatch.setattr(person.hall.composer, "run_action", run_action)
        for name, key in keys(preset):
            done.clear()
            person.hall.composer.load_text("something")
            await person.press(key)
            assert done == [BINDINGS[name].action], (name, key)


async def test_irc_goes_through_rooms_by_ctrl_p_and_n(hall: RunningHall) -> None:
    async with seated(hall.address, preferences=set_up("irc")) as person:
        await person.join("dev")
        await person.join("ops")
        await person.press("ctrl+p")
        assert person.hall.here == "dev"
        await person.press("ctrl+n")
        assert person.hall.here == "ops"
        await person.press("f3")
        assert isinstance(person.screen, SettingsScreen)


async def test_emacs_moves_and_deletes_in_the_line(hall: RunningHall) -> None:
    async with seated(hall.address, preferences=set_up("emacs")) as person:
        await person.write("one two three")
        await person.press("ctrl+a", "alt+f", "ctrl+f", "ctrl+k")
        assert person.hall.composer.text == "one "
        await person.press("ctrl+b", "ctrl+d")
        assert person.hall.composer.text == "one"


async def test_a_key_that_was_taken_away_does_what_lies_beneath(hall: RunningHall) -> None:
    preferences = set_up(switch_room="none", quit="none")
    async with seated(hall.address, preferences=preferences) as person:
        await person.write("all of it")
        await person.press("ctrl+a", "ctrl+k", "ctrl+q")

        assert person.hall.composer.text == ""
        assert person.screen is person.hall


async def test_send_and_new_line_may_change_places(hall: RunningHall) -> None:
    async with seated(hall.address, preferences=set_up(send="ctrl+j", new_line="enter")) as person:
        await _says(person)


async def _says(person: Person) -> None:
    await person.enter("/join dev")
    assert person.hall.composer.text == "/join dev\n"
    await person.press("ctrl+j")
    await person.until(lambda: person.hall.here == "dev")


async def test_help_and_palette_show_the_keys_as_they_are(hall: RunningHall) -> None:
    preferences = set_up(switch_room="f9", retry="none")
    async with seated(hall.address, size=(120, 150), preferences=preferences) as person:
        await person.sees("F9 switch · Ctrl+P commands", "F9 switch room · Ctrl+P commands")
        await person.enter("/set keys.palette f10")
        await person.sees("F9 switch · F10 commands", "F9 switch room · F10 commands")
        await person.enter("/set keys.palette default")
        await person.enter("/help")
        await person.sees("F9                   to a room or a person")
        await person.sees("no key               send again")
        await person.press("escape", "ctrl+p")
        await person.sees("Switch room…", "/switch TEXT · F9")


async def test_vim_moves_deletes_and_writes_on(hall: RunningHall) -> None:
    async with seated(hall.address, preferences=set_up("vim")) as person:
        await person.press(*"one two three", "escape")
        await person.sees("NORMAL · i writes")
        await person.press("0", "w", "d", "w", "z")
        assert person.hall.composer.text == "one three"
        await person.press("x")
        assert person.hall.composer.text == "onethree"
        await person.press("u", "A", "!", "escape", "0", "C", *"new")
        assert person.hall.composer.text == "new"
        await person.press("escape", "d", "d", "colon", *"join dev", "enter")

        await person.until(lambda: person.hall.here == "dev")


async def test_a_second_escape_of_vim_is_that_of_the_hall(hall: RunningHall) -> None:
    async with seated(hall.address, preferences=set_up("vim"), size=(50, 20)) as person:
        await person.press("f7")
        await person.until(lambda: person.hall.rooms.display)
        await person.press("escape")
        await person.until(lambda: not person.hall.rooms.display)
        await person.press("escape", "x", "i", "x")

        assert person.hall.composer.text == "x"


async def test_other_presets_type_letters_after_escape(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.press("escape", "d", "d")

        assert person.hall.composer.text == "dd"


async def test_sentences_name_the_keys_as_they_are_bound(hall: RunningHall) -> None:
    own = set_up(
        reconnect="f9",
        switch_room="f3",
        copy="f4",
        undo="f10",
        copy_code="alt+d",
        search_sent="f12",
        select_up="alt+k",
    )
    async with seated(hall.address, preferences=own) as person:
        await person.enter("hello")
        await person.until(lambda: person.complaint.endswith("/join ROOM, or F3"))
        await person.press("f4")
        assert person.complaint == "cleared: F10 or Up brings it back; F4 again asks to quit"
        await person.press("f12")
        await person.sees("F12 older · Enter takes it")
        await person.press("escape")

        await person.join("dev")
        await person.press("alt+d")
        assert person.complaint == "there is no code here; Alt+K chooses a message to copy"
        await person.write("```\ncode\n```")
        await person.press("enter")
        await person.sees("Alt+D copy ┐")

        await person.enter("/disconnect")
        await person.sees("F9 tries again")
        person.app.change_setting(("keys", "reconnect"), "f6")
        await person.sees("F6 tries again", "Alt+D copy ┐")


def test_what_has_no_key_is_told_by_its_command() -> None:
    assert Keymap({"reconnect": ()}).way("reconnect", "/reconnect") == "/reconnect"
    assert Keymap({"reconnect": ("f5",)}).way("reconnect", "/reconnect") == "F5"
