"""A Hall on one machine and people on another, with a wire between that anybody may listen to."""

import contextlib
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pychat.protocol import fingerprint
from tests.support.netns import Wired
from tests.support.processes import PATIENCE, Serve
from tests.support.terminal import Terminal

SECRET = "the password of the printer is banana"


def test_it_is_encrypted_and_pinned_with_one_question_and_another_key_is_refused(
    wire: Wired, serve_process: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local" / "state"))

    def script(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*wire.at_people(), sys.executable, "-m", "pychat", *arguments]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
        )

    to_all = ("--host", "0.0.0.0")  # noqa: S104
    hall = serve_process(*to_all, at=wire.at_hall())
    key = hall.report("encrypted")["fingerprint"]
    address = f"{wire.hall_address}:{hall.port}"
    with wire.listen_in() as ear:
        unknown = script("send", address, "tea", SECRET)
        assert (unknown.returncode, unknown.stdout) == (4, "")
        assert f"pychat trust {address} --fingerprint {key}" in unknown.stderr

        at = wire.at_people()
        groups = fingerprint.grouped(fingerprint.parse(key))
        with contextlib.closing(Terminal(home, "tui", address, "--plain", at=at)) as doubter:
            doubter.sees("Its key is", " ".join(groups), "Trust (yes/no):")
            doubter.type("no\r")
            doubter.sees("nothing was sent there")
            assert doubter.end() == 0
        with contextlib.closing(Terminal(home, "tui", address, "--name", "ann", at=at)) as person:
            person.sees("Is this the key of", " ".join(groups[:8]), " ".join(groups[8:]))
            person.type("\r")
            person.sees("There is no room yet")
            person.type("/join tea\r")
            person.sees("this is the beginning of #tea")
            person.type(f"{SECRET}\r")
            person.sees("✓")

            said = script("send", address, "tea", "I have it, too")
            assert (said.returncode, said.stderr) == (0, "")
            person.sees("I have it, too")
            person.type("/quit\r")
            assert person.end() == 0
        heard = overheard(ear)

    assert len(heard) > 5_000
    for word in (SECRET, "banana", "hello", '"type"', "I have it"):
        assert word.encode() not in heard

    hall.stop()
    shutil.rmtree(tmp_path / "data")
    hall = serve_process(*to_all, "--port", str(hall.port), at=wire.at_hall())
    other = hall.report("encrypted")["fingerprint"]
    refused = script("send", address, "tea", SECRET)
    assert refused.returncode == 4
    assert "Somebody may be in between" in refused.stderr
    assert key in refused.stderr
    assert other in refused.stderr
    assert f"pychat trust {address} --forget" in refused.stderr


def overheard(ear: socket.socket) -> bytes:
    ear.setblocking(False)
    heard = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            heard += ear.recv(65_536)
    return heard
