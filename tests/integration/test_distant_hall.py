"""A Hall on one machine and people on another, with a wire between that anybody may listen to."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pychat.protocol import fingerprint
from tests.support.netns import NoNamespaces, Wired, wired
from tests.support.processes import PATIENCE, Lines
from tests.support.terminal import Terminal

SECRET = "the password of the printer is banana"


@pytest.fixture
def wire() -> Iterator[Wired]:
    try:
        with wired() as wire:
            yield wire
    except NoNamespaces as why:
        pytest.skip(f"no network namespaces here: {why}")


@contextlib.contextmanager
def hall(wire: Wired, data: Path, port: int = 0) -> Iterator[tuple[int, str]]:
    """Open to all; its port and its key."""
    process = subprocess.Popen(
        [
            *(*wire.at_hall(), sys.executable, "-m", "pychat", "serve", "--host", "0.0.0.0"),  # noqa: S104
            *("--port", str(port), "--data", str(data)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    lines = Lines(process.stdout)
    try:
        listening, told = (json.loads(lines.next()) for _ in range(2))
        yield listening["port"], told["fingerprint"]
    finally:
        process.terminate()
        process.wait(PATIENCE)
        lines.rest()
        process.stdout.close()


def test_it_is_encrypted_and_pinned_with_one_question_and_another_key_is_refused(
    wire: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local" / "state"))

    def script(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*wire.at_people(), sys.executable, "-m", "pychat", *arguments]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
        )

    with hall(wire, tmp_path / "data") as (port, key), wire.listen_in() as ear:
        address = f"{wire.hall_address}:{port}"
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

    shutil.rmtree(tmp_path / "data")
    with hall(wire, tmp_path / "data", port) as (_, other):
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
