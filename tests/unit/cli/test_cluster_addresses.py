"""`--cluster A,B` of the commands that take it: the spaces that people write are no part of it."""

import pytest
from typer.testing import CliRunner

from pychat.cli.program import app
from pychat.server import lifecycle
from pychat.server.backplane.checkup import Finding
from pychat.server.cluster import checkup
from pychat.server.settings.schema import Settings

WRITTEN, MEANT = "nats://a:1, nats://b:2", ["nats://a:1", "nats://b:2"]


def test_doctor_looks_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[list[str]] = []

    async def check(servers: list[str], *rest: object) -> list[Finding]:
        looked_at.append(servers)
        return [Finding("ok", "nats", "there")]

    monkeypatch.setattr(checkup, "check", check)

    assert CliRunner().invoke(app, ["doctor", "--cluster", WRITTEN]).exit_code == 0
    assert looked_at == [MEANT]


def test_serve_is_told_each(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Settings] = []

    def run(settings: Settings, *rest: object) -> int:
        opened.append(settings)
        return 0

    monkeypatch.setattr(lifecycle, "run", run)

    assert CliRunner().invoke(app, ["serve", "--cluster", WRITTEN]).exit_code == 0
    assert [list(settings.cluster.servers) for settings in opened] == [MEANT]


def test_an_address_that_is_empty_makes_no_hall_by_itself() -> None:
    done = CliRunner().invoke(app, ["serve", "--cluster", ""])

    assert done.exit_code == 2
    assert "cluster.servers" in done.stderr
