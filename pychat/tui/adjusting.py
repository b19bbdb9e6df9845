"""The commands that change settings from within the Hall."""

from typing import TYPE_CHECKING, assert_never

from pychat.tui import slash
from pychat.tui.settings import options
from pychat.tui.settings.live import pychat_app, settings_of
from pychat.tui.settings.writing import WritingError

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

Adjustment = slash.OpenSettings | slash.Set | slash.ChooseTheme


def carry_out(hall: "HallScreen", command: Adjustment) -> None:
    match command:
        case slash.OpenSettings():
            from pychat.tui.screens.settings import SettingsScreen

            hall.app.push_screen(SettingsScreen())
        case slash.ChooseTheme():
            _choose_theme(hall, command.name)
        case slash.Set():
            if command.value is None:
                _tell(hall, command.key)
            else:
                change(hall, command.key, command.value)
        case _:
            assert_never(command)


def _choose_theme(hall: "HallScreen", name: str | None) -> None:
    if name is not None:
        change(hall, "look.theme", name)
        return
    from pychat.tui.theme_choice import choose_theme

    choose_theme(hall)


def _tell(hall: "HallScreen", key: str) -> None:
    option = _found(hall, key)
    if option is not None:
        value = options.in_words(option.value_in(settings_of(hall)))
        hall.tell(f"{key} is {value}. {option.help} It may be {option.allowed}.")


def change(hall: "HallScreen", key: str, written: str) -> None:
    """What comes of it is told in the Hall."""
    option = _found(hall, key)
    if option is None:
        return
    try:
        value = option.parse(written, settings_of(hall))
        pychat_app(hall).change_setting(option.path, value)
    except options.OptionError as error:
        hall.complain(str(error))
    except WritingError as error:
        hall.tell(f"{key} is {written} until pychat ends: {error}.")
    else:
        hall.tell(f"{key} is {options.in_words(option.value_in(settings_of(hall)))} from now on.")


def _found(hall: "HallScreen", key: str) -> options.Option | None:
    option = options.find(key)
    if option is None:
        hall.complain(options.near(key))
    return option
