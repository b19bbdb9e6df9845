"""What is loaded for what: a command pays for nothing that it does not use."""

import subprocess
import sys
from pathlib import Path

import pytest

import pychat.protocol
from tests.support.processes import HallProcess, Serve

_AS_PROGRAM = """
import sys
from pychat.cli.main import run
try:
    run()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def _loaded(code: str, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return set(done.stderr.split())


@pytest.fixture
def hall(serve_process: Serve) -> HallProcess:
    return serve_process()


def test_the_protocol_loads_no_loop_and_no_screen() -> None:
    folder = Path(pychat.protocol.__file__).parent
    modules = [file.stem for file in folder.glob("*.py") if file.stem != "__init__"]
    code = "import sys\n" + "\n".join(f"import pychat.protocol.{name}" for name in modules)

    loaded = _loaded(f"{code}\nprint(*sys.modules, file=sys.stderr)")

    assert "pychat.protocol.text" in loaded
    assert loaded.isdisjoint({"asyncio", "socket", "sqlite3", "textual", "rich", "typer"})


def test_the_version_is_told_without_loading_any_of_it() -> None:
    loaded = _loaded(_AS_PROGRAM, "--version")

    assert loaded.isdisjoint({"asyncio", "msgspec", "textual", "rich", "sqlite3"})
    assert {name for name in loaded if name.startswith("pychat.")} <= {
        "pychat.cli",
        "pychat.cli.admin",
        "pychat.cli.audit",
        "pychat.cli.backup",
        "pychat.cli.chat",
        "pychat.cli.config",
        "pychat.cli.console",
        "pychat.cli.doctor",
        "pychat.cli.exits",
        "pychat.cli.export",
        "pychat.cli.grant",
        "pychat.cli.hall_config",
        "pychat.cli.import_",
        "pychat.cli.invite",
        "pychat.cli.key",
        "pychat.cli.keys",
        "pychat.cli.main",
        "pychat.cli.moving",
        "pychat.cli.parameters",
        "pychat.cli.program",
        "pychat.cli.rooms",
        "pychat.cli.send",
        "pychat.cli.serve",
        "pychat.cli.shortcut",
        "pychat.cli.tail",
        "pychat.cli.terminal",
        "pychat.cli.trust",
        "pychat.cli.tui",
        "pychat.cli.web",
        "pychat.protocol",
        "pychat.protocol.limits",
    }


def test_the_first_screen_loads_no_command_line_and_no_other_screen() -> None:
    loaded = _loaded(
        "import sys, pychat.cli.main, pychat.client, pychat.tui.start, pychat.tui.app\n"
        "print(*sys.modules, file=sys.stderr)"
    )

    assert "pychat.tui.screens.hall" in loaded
    assert loaded.isdisjoint(
        {"typer", "sqlite3", "secrets", "markdown_it"} | {"textual.widgets._markdown"}
    )
    assert {name for name in loaded if name.startswith("pychat.tui.screens.")} == {
        "pychat.tui.screens.acting_screen",
        "pychat.tui.screens.going_screen",
        "pychat.tui.screens.hall",
        "pychat.tui.screens.layers",
        "pychat.tui.screens.surroundings",
    }


def test_settings_are_read_without_what_writes_and_explains_them() -> None:
    loaded = _loaded(
        "import sys, pychat.tui.app, pychat.tui.settings.reading as reading\n"
        "reading.understand('[look]\\nclock = \"12h\"')\n"
        "print(*sys.modules, file=sys.stderr)"
    )

    assert "pychat.tui.settings.schema" in loaded
    assert loaded.isdisjoint(
        {"tomlkit", "pychat.tui.own_keys", "pychat.tui.presets", "pychat.tui.adjusting"}
        | {"pychat.tui.settings.options", "pychat.tui.settings.writing"}
    )


def test_help_loads_no_screen_and_no_server() -> None:
    loaded = _loaded(_AS_PROGRAM, "send", "--help")

    assert loaded.isdisjoint({"asyncio", "msgspec", "textual", "rich", "sqlite3"})


@pytest.mark.parametrize("command", [["send", "{}", "tea", "x"], ["rooms", "{}"]])
def test_talking_to_a_hall_loads_no_screen_and_no_server(
    hall: HallProcess, command: list[str]
) -> None:
    loaded = _loaded(_AS_PROGRAM, *(part.format(hall.address) for part in command))

    assert "pychat.client" in loaded
    assert loaded.isdisjoint({"textual", "rich", "sqlite3", "pychat.server"})


def test_plain_mode_loads_no_screen_and_no_server(
    hall: HallProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    loaded = _loaded(_AS_PROGRAM, "tui", hall.address, "--plain", "--room", "tea")

    assert "pychat.plain.talk" in loaded
    assert loaded.isdisjoint({"textual", "rich", "sqlite3", "pychat.server", "pychat.tui.app"})


def test_a_hall_by_itself_loads_nothing_of_a_cluster() -> None:
    code = "import pychat.server.lifecycle\nimport sys\nprint(*sys.modules, file=sys.stderr)"

    loaded = _loaded(code)

    cluster = {name for name in loaded if "cluster" in name or "jetstream" in name}
    assert cluster <= {"pychat.server.cluster", "pychat.server.cluster.faults"}
    assert not any(name.partition(".")[0] == "nats" for name in loaded)
