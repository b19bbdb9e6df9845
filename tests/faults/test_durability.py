"""What is acknowledged is on disk: fsync first, and no promise on a full disk."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.invariants import Invariants, read_history
from tests.support.processes import HallProcess, Serve
from tests.support.small_disk import small_disk
from tests.support.wire import Wire

Measured = Callable[[str], None]

# -- fsync before every acknowledgement -------------------------------------------------------

ACKNOWLEDGED = 50

_SYNCS = ("fsync", "fdatasync")
_SENT = r"\"type\":\"sent\""
_SAID = r"\"type\":\"message\""

_TRACED = "trace=fsync,fdatasync,write,writev,pwrite64,sendto,sendmsg"

_CALL = re.compile(
    r"^(?P<pid>\d+) +(?P<time>\d+\.\d+) (?:<\.\.\. )?(?P<name>\w+)(?P<rest>.*)$", re.MULTILINE
)


class Call(NamedTuple):
    """A system call: a sync at its return, all else at its beginning."""

    name: str
    file: str
    text: str


def calls(trace: str) -> list[Call]:
    """In their order. What strace tells in two halves counts by the half that matters."""
    syncing: dict[str, str] = {}
    found = []
    for match in _CALL.finditer(trace):
        pid, name, rest = match["pid"], match["name"], match["rest"]
        if rest.endswith("<unfinished ...>") and name in _SYNCS:
            syncing[pid] = rest
            continue
        if " resumed>" in rest:
            if name not in _SYNCS:
                continue
            rest = syncing.pop(pid)
        file = re.match(r"\(\d+<([^>]*)", rest)
        found.append(Call(name, file[1] if file else "", rest))
    return found


def unproven(found: list[Call]) -> list[str]:
    """What people were told of while the journal was written and not synced."""
    dirty = False
    faults = []
    for call in found:
        journal = call.file.endswith("hall.db-wal")
        if journal and call.name.startswith("pwrite"):
            dirty = True
        elif journal and call.name in _SYNCS:
            dirty = False
        elif (
            dirty and call.file.startswith("socket:") and (_SENT in call.text or _SAID in call.text)
        ):
            faults.append(call.text[:200])
    return faults


def test_the_reading_of_traces_finds_a_missing_fsync() -> None:
    ack = '7 1.5 sendto(9<socket:[1]>, "\\0\\0\\0\\1{\\"type\\":\\"sent\\"", 12, 0, NULL, 0) = 12\n'
    write = '8 1.1 pwrite64(5</x/hall.db-wal>, "..", 2, 0) = 2\n'
    begun = "8 1.2 fdatasync(5</x/hall.db-wal> <unfinished ...>\n"
    ended = "8 1.4 <... fdatasync resumed>) = 0\n"
    early = '7 1.3 sendto(9<socket:[1]>, "{\\"type\\":\\"sent\\"", 12 <unfinished ...>\n'
    late = "7 1.5 <... sendto resumed>) = 12\n"
    other = "8 1.3 fdatasync(6</x/hall.db>) = 0\n"

    assert unproven(calls(write + begun + ended + ack)) == []
    assert len(unproven(calls(write + ack + begun + ended))) == 1
    assert len(unproven(calls(write + ack.replace("sent", "message") + begun + ended))) == 1
    assert len(unproven(calls(write + begun + ack + ended))) == 1
    assert len(unproven(calls(write + begun + early + ended + late))) == 1
    assert len(unproven(calls(write + other + ack))) == 1


def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    done = subprocess.run(["strace", "-qq", "true"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.skipif(not _can_trace(), reason="strace is not here, or may not trace")
async def test_the_journal_is_synced_before_anybody_is_told(
    serve_process: Serve, tmp_path: Path, measured: Measured
) -> None:
    hall = await asyncio.to_thread(serve_process, "--flood", "off")
    trace = tmp_path / "trace"
    strace = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-ttt", "-y", "-s", "4096", "-e", _TRACED),
        *("-o", str(trace), "-p", str(hall.process.pid)),
        stderr=asyncio.subprocess.PIPE,
    )
    assert strace.stderr is not None
    try:
        async with asyncio.timeout(50):
            # One line for each thread, once it is attached to it.
            assert b"attached" in await strace.stderr.readline()
        ann = await Wire.member(hall.port, "ann", "lobby")
        for number in range(ACKNOWLEDGED):
            await ann.say("lobby", f"message {number}")
        ann.abort()
    finally:
        strace.terminate()
        await strace.communicate()

    found = calls(trace.read_text(errors="replace"))
    acknowledged = sum(call.text.count(_SENT) for call in found)
    told = sum(call.text.count(_SAID) for call in found if call.file.startswith("socket:"))
    syncs = sum(call.name in _SYNCS and call.file.endswith("-wal") for call in found)
    assert unproven(found) == []
    assert acknowledged == told == ACKNOWLEDGED
    assert syncs >= ACKNOWLEDGED
    measured(f"{acknowledged} serial messages: {syncs} syncs of the journal, each before its ack")


# -- a full disk ------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "8m") as folder:
        yield folder


def fill(disk: Path) -> Path:
    """Leave no room; the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


async def test_a_full_disk_refuses_what_is_said_and_takes_it_when_there_is_room_again(
    disk: Path, tmp_path: Path
) -> None:
    oracle = Invariants()
    hall = await asyncio.to_thread(HallProcess, disk / "data", "--flood", "off", "--quiet")
    try:
        ann = await Wire.member(hall.port, "ann", "lobby")
        bob = await Wire.member(hall.port, "bob", "lobby")
        heard = oracle.hearing("bob", "lobby")

        async def say(number: int, size: int = 2_000) -> str:
            text, nonce = f"{number} ".ljust(size, "x"), f"n{number}"
            oracle.meant("ann", "lobby", nonce, text)
            reply = await ann.say("lobby", text, nonce)
            if reply["type"] == "sent":
                oracle.acknowledged("ann", "lobby", nonce, reply["seq"])
                return "sent"
            assert (reply["retryable"], reply["type"]) == (True, "error")
            return str(reply["code"])

        assert {await say(number) for number in range(20)} == {"sent"}
        ballast = fill(disk)
        refused = {await say(number) for number in range(20, 60)}
        assert refused <= {"sent", "unavailable"}
        # SQLite reuses what its journal has: it may take a while until it wants more room.
        assert [await say(number, 8_000) for number in range(60, 65)] == ["unavailable"] * 5
        shown = await bob.granted("history", room="lobby", limit=200)
        promised = [each.seq for each in oracle.promises]
        assert [each["seq"] for each in shown["messages"]] == promised
        assert (await bob.granted("search", text="19", room="lobby"))["messages"]

        ballast.unlink()
        async with asyncio.timeout(50):
            while await say(60, 8_000) != "sent":
                pass
        assert {await say(number) for number in range(65, 80)} == {"sent"}

        for event in await bob.drain():
            if event["type"] == "message":
                heard.heard(event)
        history = await read_history(hall.port, "lobby")
        hall.process.kill()
        hall.process.wait()
        shutil.copytree(
            disk / "data", tmp_path / "copy", ignore=shutil.ignore_patterns("admin.sock")
        )
    finally:
        hall.stop()
    oracle.stored_in(tmp_path / "copy" / "hall.db")
    oracle.shown("lobby", history)
    oracle.hold()
