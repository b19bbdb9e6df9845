"""`serve --tls`, which has one value or two."""

import pytest
from typer.testing import CliRunner

from pychat.cli.program import app
from pychat.server import lifecycle
from pychat.server.settings.schema import ListenSection, Settings


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> list[ListenSection]:
    opened: list[ListenSection] = []

    def run(settings: Settings, *_: object) -> int:
        opened.append(settings.listen)
        return 0

    monkeypatch.setattr(lifecycle, "run", run)
    return opened


@pytest.mark.parametrize(
    ("arguments", "listen"),
    [
        ([], ListenSection()),
        (["--tls", "auto"], ListenSection(tls="auto")),
        (["--tls", "off"], ListenSection(tls="off")),
        (["--tls=off"], ListenSection(tls="off")),
        (["--tls", "off", "::1"], ListenSection(tls="off", host="::1")),
        (["--port", "7", "--tls", "off", "--quiet"], ListenSection(tls="off", port=7)),
        (["--tls", "a.pem", "a.key"], ListenSection(certificate="a.pem", key="a.key")),
        (["--tls=a.pem", "a.key"], ListenSection(certificate="a.pem", key="a.key")),
    ],
)
def test_it_is_understood(
    listening: list[ListenSection], arguments: list[str], listen: ListenSection
) -> None:
    done = CliRunner().invoke(app, ["serve", *arguments])

    assert (done.exit_code, listening) == (0, [listen]), done.stderr


@pytest.mark.parametrize("arguments", [["--tls"], ["--tls", "a.pem"]])
def test_half_of_it_is_refused(listening: list[ListenSection], arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["serve", *arguments]).exit_code == 2
    assert listening == []


def test_a_certificate_that_is_not_to_be_shown_is_a_contradiction(
    listening: list[ListenSection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYCHAT_LISTEN_TLS", "off")

    done = CliRunner().invoke(app, ["serve", "--tls", "a.pem", "a.key"])

    assert (done.exit_code, listening) == (2, [])
    assert "listen.tls is off, and there is listen.certificate" in done.stderr
