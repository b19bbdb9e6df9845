"""`pychat config` and `pychat keys` as commands: what they print, and their exit codes."""

import tomllib
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from pychat.cli.program import app
from pychat.tui.settings.reading import load, understand
from pychat.tui.settings.schema import DEFAULTS


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.touch()
    monkeypatch.setenv("PYCHAT_CONFIG", str(path))
    return path


def pychat(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_path_tells_where_the_file_is(config: Path) -> None:
    assert pychat("config", "path").stdout == f"{config}\n"


def test_without_the_variable_it_is_in_the_configuration_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert pychat("config", "path").stdout.rstrip().endswith("config.toml")


def test_show_prints_a_file_that_means_what_holds(config: Path) -> None:
    config.write_text('[look]\nclock = "12h"\n[mentions]\nwords = ["bus"]')

    shown = pychat("config", "show").stdout

    settings, problems = understand(shown)
    assert not problems
    assert settings.look == load(config).settings.look
    assert settings.mentions == load(config).settings.mentions
    assert tomllib.loads(shown)["keys"]["switch-room"] == "ctrl+k"


def test_show_of_one_tells_what_it_may_be(config: Path) -> None:
    assert pychat("config", "show", "look.clock").stdout.splitlines() == [
        'look.clock = "24h"',
        "How times of day are written. It may be 24h or 12h.",
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("look.clock", "12h"),
        ("notify.channels", "bell, command"),
        ("keys.quit", "Ctrl+T"),
        ("notify.rooms.general", "none"),
    ],
)
def test_set_changes_one_option_and_default_takes_it_out(
    config: Path, key: str, value: str
) -> None:
    assert pychat("config", "set", key, value).exit_code == 0
    assert load(config).settings != DEFAULTS
    assert pychat("config", "set", key, "default").exit_code == 0

    assert msgspec.structs.asdict(load(config).settings) == msgspec.structs.asdict(DEFAULTS)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["set", "look.clok", "12h"], "there is no setting look.clok: did you mean look.clock?"),
        (["show", "look.clok"], "there is no setting look.clok: did you mean look.clock?"),
        (["set", "look.clock", "13h"], "look.clock may be 24h or 12h"),
        (["set", "keys.quit", "ctrl+k"], "Ctrl+K is switch-room already"),
    ],
)
def test_what_makes_no_sense_is_told_and_ends_with_2(
    config: Path, arguments: list[str], told: str
) -> None:
    result = pychat("config", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"pychat config: {told}")
    assert config.read_text() == ""


def test_a_file_that_is_no_toml_is_told_and_not_overwritten(config: Path) -> None:
    config.write_text("[look")

    result = pychat("config", "set", "look.clock", "12h")

    assert result.exit_code == 1
    assert "is no TOML: mend it by hand, it is not overwritten" in result.stderr
    assert config.read_text() == "[look"


def test_what_is_wrong_in_the_file_is_told_on_standard_error(config: Path) -> None:
    config.write_text("[look]\nclock = 3\n")

    result = pychat("config", "show")

    assert "config.toml, line 2: look.clock is 3; it may be 24h or 12h." in result.stderr
    assert 'clock = "24h"' in result.stdout


def test_keys_without_a_terminal_says_so() -> None:
    result = pychat("keys")

    assert result.exit_code == 2
    assert result.stderr == "pychat keys: this is no terminal; there are no keys to try\n"


def test_in_lines_a_hall_has_to_be_named(config: Path) -> None:
    result = pychat("tui", "--plain")

    assert result.exit_code == 2
    assert result.stderr == "pychat tui: in lines it takes a Hall: pychat tui HOST[:PORT]\n"
