"""The name that a command takes when none is given."""

import pytest

from pychat.cli.entering import login_name
from pychat.protocol.names import check_name


@pytest.mark.parametrize(
    ("login", "name"),
    [
        ("ada", "ada"),
        ("Ada.Lovelace-1_x", "Ada.Lovelace-1_x"),
        ("DOMAIN\\ada lovelace", "DOMAINadalovelace"),
        ("_www", "www"),
        ("-.-", None),
        ("ada\x1b[31m", "ada31m"),
        ("źrebię", "źrebię"),
        ("x" * 40, "x" * 32),
    ],
)
def test_what_no_name_may_have_is_left_out(
    monkeypatch: pytest.MonkeyPatch, login: str, name: str | None
) -> None:
    monkeypatch.setenv("LOGNAME", login)

    assert login_name() == name
    assert name is None or check_name(name) == name


def test_without_a_login_there_is_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)

    assert login_name() is None
