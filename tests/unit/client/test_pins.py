"""The file of Halls that were trusted: what is in it stays, and what is damaged is no stranger."""

import stat
from pathlib import Path

import pytest

from pychat.client import Address, Pins, Untrusted
from pychat.client.pins import FILE_BYTES, VOUCHED
from pychat.protocol import fingerprint

KEY, OTHER = bytes(range(32)), bytes(32)
HALL = Address("Chat.lan", 4_000)


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    return Pins(tmp_path / "state" / "pychat" / "known_hosts")


def test_a_key_is_found_again_by_host_and_port_however_they_are_written(pins: Pins) -> None:
    assert pins.find(HALL) is None

    pins.remember(HALL, KEY)

    assert pins.find(Address("chat.LAN", 4_000)) == KEY
    assert pins.find(Address("chat.lan", 4_001)) is None
    assert stat.S_IMODE(pins.path.stat().st_mode) == 0o600
    (pin,) = pins.all()
    assert (pin.place, pin.key) == ("chat.lan:4000", KEY)
    assert pins.path.read_text() == f"chat.lan:4000 {fingerprint.written(KEY)} {pin.since}\n"


def test_comments_and_what_is_not_understood_stay_where_they_are(pins: Pins) -> None:
    pins.path.parent.mkdir(parents=True)
    line = f"[::1]:4000 {fingerprint.written(OTHER)} long ago"
    pins.path.write_text(f"# mine\n\nnot a line of pychat's\n{line}\n")

    pins.remember(HALL, OTHER)
    pins.remember(HALL, KEY)

    assert pins.path.read_text().startswith(f"# mine\n\nnot a line of pychat's\n{line}\nchat.lan")
    assert pins.find(HALL) == KEY
    assert pins.find(Address("::1", 4_000)) == OTHER
    assert pins.forget(HALL)
    assert not pins.forget(HALL)
    assert pins.path.read_text().endswith("long ago\n")


def test_that_an_authority_vouched_for_a_hall_stands_in_place_of_its_key(pins: Pins) -> None:
    pins.remember(HALL, VOUCHED)

    assert pins.path.read_text().startswith("chat.lan:4000 vouched 20")
    assert pins.find(HALL) == VOUCHED
    assert pins.find(Address("chat.lan", 4_001)) is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"chat.lan:4000 sha256:00 2026-11-22\n", "no key of chat.lan:4000 in line 1"),
        (b"# one\n  CHAT.lan:4000\n", "no key of chat.lan:4000 in line 2"),
        (b"\xff\n", "no UTF-8"),
        (b"#" * (FILE_BYTES + 1), "larger than"),
    ],
)
def test_what_is_damaged_is_not_taken_for_a_hall_that_was_never_seen(
    pins: Pins, content: bytes, why: str
) -> None:
    pins.path.parent.mkdir(parents=True)
    pins.path.write_bytes(content)

    with pytest.raises(Untrusted, match=why):
        pins.find(HALL)


def test_a_file_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Untrusted, match="cannot be read: Is a directory"):
        Pins(tmp_path).find(HALL)
    nowhere = Pins(tmp_path / "file" / "known_hosts")
    assert nowhere.find(HALL) is None
    with pytest.raises(Untrusted, match="cannot be written"):
        nowhere.remember(HALL, KEY)
    full = Pins(tmp_path / "known_hosts")
    (tmp_path / "known_hosts.new").mkdir()
    with pytest.raises(Untrusted, match="cannot be written"):
        full.remember(HALL, KEY)


@pytest.mark.parametrize(("room", "fits"), [(1, True), (0, True), (-1, False)])
def test_the_file_is_bounded(pins: Pins, room: int, fits: bool) -> None:
    pins.remember(HALL, KEY)
    line = len(pins.path.read_bytes())
    pins.path.write_bytes(b"#" * (FILE_BYTES - line - room - 1) + b"\n")

    if fits:
        pins.remember(HALL, KEY)
        assert pins.find(HALL) == KEY
    else:
        with pytest.raises(Untrusted, match="would be larger"):
            pins.remember(HALL, KEY)
