"""`pychat tui` without the library that reads the command line: only what that would take, too."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pychat.cli import shortcut
from pychat.cli.program import app
from pychat.tui.settings.destination import Destination
from pychat.tui.settings.reading import Loaded

WORK = """
[profiles.work]
host = "chat.work.lan"
port = 4001
name = "kim"
rooms = ["general"]
"""
PLAIN = [
    ["tui", "chat.lan"],
    ["tui", "chat.lan:4001", "--name", "ada"],
    ["tui", "--name", "ada", "[::1]:4001"],
    ["tui"],
    ["tui", "work"],
    ["tui", "work", "--name", "ada"],
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
