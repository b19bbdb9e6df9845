"""What is written of a Hall, in one piece or with options: where it is, and by what it is known."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pychat.cli.parameters import hall_of
from pychat.cli.program import app
from pychat.client import Address, Pins, Trust
from pychat.protocol import fingerprint

KEY, OTHER = bytes(range(32)), bytes(32)
WRITTEN, ANOTHER = fingerprint.written(KEY), fingerprint.written(OTHER)
INVITATION = f"pychat://chat.lan:4000/tea?key={WRITTEN}&token=abc"


@pytest.mark.parametrize(
    ("given", "address", "trust", "room"),
    [
        ({"written": "chat.lan"}, Address("chat.lan", 22_222), Trust(), None),
        ({"port": 4_000}, Address("chat.lan", 4_000), Trust(), None),
        ({"fingerprint": WRITTEN}, Address("chat.lan", 22_222), Trust(key=KEY), None),
        ({"trust": True}, Address("chat.lan", 22_222), Trust(new=True), None),
        ({"no_tls": True}, Address("chat.lan", 22_222), Trust(tls=False), None),
        (
            {"written": INVITATION, "fingerprint": WRITTEN, "port": 4_000},
            Address("chat.lan", 4_000),
            Trust(key=KEY, token="abc"),
            "tea",
        ),
    ],
)
def test_it_says_where_to_go_and_what_is_known(
    given: dict[str, object], address: Address, trust: Trust, room: str | None
) -> None:
    hall = hall_of("send", **{"written": "chat.lan", "port": None, **given})

    assert (hall.address, hall.trust, hall.room) == (address, trust, room)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["chat.lan", "tea", "--fingerprint", "sha256:0"], "64 digits"),
        ([INVITATION, "tea", "--fingerprint", ANOTHER], "differ"),
        ([INVITATION, "tea", "--no-tls"], "goes with no key"),
        (["chat.lan", "tea", "--no-tls", "--trust"], "goes with no key"),
        ([INVITATION, "tea", "--port", "5000"], "name different ports"),
        (["pychat://chat.lan?x=1", "tea"], "more in it than this pychat knows"),
        (["chat.lan"], "there is no ROOM"),
        (["pychat://chat.lan"], "there is no ROOM"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_tried(
    arguments: list[str], why: str
) -> None:
    done = CliRunner().invoke(app, ["tail", *arguments])

    assert done.exit_code == 2
    assert why in done.stderr


class TestTrusting:
    @pytest.fixture(autouse=True)
    def _own_state(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def run(self, *arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["trust", *arguments])
        return done.exit_code, done.stdout + done.stderr

    def test_a_key_is_trusted_listed_and_forgotten(self) -> None:
        assert self.run() == (0, "")
        assert self.run("chat.lan", "--fingerprint", WRITTEN) == (0, f"{WRITTEN}\n")
        assert self.run("chat.lan") == (0, f"{WRITTEN}\n")
        assert self.run(f"pychat://chat.lan?key={WRITTEN}")[0] == 0
        assert self.run()[1].startswith(f"chat.lan:22222 {WRITTEN} 20")

        code, why = self.run("chat.lan", "--fingerprint", ANOTHER)
        assert (code, "first --forget that" in why) == (3, True)
        assert Pins().find(Address("chat.lan", 22_222)) == KEY

        assert self.run("chat.lan", "--forget") == (0, "")
        code, why = self.run("chat.lan", "--forget")
        assert (code, "nothing is known" in why) == (3, True)
        code, why = self.run("chat.lan")
        assert (code, "--fingerprint" in why) == (3, True)

    def test_a_file_of_no_use_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "pychat").mkdir()
        (tmp_path / "pychat" / "known_hosts").write_bytes(b"\xff")

        assert self.run() == (
            1,
            f"pychat trust: {Pins().path} is no UTF-8; mend it or move it away\n",
        )
