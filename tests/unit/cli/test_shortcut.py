"""`pychat tui` without the library that reads the command line: only what that would take, too."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pychat.cli import shortcut
from pychat.cli.program import app
from pychat.client import Trust
from pychat.tui.settings.destination import Destination
from pychat.tui.settings.reading import Loaded

WORK = """
[profiles.work]
host = "chat.work.lan"
port = 4001
name = "kim"
rooms = ["general"]

[profiles.safe]
host = "chat.safe.lan"
fingerprint = "sha256:4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f"
tls = "required"

[profiles.open]
host = "chat.open.lan"
tls = "off"
"""
PLAIN = [
    ["tui", "chat.lan"],
    ["tui", "chat.lan:4001", "--name", "ada"],
    ["tui", "--name", "ada", "[::1]:4001"],
    ["tui"],
    ["tui", "work"],
    ["tui", "work", "--name", "ada"],
    ["tui", "safe"],
    ["tui", "open"],
]
NOT_PLAIN = [
    [],
    ["tui", "--help"],
    ["tui", "chat.lan", "4001"],
    ["tui", "chat.lan", "--port", "4001"],
    ["tui", "chat.lan", "--name"],
    ["tui", "chat.lan", "--name", "--port"],
    ["tui", "chat.lan:port"],
    ["send", "chat.lan"],
    ["tail", "chat.lan", "--name", "ada"],
]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Destination | None]:
    """What the screen was asked to show."""
    shown: list[Destination | None] = []
    config = tmp_path / "config.toml"
    config.write_text(WORK)
    monkeypatch.setenv("PYCHAT_CONFIG", str(config))

    def run(where: Destination | None, _: Loaded) -> int:
        shown.append(where)
        return 7

    monkeypatch.setattr("pychat.tui.start.run", run)
    monkeypatch.setattr("pychat.cli.tui.can_draw", lambda: True)
    monkeypatch.setattr(shortcut, "can_draw", lambda: True)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    return shown


@pytest.mark.parametrize("arguments", PLAIN)
def test_the_short_way_leads_where_the_long_way_does(
    shown: list[Destination | None], arguments: list[str]
) -> None:
    assert shortcut.tui(arguments) == 7
    assert CliRunner().invoke(app, arguments).exit_code == 7

    assert shown[0] == shown[1]


@pytest.mark.parametrize("arguments", NOT_PLAIN)
def test_whatever_else_is_written_is_left_to_the_long_way(
    shown: list[Destination | None], arguments: list[str]
) -> None:
    assert shortcut.tui(arguments) is None
    assert not shown


def test_without_a_terminal_the_long_way_says_so(
    shown: list[Destination | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortcut, "can_draw", lambda: False)

    assert shortcut.tui(["tui", "chat.lan"]) is None
    assert not shown


KEY, OTHER = "sha256:" + 32 * "4f", "sha256:" + 32 * "00"


@pytest.mark.parametrize(
    ("arguments", "trust"),
    [
        (["safe", "--trust"], Trust(key=b"\x4f" * 32, tls=True, new=True)),
        (["safe", "--fingerprint", KEY], Trust(key=b"\x4f" * 32, tls=True)),
        (["work", "--fingerprint", KEY], Trust(key=b"\x4f" * 32)),
        (["work", "--no-tls"], Trust(tls=False)),
        (["open", "--no-tls"], Trust(tls=False)),
    ],
)
def test_what_the_command_line_knows_of_a_hall_goes_with_what_its_profile_does(
    shown: list[Destination | None], arguments: list[str], trust: Trust
) -> None:
    CliRunner().invoke(app, ["tui", *arguments])

    [where] = shown
    assert where is not None
    assert where.trust == trust


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["safe", "--fingerprint", OTHER], "--fingerprint and the profile's differ"),
        (["safe", "--no-tls"], "--no-tls is not for this profile"),
        (["open", "--fingerprint", KEY], 'the profile has tls = "off"'),
        (["open", "--trust"], 'the profile has tls = "off"'),
    ],
)
def test_a_command_line_that_contradicts_the_profile_goes_nowhere(
    shown: list[Destination | None], arguments: list[str], why: str
) -> None:
    done = CliRunner().invoke(app, ["tui", *arguments])

    assert (done.exit_code, shown) == (2, [])
    assert why in done.stderr
