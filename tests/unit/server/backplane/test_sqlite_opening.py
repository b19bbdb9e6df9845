"""Log files: made whole and private, and never a stranger's taken for one."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from pychat.server.backplane import database, schema
from pychat.server.backplane.interface import LedgerError
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledgers import (
    FakeClock,
    Recorder,
    append,
    reasons,
    said,
)


async def test_two_logs_have_two_epochs(on_disk, tmp_path) -> None:
    other = SqliteLedger(tmp_path / "other.db", FakeClock())
    await other.open(Recorder())

    assert other.epoch != on_disk.epoch
    await other.close()


async def test_nobody_else_may_read_the_files(on_disk, recorder, path) -> None:
    await append(on_disk, recorder, said())

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == dict.fromkeys(["log.db", "log.db-wal", "log.db-shm", "log.db.lock"], 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_folder_that_was_there_keeps_its_mode(tmp_path) -> None:
    tmp_path.chmod(0o755)
    ledger = SqliteLedger(tmp_path / "log.db", FakeClock())

    await ledger.open(Recorder())

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    await ledger.close()


async def test_closing_leaves_one_file_with_everything_in_it(on_disk, recorder, path) -> None:
    await append(on_disk, recorder, said())

    await on_disk.close()

    assert sorted(file.name for file in path.parent.iterdir()) == ["log.db", "log.db.lock"]


async def test_each_commit_is_synced_to_the_disk(path) -> None:
    path.parent.mkdir()
    db = database.open_writer(path)

    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)
    db.close()


async def test_a_second_server_is_refused_with_the_pid_of_the_first(
    on_disk, recorder, path
) -> None:
    second = SqliteLedger(path, FakeClock())

    with pytest.raises(LedgerError, match=rf"process {os.getpid()} holds .*log\.db\.lock"):
        await second.open(Recorder())

    await append(on_disk, recorder, said())
    await on_disk.close()
    (record,) = await second.open(Recorder())
    assert record.head == 1
    await second.close()


async def test_the_pid_of_an_earlier_server_is_not_told(path) -> None:
    path.parent.mkdir()
    path.with_name("log.db.lock").write_text("123456789012\n")
    first = SqliteLedger(path, FakeClock())
    await first.open(Recorder())

    with pytest.raises(LedgerError, match=rf"process {os.getpid()} holds"):
        await SqliteLedger(path, FakeClock()).open(Recorder())

    await first.close()


def content_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


async def refused(path: Path) -> str:
    before = content_of(path)
    with pytest.raises(LedgerError) as fault:
        await SqliteLedger(path, FakeClock()).open(Recorder())
    assert content_of(path) == before
    assert str(path) in str(fault.value)
    return str(fault.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"dear diary " * 100, "it is no database"),
        (b"x", "another program made it"),
    ],
)
async def test_a_file_that_is_no_log_is_refused_and_kept(tmp_path, content, why) -> None:
    path = tmp_path / "log.db"
    path.write_bytes(content)

    text = await refused(path)

    assert why in text
    assert "move it away" in text


async def test_another_programs_database_is_refused(tmp_path) -> None:
    path = tmp_path / "log.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE bookmarks (url TEXT)")
    db.close()

    assert "another program made it" in await refused(path)


async def test_a_log_of_a_newer_pychat_is_refused(on_disk, path) -> None:
    await on_disk.close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()

    text = await refused(path)

    assert "version 99" in text
    assert "run the newer pychat" in text


async def test_a_journal_without_its_log_is_refused(tmp_path) -> None:
    path = tmp_path / "log.db"
    (tmp_path / "log.db-wal").write_bytes(b"the last messages")

    assert "log.db-wal is there" in await refused(path)
    assert not path.exists()


@pytest.mark.parametrize("place", ["file/log.db", "folder"])
async def test_a_place_that_holds_no_file_is_refused(tmp_path, place) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()

    await refused(tmp_path / place)


async def test_a_creation_that_broke_off_is_begun_anew(path, recorder) -> None:
    path.parent.mkdir()
    path.with_name("log.db.new").write_bytes(b"half a database")

    ledger = SqliteLedger(path, FakeClock())
    await ledger.open(recorder)

    assert reasons(await append(ledger, recorder, said())) == ["appended"]
    await ledger.close()
    assert not path.with_name("log.db.new").exists()


async def test_a_name_that_means_something_in_a_url_is_only_a_name(tmp_path) -> None:
    path = tmp_path / "a?mode=memory#%41 b" / "log?.db"
    ledger = SqliteLedger(path, FakeClock())

    await ledger.open(Recorder())

    assert path.exists()
    await ledger.close()


def test_migrations_lead_from_any_version_to_the_last() -> None:
    steps = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y", "INSERT INTO a VALUES (1, 2)"]

    for known in range(4):
        db = sqlite3.connect(":memory:", isolation_level=None)
        schema.migrate(db, steps[:known])
        schema.migrate(db, steps)
        assert schema.version(db) == 3
        assert db.execute("SELECT x, y FROM a").fetchall() == [(1, 2)]
        db.close()


def test_a_migration_that_fails_leaves_the_version_before_it() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(db, ["CREATE TABLE a (x)"])

    with pytest.raises(sqlite3.Error):
        schema.migrate(db, ["-- done", "CREATE TABLE b (x); CREATE TABLE a (x)"])

    assert schema.version(db) == 1
    assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [("a",)]
    db.close()
