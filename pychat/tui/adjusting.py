"""The commands that change settings from within the Hall, and what calls one there."""

from typing import TYPE_CHECKING, assert_never

import msgspec

from pychat.tui import calling, slash, telling
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


def carry_out_calling(hall: "HallScreen", command: calling.Command) -> None:
    match command:
        case calling.Notify():
            _notify(hall, command)
        case calling.Quiet(None):
            _tell(hall, "notify.quiet")
        case calling.Quiet():
            change(hall, "notify.quiet", command.hours or "none")
        case calling.Focus():
            hall.news.alerts.rest(command.minutes * 60)
            lasts = telling.span(command.minutes * 60_000)
            if command.minutes:
                hall.tell(f"Nothing calls you for {lasts}; /focus off ends it.")
            else:
                hall.tell("What calls you calls as before.")
            hall.touch()
        case calling.Highlight():
            _highlight(hall, command)
        case _:
            assert_never(command)


def _notify(hall: "HallScreen", command: calling.Notify) -> None:
    room = command.room or hall.here
    view = None if room is None else hall.client.mirror.room(room)
    if view is not None and view.direct is not None:
        hall.complain("what is said to you alone always calls you; /mute and /focus hold it back")
        return
    key = "notify.level" if room is None else f"notify.rooms.{view.name if view else room}"
    if command.level is None:
        _tell(hall, key)
    else:
        change(hall, key, command.level)
        hall.touch()


def _highlight(hall: "HallScreen", command: calling.Highlight) -> None:
    words = settings_of(hall).mentions.words
    word = command.word
    if not word:
        _tell(hall, "mentions.words")
        return
    others = tuple(each for each in words if each.casefold() != word.casefold())
    if command.drop and len(others) == len(words):
        hall.complain(f"{word} is none of your words: /highlight lists them")
        return
    try:
        pychat_app(hall).change_setting(
            ("mentions", "words"), others if command.drop else (*others, word)
        )
    except msgspec.ValidationError:
        option = options.all_options()["mentions.words"]
        hall.complain(f"{option.key} may be {option.allowed}")
    except WritingError as error:
        hall.tell(f"It holds until pychat ends: {error}.")
    else:
        _tell(hall, "mentions.words")


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


def alternate(hall: "HallScreen", key: str, one: str, other: str) -> None:
    """To the one value, or from it to the other."""
    option = options.all_options()[key]
    is_one = options.in_words(option.value_in(settings_of(hall))) == one
    change(hall, key, other if is_one else one)


def _found(hall: "HallScreen", key: str) -> options.Option | None:
    option = options.find(key)
    if option is None:
        hall.complain(options.near(key))
    return option
