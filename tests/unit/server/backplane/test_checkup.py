"""What the doctor finds in a folder, for each thing that can be wrong with it."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from pychat.server.backplane import checkup, schema
from pychat.server.backplane.checkup import Finding
from pychat.server.backplane.interface import Fact
from pychat.server.backplane.registry import SqliteRegistry
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.damage import damage
from tests.support.ledgers import FakeClock, Recorder, append, said


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def path(data: Path) -> Path:
    """A log where the doctor looks for one."""
    return data / "hall.db"


def about(data: Path, what: str) -> list[Finding]:
    return [finding for finding in checkup.check(data) if finding.about == what]


def the_fault(data: Path, what: str = "log") -> Finding:
    (fault,) = [finding for finding in checkup.check(data) if finding.level == "fault"]
    assert fault.about == what
    assert fault.advice
    return fault


async def filled(path: Path, count: int = 3) -> None:
    ledger, recorder = SqliteLedger(path, FakeClock()), Recorder()
    await ledger.open(recorder)
    await append(ledger, recorder, *(said("x" * 500) for _ in range(count)))
    await ledger.close()


async def test_an_open_hall_has_no_fault(on_disk, recorder, data) -> None:
    await append(on_disk, recorder, said(), said(room="other"))

    found = list(checkup.check(data))

    assert {finding.level for finding in found} == {"ok"}
    told = [finding.text for finding in found if finding.about == "log"]
    version = f"version {len(schema.MIGRATIONS)}, epoch {on_disk.epoch}"
    assert told[0].startswith(f"{version}, 2 rooms, 2 events, ")
    assert about(data, "lock")[0].text == f"process {os.getpid()} has the log open"


async def test_a_closed_hall_is_told_as_such(path, data) -> None:
    await filled(path)

    assert about(data, "lock")[0].text == "no server has the log open"


def test_a_folder_that_is_not_there_is_no_fault(data) -> None:
    (folder,) = about(data, "folder")

    assert (folder.level, data.exists()) == ("ok", False)


def test_looking_leaves_nothing_behind(data) -> None:
    data.mkdir(mode=0o700)

    list(checkup.check(data))

    assert list(data.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_a_fault(data) -> None:
    data.write_text("")

    assert "is no folder" in the_fault(data, "folder").text


async def test_what_others_may_read_is_a_warning(path, data) -> None:
    await filled(path)
    data.chmod(0o755)
    path.chmod(0o644)

    warnings = [finding for finding in checkup.check(data) if finding.level == "warning"]

    assert [warning.advice for warning in warnings] == [f"chmod 700 {data}", f"chmod 600 {path}"]


@pytest.mark.parametrize(("free", "level"), [(1, "fault"), (100, "warning"), (1_000, "ok")])
def test_little_space_is_told(data, monkeypatch, free, level) -> None:
    data.mkdir()
    monkeypatch.setattr(
        checkup.shutil, "disk_usage", lambda _: checkup.shutil._ntuple_diskusage(1, 1, free << 20)
    )

    assert about(data, "space")[0].level == level


@pytest.mark.parametrize(
    ("kind", "level"), [("nfs4", "warning"), ("tmpfs", "warning"), ("ext4", "ok")]
)
def test_where_the_folder_lies_is_told(data, monkeypatch, kind, level) -> None:
    data.mkdir()
    mounts = f"1 2 0:1 / / rw - xfs x rw\n3 4 0:2 / {data.parent} rw shared:7 - {kind} y rw\n"
    monkeypatch.setattr(checkup.Path, "read_text", lambda *_: mounts)

    (disk,) = about(data, "disk")

    assert (disk.level, kind in disk.text) == (level, True)


def test_a_slow_disk_is_a_warning(data, monkeypatch) -> None:
    data.mkdir(mode=0o700)
    monkeypatch.setattr(checkup, "_SLOW_SYNC", 0.0)

    assert about(data, "sync")[0].level == "warning"


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "it is empty"), (b"dear diary " * 100, "it is no database")]
)
def test_a_file_that_is_no_log_is_a_fault(path, data, content, why) -> None:
    data.mkdir()
    path.write_bytes(content)

    fault = the_fault(data)

    assert why in fault.text
    assert "restore it from a backup" in fault.advice


async def test_a_log_of_a_newer_pychat_is_a_fault(path, data) -> None:
    await filled(path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()

    fault = the_fault(data)

    assert "version 99" in fault.text
    assert fault.advice == "run the newer pychat that wrote it"


def test_a_journal_without_its_log_is_a_fault(data) -> None:
    data.mkdir()
    (data / "hall.db-wal").write_bytes(b"the last messages")

    assert "hall.db-wal is there" in the_fault(data).text


async def test_a_damaged_page_in_the_middle_is_a_fault(path, data) -> None:
    await filled(path, 300)
    damage(path)

    fault = the_fault(data)

    assert f"{path} is damaged: " in fault.text
    assert "restore the last backup" in fault.advice


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("body = x'7b22'", "event 2 of the room 'lobby' cannot be read"),
        ("body = (SELECT body FROM event WHERE seq = 1)", "event 2 of the room 'lobby' is another"),
    ],
)
async def test_content_that_sqlite_takes_for_whole_is_a_fault(path, data, change, why) -> None:
    await filled(path)
    db = sqlite3.connect(path)
    db.execute(f"UPDATE event SET {change} WHERE seq = 2")  # noqa: S608
    db.commit()
    db.close()

    assert why in the_fault(data).text


def test_a_lock_without_its_holder_is_told(data) -> None:
    data.mkdir()
    file = data / "hall.db.lock"
    held = checkup.lock.acquire(file)
    file.write_text("999999999\n")

    (found,) = about(data, "lock")

    os.close(held)
    assert (found.level, "process 999999999" in found.text) == ("warning", True)


def test_an_old_sqlite_is_a_fault(data, monkeypatch) -> None:
    monkeypatch.setattr(checkup.sqlite3, "sqlite_version_info", (3, 7, 17))

    assert "too old" in the_fault(data, "sqlite").text


def test_what_is_known_of_people_is_looked_at(data: Path) -> None:
    data.mkdir(mode=0o700)
    path = data / "people.db"

    async def one_owner() -> None:
        registry = SqliteRegistry(path)
        registry.open()
        registry.put([Fact("owner", "ada", b"{}")], lambda kept: None)
        await registry.close()

    assert about(data, "people") == []
    asyncio.run(one_owner())
    (found,) = about(data, "people")
    assert (found.level, found.text) == ("ok", "1 owned names, 0 acts in the audit log")
    whole = path.read_bytes()
    for broken in (b"no database" * 100, whole[:4096] + b"\xff" * (len(whole) - 4096)):
        path.write_bytes(broken)
        assert "people.db" in the_fault(data, "people").text
