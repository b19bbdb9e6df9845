"""From `pychat invite` into the Hall with one paste, and what is known of it from then on."""

from pathlib import Path

import pytest

from pychat.protocol.invitation import parse_invitation
from tests.support.processes import Serve, run

DATA = Path(__file__).parents[1] / "data"
TLS = ("--tls", str(DATA / "localhost.pem"), str(DATA / "localhost.key"))


def test_one_line_lets_a_stranger_in_pins_the_key_and_says_the_room(
    serve_process: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "pychat.toml"
    config.write_text("[access]\ninvite_only = true\n")
    hall = serve_process("--config", str(config), *TLS)
    fingerprint = hall.report("encrypted")["fingerprint"]
    here = ("--data", str(tmp_path / "data"))

    invited = run("invite", "tea", *here)
    assert invited.returncode == 0, invited.stderr
    url = invited.stdout.strip()
    parsed = parse_invitation(url)
    assert (parsed.place, parsed.room) == (hall.address, "tea")
    assert f"key={fingerprint}" in url
    assert parsed.token is not None

    stranger = run("send", hall.address, "tea", "hello")
    assert stranger.returncode == 4
    assert "this Hall is reached with TLS only" in stranger.stderr
    assert run("trust").stdout == ""

    said = run("send", url, "hello")
    assert (said.returncode, said.stderr) == (0, "")
    assert run("trust", hall.address).stdout == f"{fingerprint}\n"

    other = run("send", url.replace(fingerprint[-8:], "00000000"), "hello")
    assert other.returncode == 4
    assert "another key than the one that is known" in other.stderr
    assert f"pychat trust {hall.address} --forget" in other.stderr

    # Another machine: the invitation is used up.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    again = run("send", url, "hello again", "--name", "eve")
    assert again.returncode == 3
    assert "entered by invitation" in again.stderr
    assert run("trust").stdout.startswith(f"{hall.address} {fingerprint} ")


def test_where_no_hall_is_open_there_is_no_invitation(tmp_path: Path) -> None:
    none = run("invite", "--data", str(tmp_path))

    assert none.returncode == 4
    assert "no Hall has been opened" in none.stderr
