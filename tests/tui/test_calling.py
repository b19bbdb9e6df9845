"""Being called while one looks elsewhere: what leaves for the terminal, and the commands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual import events

from pychat.client import Client
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.reading import load
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


class Written:
    """What is written to the terminal beside what is painted."""

    def __init__(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sequences: list[str] = []
        monkeypatch.setattr(person.app, "tell_terminal", self.sequences.append)

    @property
    def titles(self) -> list[str]:
        return [text[4:-1] for text in self.sequences if text.startswith("\x1b]0;")]

    @property
    def calls(self) -> list[str]:
        return [text for text in self.sequences if not text.startswith("\x1b]0;")]


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "TERM_PROGRAM", "KITTY_WINDOW_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
async def kim(hall: RunningHall, ada: Client, tmp_path: Path) -> AsyncIterator[Person]:
    loaded = load(tmp_path / "config.toml")
    async with seated(hall.address, preferences=Preferences.of(loaded)) as person:
        for room in ("tea", "dev"):
            await ada.join(room)
            await person.join(room)
        yield person


async def test_who_is_named_in_another_room_is_called_by_bell_and_notification(
    kim: Person, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Written(kim, monkeypatch)

    await ada.send("dev", "@kim here")
    await ada.send("tea", "nobody in particular")
    await ada.send("tea", "@kim: over *there*")
    await kim.until(lambda: written.calls)

    assert written.calls == ["\a", "\x1b]9;ada in #tea: @kim: over there\a"]
    await kim.until(lambda: written.titles and written.titles[-1].startswith("(@1 2) pychat"))
    assert written.titles[-1] == "(@1 2) pychat — #dev"


async def test_the_open_room_calls_while_the_terminal_has_no_focus(
    kim: Person, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Written(kim, monkeypatch)
    kim.app.post_message(events.AppBlur())
    await kim.until(lambda: not kim.app.app_focus)

    await ada.send("dev", "@kim here")
    await kim.until(lambda: len(written.calls) == 2)

    kim.app.post_message(events.AppFocus())
    await kim.until(lambda: kim.app.app_focus)
    await ada.send("dev", "@kim and now?")
    await kim.sees("and now?")
    assert len(written.calls) == 2


async def test_levels_are_set_for_a_room_and_for_all(
    kim: Person, ada: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = Written(kim, monkeypatch)
    await kim.enter("/notify all tea")
    await kim.sees("notify.rooms.tea is all from now on.")
    await ada.send("tea", "anything")
    await kim.until(lambda: written.calls)

    await kim.enter("/notify none")
    await kim.sees("notify.rooms.dev is none from now on.", "muted")
    await kim.enter("/notify")
    await kim.sees("notify.rooms.dev is none. ")
    await kim.press("alt+0")
    await kim.enter("/notify all")
    await kim.sees("notify.level is all from now on.")
    notify = load(tmp_path / "config.toml").settings.notify
    assert (notify.level, notify.rooms) == ("all", {"tea": "all", "dev": "none"})


async def test_nothing_calls_while_one_focuses_or_in_quiet_hours(
    kim: Person, ada: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = Written(kim, monkeypatch)
    await kim.enter("/focus 2h")
    await kim.sees("Nothing calls you for 2 h; /focus off ends it.")
    await ada.send("tea", "@kim one")
    await kim.sees("@1 1")
    await kim.enter("/focus off")
    await kim.sees("What calls you calls as before.")
    await kim.enter("/quiet 11:00-13:00")
    await kim.sees("quiet hours")
    await ada.send("tea", "@kim two")
    await kim.sees("@2 2")
    assert written.calls == []

    await kim.enter("/quiet off")
    await kim.sees_not("quiet hours")
    assert load(tmp_path / "config.toml").settings.notify.quiet == ""


async def test_a_word_of_ones_own_calls_as_a_name_does(
    kim: Person, ada: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = Written(kim, monkeypatch)
    await kim.enter("/highlight on call")
    await kim.enter("/highlight soup")
    await kim.sees("mentions.words is on call, soup.")
    await ada.send("tea", "who is On Call?")
    await kim.until(lambda: written.calls)

    await kim.enter("/highlight -r Soup")
    await kim.until(lambda: kim.app.settings.mentions.words == ("on call",))
    assert load(tmp_path / "config.toml").settings.mentions.words == ("on call",)
    await kim.enter("/highlight -r soup")
    await kim.until(lambda: "soup is none of your words" in kim.complaint)


async def test_a_command_gets_title_and_text_as_arguments_and_no_shell_reads_them(
    kim: Person, ada: Client, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    script = tmp_path / "tell"
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > "{told}.new"; mv "{told}.new" "{told}"\n')
    script.chmod(0o755)
    kim.app.change_setting(("notify", "channels"), ("command",))
    kim.app.change_setting(("notify", "command"), (str(script), "--from"))

    await ada.send("tea", '@kim $(touch x) `id`; "quoted"')
    await kim.until(told.exists)

    # A semicolon has no place in a notification, and none here.
    assert told.read_text() == '--from|ada in #tea|@kim $(touch x) `id`, "quoted"|'


async def test_a_command_that_is_not_there_is_told_once(kim: Person, ada: Client) -> None:
    kim.app.change_setting(("notify", "channels"), ("command",))
    kim.app.change_setting(("notify", "command"), ("no-such-program",))

    await ada.send("tea", "@kim hi")

    await kim.sees("notify.command: no-such-program cannot be run: No such file or directory.")
