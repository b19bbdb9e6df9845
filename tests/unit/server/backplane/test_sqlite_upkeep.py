"""What is found by word and by nonce is kept up behind the log, and the log behind its journal."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from pychat.server.backplane import committer, disk, schema, writer
from pychat.server.backplane.disk import DiskSpeed
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledgers import (
    FakeClock,
    Recorder,
    append,
    deleted,
    edited,
    newest,
    reasons,
    receipt,
    said,
    wanted,
)


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Upkeep never has time, and is done when it must be."""
    monkeypatch.setattr(writer, "IDLE_SECONDS", 3_600)


def look(path: Path, query: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(path)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()


def change(path: Path, statement: str) -> None:
    db = sqlite3.connect(path)
    db.execute(statement)
    db.commit()
    db.close()


async def until(path: Path, query: str, answer: object) -> None:
    async with asyncio.timeout(50):
        while True:
            if look(path, query) == [(answer,)]:
                return
            await asyncio.sleep(0.01)


async def test_when_nobody_speaks_the_words_and_nonces_are_taken_up(
    on_disk, recorder, path
) -> None:
    await append(on_disk, recorder, said("fox"), said("ox"))

    await until(path, "SELECT indexed FROM meta", 2)

    assert look(path, "SELECT count(*) FROM nonce") == [(2,)]
    assert look(path, "SELECT count(*) FROM words WHERE words MATCH 'fox'") == [(1,)]


@pytest.mark.usefixtures("no_rest")
async def test_a_search_finds_what_was_said_just_before_it(on_disk, recorder) -> None:
    await append(on_disk, recorder, said("fox"), said("fox and ox"), said("fox, gone"))
    await append(on_disk, recorder, edited(2, "an ox"), deleted(3))

    found = await on_disk.search(wanted("fox"))

    assert [message.seq for message in found.messages] == [1]
    found = await on_disk.search(wanted("ox"))
    assert [message.seq for message in found.messages] == [2]


@pytest.mark.usefixtures("no_rest")
async def test_a_nonce_is_known_before_it_is_taken_up_and_after(on_disk, recorder, path) -> None:
    await append(on_disk, recorder, said("a", nonce="n"))
    assert look(path, "SELECT count(*) FROM nonce") == [(0,)]

    before = await append(on_disk, recorder, said("a", nonce="n"), said("b", nonce="n"))
    await on_disk.search(wanted("a"))
    assert look(path, "SELECT count(*) FROM nonce") == [(1,)]
    after = await append(on_disk, recorder, said("a", nonce="n"), said("b", nonce="n"))

    for resent, other in (before, after):
        assert receipt(resent).duplicate
        assert reasons([other]) == ["nonce-reused"]


@pytest.mark.usefixtures("no_rest")
async def test_what_was_not_taken_up_at_the_end_is_known_at_the_next_start(
    on_disk, recorder, path
) -> None:
    await append(on_disk, recorder, said("fox", nonce="n"))
    await on_disk.close()
    assert look(path, "SELECT indexed FROM meta") == [(0,)]
    again, told = SqliteLedger(path, FakeClock()), Recorder()
    await again.open(told)

    (outcome,) = await append(again, told, said("fox", nonce="n"))

    assert receipt(outcome).duplicate
    assert len((await again.search(wanted("fox"))).messages) == 1
    await again.close()


@pytest.mark.usefixtures("no_rest")
@pytest.mark.parametrize(("events", "taken_up"), [(9, False), (10, False), (11, True)])
async def test_the_lag_is_bounded(path, recorder, monkeypatch, events, taken_up) -> None:
    monkeypatch.setattr(writer, "INDEX_LAG", 10)
    ledger = SqliteLedger(path, FakeClock())
    await ledger.open(recorder)

    await append(ledger, recorder, *(said() for _ in range(events)))
    await append(ledger, recorder, said())

    assert (look(path, "SELECT indexed FROM meta") == [(events,)]) is taken_up
    await ledger.close()


@pytest.mark.usefixtures("no_rest")
@pytest.mark.parametrize(("events", "taken_up"), [(9, False), (10, False), (11, True)])
async def test_some_are_taken_up_even_while_people_speak(
    path, recorder, monkeypatch, events, taken_up
) -> None:
    monkeypatch.setattr(writer, "EASY_LAG", 10)
    ledger = SqliteLedger(path, FakeClock())
    await ledger.open(recorder)

    await append(ledger, recorder, *(said() for _ in range(events)))
    for _ in range(3):  # upkeep has its turn beside the reader's
        await ledger.page(newest())

    if taken_up:  # by a thread, where the disk is slow
        await until(path, "SELECT indexed FROM meta", events)
    await ledger.close()
    assert look(path, "SELECT indexed FROM meta") == [(events if taken_up else 0,)]


@pytest.mark.usefixtures("no_rest")
@pytest.mark.parametrize(("spare", "moved"), [(1, False), (0, False), (-1, True)])
async def test_the_journal_is_moved_into_the_log_at_its_bound(
    path, recorder, monkeypatch, spare, moved
) -> None:
    pages = committer._COMMIT_PAGES + committer._ROW_PAGES
    monkeypatch.setattr(writer, "CHECKPOINT_PAGES", pages + spare)
    ledger = SqliteLedger(path, FakeClock())
    await ledger.open(recorder)
    before = path.read_bytes()

    await append(ledger, recorder, said("fox"))
    await append(ledger, recorder, said("ox"))

    assert (path.read_bytes() != before) is moved
    await ledger.close()


@pytest.fixture
def refused(on_disk: SqliteLedger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes events and no upkeep, until the trigger is dropped."""
    monkeypatch.setattr(writer, "_RETRY_SECONDS", 0.01)
    change(path, "CREATE TRIGGER fault BEFORE INSERT ON nonce BEGIN SELECT RAISE(ABORT, 'no'); END")


@pytest.mark.usefixtures("refused")
async def test_a_disk_that_refuses_upkeep_is_asked_again(on_disk, recorder, path, caplog) -> None:
    await append(on_disk, recorder, said("fox"))
    await on_disk.search(wanted("fox"))
    assert "the log cannot be indexed: IntegrityError: no" in caplog.text
    assert [r.levelno for r in caplog.records if r.name == "pychat.ledger"] == [logging.ERROR]

    change(path, "DROP TRIGGER fault")

    await until(path, "SELECT indexed FROM meta", 1)
    assert look(path, "SELECT count(*) FROM words WHERE words MATCH 'fox'") == [(1,)]


async def test_a_search_reads_what_could_not_be_taken_up(on_disk, recorder, path, request) -> None:
    await append(on_disk, recorder, said("fox one"), said("fox two"), said("ox three"))
    await append(on_disk, recorder, said("fox", room="other"), said("fox", sender="bob"))
    await on_disk.search(wanted("fox"))
    request.getfixturevalue("refused")
    await append(on_disk, recorder, edited(2, "ox two"), edited(3, "fox three"), said("fox four"))
    await append(on_disk, recorder, said("fox five"), deleted(8), said("fox six", room="other"))

    async def found(*rooms: str, **rest: object) -> list[str]:
        answer = await on_disk.search(wanted("fox", *rooms, **rest))
        return [message.text for message in answer.messages]

    assert look(path, "SELECT indexed FROM meta") == [(5,)]
    assert await found("lobby") == ["fox four", "fox", "fox three", "fox one"]
    assert await found("lobby", sender="Ann") == ["fox four", "fox three", "fox one"]
    assert await found("lobby", "other", limit=2) == ["fox six", "fox four"]
    assert await found("lobby", before=0) == []


async def test_another_program_that_writes_holds_up_appends_and_not_the_loop(
    path, recorder, monkeypatch
) -> None:
    monkeypatch.setattr(disk, "QUICK", float("inf"))
    ledger = SqliteLedger(path, FakeClock())
    await ledger.open(recorder)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    appended = asyncio.ensure_future(append(ledger, recorder, said("fox")))

    assert (await ledger.page(newest())).messages == []
    assert not appended.done()
    db.execute("ROLLBACK")
    db.close()

    assert reasons(await appended) == ["appended"]
    await ledger.close()


async def test_a_log_of_the_version_before_keeps_its_words_and_nonces(path, recorder) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    schema.migrate(db, schema.MIGRATIONS[:2])
    db.executescript(
        "INSERT INTO room VALUES (1, 'lobby', 1, 5, 1, '', 0, 0);"
        "INSERT INTO event VALUES (1, 1, 1, 5, 'ann', 'n', 'message', NULL, 1, CAST('"
        '{"type":"message","room":"lobby","seq":1,"prev":0,"time":5,"sender":"ann","nonce":"n",'
        '"text":"fox"}\' AS BLOB));'
        "INSERT INTO words (rowid, text, tags) VALUES (1, 'fox', 'r1 s616e6e');"
    )
    db.close()
    ledger = SqliteLedger(path, FakeClock())
    await ledger.open(recorder)

    resent, other = await append(ledger, recorder, said("fox", nonce="n"), said("ox", nonce="n"))

    assert receipt(resent).duplicate
    assert reasons([other]) == ["nonce-reused"]
    assert [message.seq for message in (await ledger.search(wanted("fox"))).messages] == [1]
    await ledger.close()


def test_a_disk_is_quick_or_slow_by_what_most_commits_took() -> None:
    speed = DiskSpeed(disk.QUICK)
    assert speed.quick

    for _ in range(disk._TRIES // 2):
        speed.took(10 * disk.SLOW)
        speed.took(disk.QUICK)
    assert speed.quick
    for _ in range(disk._TRIES):
        speed.took(1.1 * disk.SLOW)
    assert not speed.quick
    for _ in range(disk._TRIES):
        speed.took(1.1 * disk.QUICK)
    assert not speed.quick
    for _ in range(disk._TRIES):
        speed.took(disk.QUICK)
    assert speed.quick


def test_a_disk_that_takes_longer_than_quick_begins_as_slow() -> None:
    assert not DiskSpeed(1.1 * disk.QUICK).quick


def test_measuring_a_disk_leaves_nothing_on_it(tmp_path: Path) -> None:
    assert disk.measure_sync(tmp_path) > 0

    assert list(tmp_path.iterdir()) == []


async def test_a_timer_that_does_not_tell_when_it_comes_is_no_fault(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what is due at once, uvloop makes a handle that knows no time."""
    loop = asyncio.get_running_loop()
    faults: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, fault: faults.append(fault))
    timer = loop.call_at

    def timeless(when: float, callback: Callable[[], None]) -> SimpleNamespace:
        return SimpleNamespace(cancel=timer(when, callback).cancel)

    recorder = Recorder()
    ledger = SqliteLedger(path, FakeClock())
    await ledger.open(recorder)
    monkeypatch.setattr(loop, "call_at", timeless)
    for number in range(3):
        await append(ledger, recorder, said(f"number {number}"))
    monkeypatch.undo()
    await ledger.close()

    assert faults == []
