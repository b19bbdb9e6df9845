"""One option is changed in config.toml, and nothing else."""

import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.reading import FILE_BYTES, load
from pychat.tui.settings.writing import WritingError, write

MINE = """\
# colours of mine
[look]   # all of them
theme = "nord"  # since 2024
  # a thought
clock = "12h"

[profiles.work]
host = "chat.lan"
# end
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "config.toml"


@pytest.fixture
def mine(config: Path) -> Path:
    config.parent.mkdir()
    config.write_text(MINE)
    return config


def test_the_first_change_makes_the_file_and_its_folder(config: Path) -> None:
    write(config, ("look", "theme"), "nord")

    assert load(config).settings.look.theme == "nord"
    assert config.read_text().startswith("# pychat's settings.")


def test_a_change_keeps_every_comment_and_every_other_line(mine: Path) -> None:
    write(mine, ("look", "theme"), "dracula")

    assert mine.read_text() == MINE.replace('"nord"', '"dracula"')


def test_a_new_option_comes_into_its_section(mine: Path) -> None:
    write(mine, ("look", "joins"), False)
    write(mine, ("profiles", "work", "theme"), "nord")

    text = mine.read_text()
    assert all(line in text for line in MINE.splitlines())
    loaded = load(mine)
    assert not loaded.settings.look.joins
    assert loaded.settings.profiles["work"].theme == "nord"
    assert not loaded.problems


def test_an_option_taken_out_leaves_the_others(mine: Path) -> None:
    write(mine, ("look", "theme"), None)
    write(mine, ("notify", "level"), None)

    assert mine.read_text() == MINE.replace('theme = "nord"  # since 2024\n', "")


@pytest.mark.parametrize("written", ['look.theme = "nord"', 'look = {theme = "nord"}'])
def test_an_option_is_found_however_it_is_written(config: Path, written: str) -> None:
    config.parent.mkdir()
    config.write_text(written)

    write(config, ("look", "theme"), "dracula")
    write(config, ("look", "clock"), "12h")

    look = load(config).settings.look
    assert (look.theme, look.clock) == ("dracula", "12h")


@given(st.text(min_size=1, max_size=20))
def test_any_room_can_have_a_level(tmp_path_factory: pytest.TempPathFactory, room: str) -> None:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    write(path, ("notify", "rooms", room), "all")

    assert load(path).settings.notify.rooms == {room: "all"}


@pytest.mark.parametrize("written", ["[look", "look = 3", "\udcff"])
def test_a_file_that_makes_no_sense_is_not_touched(mine: Path, written: str) -> None:
    content = written.encode("utf-8", "surrogateescape")
    mine.write_bytes(content)

    with pytest.raises(WritingError):
        write(mine, ("look", "theme"), "nord")
    assert mine.read_bytes() == content


def test_a_file_that_would_be_too_large_to_be_read_is_not_written(mine: Path) -> None:
    text = "#" + "x" * (FILE_BYTES - 10)
    mine.write_text(text)

    with pytest.raises(WritingError, match="would be larger than 262,144 bytes"):
        write(mine, ("look", "theme"), "nord")
    assert mine.read_text() == text


def test_where_no_folder_can_be_made_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(WritingError, match="cannot be"):
        write(tmp_path / "file" / "config.toml", ("look", "theme"), "nord")


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_a_link_stays_one_and_what_it_leads_to_is_changed(mine: Path, tmp_path: Path) -> None:
    link = tmp_path / "config.toml"
    link.symlink_to(mine)

    write(link, ("look", "theme"), "dracula")

    assert link.is_symlink()
    assert load(mine).settings.look.theme == "dracula"
    assert stat.S_IMODE(mine.stat().st_mode) == 0o600


def test_a_change_holds_even_where_it_cannot_be_written(mine: Path) -> None:
    preferences = Preferences.of(load(mine))
    mine.write_text("[look")

    with pytest.raises(WritingError):
        preferences.change(("look", "theme"), "dracula")
    assert preferences.settings.look.theme == "dracula"


def test_the_theme_of_a_profile_is_before_the_others_and_changed_in_its_place(mine: Path) -> None:
    write(mine, ("profiles", "work", "theme"), "gruvbox")
    preferences = Preferences.of(load(mine))
    assert preferences.settings.look.theme == "nord"
    preferences.use_profile("work")
    assert preferences.settings.look.theme == "gruvbox"

    preferences.change(("look", "theme"), "dracula")

    assert preferences.settings.look.theme == "dracula"
    written = load(mine).settings
    assert (written.look.theme, written.profiles["work"].theme) == ("nord", "dracula")


def test_without_a_file_a_change_holds_all_the_same() -> None:
    preferences = Preferences()
    preferences.change(("keys", "quit"), "ctrl+t")
    preferences.change(("notify", "rooms", "dev"), "all")

    assert preferences.settings.keys.bindings == {"quit": "ctrl+t"}
    assert preferences.settings.notify.level_of("dev") == "all"

    preferences.change(("keys", "quit"), None)
    assert preferences.settings.keys.bindings == {}
