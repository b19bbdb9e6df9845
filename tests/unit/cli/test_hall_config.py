"""`pychat config check` and `example`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pychat.cli.program import app


def pychat(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_example_is_well(tmp_path: Path) -> None:
    file = tmp_path / "pychat.toml"
    file.write_text(pychat("config", "example").stdout)

    checked = pychat("config", "check", str(file))

    assert checked.stdout == f"{file} is well; it changes 0 of the defaults\n"
    assert checked.exit_code == 0


def test_all_faults_are_told_and_it_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pychat.toml"
    file.write_text("[limits]\nusers = 0")
    monkeypatch.setenv("PYCHAT_LISTEN_PORT", "http")

    checked = pychat("config", "check", str(file))

    assert checked.stderr.splitlines() == [
        "pychat.toml, line 2: limits.users is 0; it may be a whole number from 1 to 1,000,000",
        'PYCHAT_LISTEN_PORT: listen.port is "http"; it may be a whole number from 0 to 65,535',
    ]
    assert checked.exit_code == 2


def test_a_password_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "pychat.toml"
    file.write_text('[access]\npassword = "sesame"')
    file.chmod(0o640)

    checked = pychat("config", "check", str(file))

    assert checked.stderr == (
        f"{file} has the Hall's password, and others on this machine may read it: "
        f"chmod 600 {file}\n"
    )
    assert checked.exit_code == 0
    file.chmod(0o600)
    assert pychat("config", "check", str(file)).stderr == ""


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    file = tmp_path / "pychat.toml"
    file.write_text(f'[listen]\ncertificate = "{file}"\nkey = "{tmp_path / "none.pem"}"')

    checked = pychat("config", "check", str(file))

    assert checked.exit_code == 1
    assert checked.stderr.startswith("pychat config: ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--config", "none.toml"], "none.toml cannot be read: No such file or directory"),
        (["--metrics", "9222"], 'metrics.listen: "9222" is no HOST:PORT'),
        (["--flood", "fast"], "'fast' is no flood limit"),
        (["--keep-days", "3", "nowhere.invalid"], "listen.host: 'nowhere.invalid' is neither"),
    ],
)
def test_a_hall_does_not_open_with_settings_that_make_no_sense(words: list[str], told: str) -> None:
    refused = pychat("serve", *words)

    assert refused.exit_code == 2
    assert refused.stderr.startswith("pychat serve: ")
    assert told in refused.stderr
