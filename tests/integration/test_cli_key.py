"""`pychat key`: from another machine's key to a passphrase, as processes."""

import json
from pathlib import Path

import pytest

from tests.support.processes import HallProcess, Serve, run


@pytest.fixture
def hall(serve_process: Serve) -> HallProcess:
    return serve_process()


def test_a_second_machine_and_a_passphrase_lead_to_the_name(
    hall: HallProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, laptop, stranger = (str(tmp_path / name) for name in ("desk", "laptop", "stranger"))

    def at(machine: str, *arguments: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setenv("XDG_STATE_HOME", machine)
        done = run(*arguments, given=given)
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    def shown(machine: str) -> str:
        code, key, _ = at(machine, "key", "show")
        assert (code, len(key)) == (0, 43)
        return key

    named = (hall.address, "--name", "ada")
    assert at(desk, "send", hall.address, "tea", "mine", "--name", "ada")[0] == 0
    code, _, told = at(laptop, "send", hall.address, "tea", "not mine", "--name", "ada")
    assert (code, "taken" in told) == (3, True)

    # By the other's key.
    assert at(desk, "key", "add", *named, shown(laptop), "--label", "laptop")[0] == 0
    listed = at(laptop, "key", "list", *named, "--json")[1].splitlines()
    assert [json.loads(each)["key"] for each in listed] == [shown(desk), shown(laptop)]
    assert at(desk, "key", "revoke", *named, shown(laptop))[0] == 0
    assert at(laptop, "key", "list", *named)[0] == 3

    # By a passphrase.
    assert at(desk, "key", "passphrase", *named, given="correct horse\n")[0] == 0
    assert at(stranger, "key", "add", *named, "--passphrase", given="wrong horse\n")[0] == 3
    assert at(laptop, "key", "add", *named, "--passphrase", given="correct horse\n")[0] == 0
    code, out, _ = at(laptop, "key", "list", *named)
    assert (code, shown(laptop) in out, out.splitlines()[-1]) == (0, True, "and a passphrase")


def test_a_key_that_is_none_is_told_and_one_is_a_guest(
    hall: HallProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "pychat").mkdir()
    (tmp_path / "pychat" / "key").write_text("none")
    (tmp_path / "pychat" / "key").chmod(0o600)

    shown = run("key", "show")
    said = run("send", hall.address, "tea", "hello", "--name", "ada")

    assert (shown.returncode, said.returncode) == (1, 0)
    assert shown.stderr.startswith("pychat key show: ")
    assert "is no ed25519 key" in said.stderr


def test_a_halls_password_comes_from_the_environment(
    serve_process: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYCHAT_ACCESS_PASSWORD", "open sesame")
    hall = serve_process()

    without = run("rooms", hall.address)
    monkeypatch.setenv("PYCHAT_PASSWORD", "open sesame")
    said = run("send", hall.address, "tea", "hello")

    assert (without.returncode, said.returncode) == (3, 0)
    assert "password" in without.stderr
