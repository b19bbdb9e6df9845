"""Where a Hall says that it is, to those who are to come."""

import socket
from pathlib import Path

import pytest

from pychat.protocol import fingerprint
from pychat.protocol.invitation import Invitation
from pychat.server.certificate import own_certificate
from pychat.server.inviting import (
    NotServingError,
    Serving,
    find,
    invitation,
    leave_word,
    serving,
)
from pychat.server.listener import bind
from pychat.server.tls import Encryption

KEY = bytes(range(32))


def test_it_is_known_by_its_own_key_and_by_none_where_others_vouch_for_it(tmp_path: Path) -> None:
    own = own_certificate(tmp_path)
    sockets = bind("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    alone, vouched = Encryption(own, own, vouched=False), Encryption(own, own)

    assert serving(sockets, None) == Serving("127.0.0.1", port, None)
    assert serving(sockets, vouched) == Serving("127.0.0.1", port, None)
    assert serving(sockets, alone).key == fingerprint.written(alone.fingerprint)
    for each in sockets:
        each.close()


def test_an_invitation_leads_to_where_it_is() -> None:
    here = Serving("::1", 4_000, fingerprint.written(KEY))

    assert invitation(here) == Invitation("[::1]:4000", key=KEY)
    assert invitation(Serving("192.0.2.1", 4_000, None)) == Invitation("192.0.2.1:4000")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_of_all_addresses_one_is_told_by_which_it_can_be_reached(host: str) -> None:
    place = invitation(Serving(host, 4_000, None)).place

    assert place.endswith(":4000")
    assert place.removesuffix(":4000") not in ("0.0.0.0", "[::]")  # noqa: S104


def test_where_there_is_no_way_to_others_the_name_of_the_machine_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "chat")
    monkeypatch.setattr(socket.socket, "connect", _fail)

    assert invitation(Serving("0.0.0.0", 4_000, None)).place == "chat:4000"  # noqa: S104


def _fail(*_: object) -> None:
    raise OSError("no way")


def test_it_leaves_word_in_its_folder(tmp_path: Path) -> None:
    here = Serving("::1", 4_000, fingerprint.written(KEY))

    leave_word(tmp_path, here)

    assert find(tmp_path) == here
    assert [file.name for file in tmp_path.iterdir()] == ["serving.json"]
    leave_word(tmp_path / "nowhere", here)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"host":1}', b"x" * 10_000])
def test_what_is_damaged_is_as_good_as_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "serving.json").write_bytes(content)

    with pytest.raises(NotServingError, match="no Hall has been opened"):
        find(tmp_path)
