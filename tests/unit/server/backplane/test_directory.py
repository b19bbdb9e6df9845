"""Sessions are found again after a restart, whatever became of their file."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from pychat.server.backplane.directory import MemoryDirectory, SqliteDirectory
from pychat.server.backplane.interface import Bearing, Directory, Session
from tests.support.ledgers import FakeClock

ADA = Session(id=1, token_hash="a" * 64, name="ada", away=False, rooms=["general", "dev"])
BOB = Session(id=2, token_hash="b" * 64, name="bob", away=True, rooms=[])


@pytest.fixture(params=["memory", "sqlite"])
def reopened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Directory]:
    """Each call gives the directory as a server finds it that starts anew."""
    clock = FakeClock()
    memory = MemoryDirectory(clock)
    path = tmp_path / "sessions.db"
    return lambda: memory if request.param == "memory" else SqliteDirectory(path, clock)


def test_a_fresh_directory_has_no_sessions(reopened: Callable[[], Directory]) -> None:
    directory = reopened()

    assert directory.open() == ([], 0.0)
    directory.close()


def test_sessions_are_found_again_as_they_were_last(reopened: Callable[[], Directory]) -> None:
    directory = reopened()
    directory.open()
    directory.remember(ADA)
    directory.remember(BOB)
    directory.remember(Session(id=1, token_hash="c", name="Ada", away=True, rooms=["dev"]))
    directory.close()

    again = reopened()
    sessions, _ = again.open()

    assert [(s.id, s.name, s.token_hash, s.rooms) for s in sessions] == [
        (1, "Ada", "c", ["dev"]),
        (2, "bob", BOB.token_hash, []),
    ]
    again.close()


def test_what_was_read_and_when_they_came_is_found_again(
    reopened: Callable[[], Directory],
) -> None:
    ada = msgspec.structs.replace(ADA, entered=5, read={"general": 7})
    directory = reopened()
    directory.open()
    directory.remember(ada)
    directory.close()

    again = reopened()

    assert again.open()[0] == [ada]
    again.close()


def test_earlier_names_are_found_again(reopened: Callable[[], Directory]) -> None:
    person = (Bearing("anna", since=5), Bearing("ann", until=7))
    directory = reopened()
    directory.open()
    directory.remember(msgspec.structs.replace(ADA, person=person))
    directory.close()

    again = reopened()
    (session,), _ = again.open()

    assert session.person == person
    again.close()


def test_sessions_of_a_version_that_knew_no_earlier_names_are_found_again(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    directory = SqliteDirectory(path, FakeClock())
    directory.open()
    directory.remember(ADA)
    directory.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE session SET body = CAST(json_remove(body, '$.person') AS BLOB)")

    assert directory.open()[0] == [ADA]
    directory.close()


def test_a_session_that_ended_is_not_found_again(reopened: Callable[[], Directory]) -> None:
    directory = reopened()
    directory.open()
    directory.remember(ADA)
    directory.forget(1)
    directory.forget(99)
    directory.close()

    again = reopened()
    assert again.open()[0] == []
    again.close()


def test_how_long_nobody_has_kept_the_sessions_is_told(tmp_path: Path) -> None:
    clock = FakeClock()
    directory = SqliteDirectory(tmp_path / "sessions.db", clock)
    directory.open()
    directory.remember(ADA)
    directory.keep()
    clock.now += 61_500  # the server was killed, so nothing closed the directory
    again = SqliteDirectory(tmp_path / "sessions.db", clock)

    assert again.open() == ([ADA], 61.5)
    again.close()
    directory.close()


def test_a_file_that_cannot_be_read_is_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "sessions.db"
    path.write_bytes(b"this is no database, and it is long enough to be seen as none" * 20)
    directory = SqliteDirectory(path, FakeClock())

    assert directory.open() == ([], 0.0)
    directory.remember(ADA)
    directory.close()

    again = SqliteDirectory(path, FakeClock())
    assert again.open()[0] == [ADA]
    again.close()


def test_a_session_of_another_shape_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    directory = SqliteDirectory(path, FakeClock())
    directory.open()
    directory.close()
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO session VALUES (1, ?)", (b'{"id":"one"}',))
    db.close()

    assert directory.open() == ([], 0.0)
    directory.close()


def test_a_folder_that_cannot_be_written_costs_the_sessions_and_nothing_else(
    tmp_path: Path,
) -> None:
    directory = SqliteDirectory(tmp_path / "missing" / "sessions.db", FakeClock())

    assert directory.open() == ([], 0.0)
    directory.remember(ADA)
    directory.forget(1)
    directory.close()


def test_what_a_full_disk_did_not_take_is_kept_when_there_is_room_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    path = tmp_path / "sessions.db"
    directory = SqliteDirectory(path, clock)
    directory.open()
    directory.remember(BOB)
    assert directory._db is not None
    (pages,) = directory._db.execute("PRAGMA page_count").fetchone()
    directory._db.execute(f"PRAGMA max_page_count = {pages}")
    crowd = [
        Session(id=number, token_hash="c" * 64, name=f"user-{number}", away=False, rooms=[])
        for number in range(10, 200)
    ]
    for session in crowd:
        directory.remember(session)
    directory.forget(BOB.id)
    directory.keep()
    assert caplog.messages == ["sessions cannot be kept for now: database or disk is full"]

    directory._db.execute("PRAGMA max_page_count = 10000")
    clock.now += 5_000
    directory.keep()
    directory.remember(ADA)
    clock.now += 1_000

    again = SqliteDirectory(path, clock)
    assert again.open() == ([ADA, *crowd], 1.0)
    assert caplog.messages[1:] == ["sessions are kept again"]
    again.close()
    directory.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    directory = SqliteDirectory(path, FakeClock())
    directory.open()

    assert path.stat().st_mode & 0o777 == 0o600
    directory.close()
