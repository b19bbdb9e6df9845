"""Where a room stands is told by its last event, whoever asks and whatever became of the server."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pychat.server.backplane import archive, database, retention, schema, steady
from pychat.server.backplane.appender import Appender
from pychat.server.backplane.committer import Committer
from pychat.server.backplane.interface import Retention
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledgers import (
    FakeClock,
    Recorder,
    append,
    reasons,
    receipt,
    said,
    topic,
    wanted,
)
from tests.unit.server.backplane.test_retention import until_first_is

DAY = 24 * 3_600_000


def test_an_event_is_all_that_its_commit_writes(path) -> None:
    path.parent.mkdir()
    db = database.open_writer(path)
    appender, written = Appender(db), []
    appender.append([said()], 1)
    db.set_trace_callback(lambda sql: written.append(sql.split("(")[0].split()[:3]))

    appender.append([said()], 2)
    ordinary = [words for words in written if words[0] not in ("SELECT", "WITH")]
    written.clear()
    appender.append([topic("foxes")], 3)

    assert ordinary == [["INSERT", "INTO", "event"]]
    assert ["UPDATE", "room", "SET"] in written
    db.close()


async def test_the_file_of_a_killed_server_tells_where_its_rooms_stand(
    on_disk, recorder, path, tmp_path
) -> None:
    await append(on_disk, recorder, said(), topic("foxes"), said(), said(room="other"))
    left = tmp_path / "left" / path.name
    left.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(path.with_name(path.name + suffix), left.with_name(left.name + suffix))

    with database.open_beside(left) as db:
        room = archive.find_room(db, left, "lobby")
        lines = list(archive.lines(db, left, room))
    again, told = SqliteLedger(left, FakeClock(1)), Recorder()
    records = await again.open(told)
    (outcome,) = await append(again, told, said())

    assert (room.head, room.topic, len(lines)) == (3, "foxes", 4)
    assert [(record.name, record.head) for record in records] == [("lobby", 3), ("other", 1)]
    assert (receipt(outcome).seq, told.events[-1].prev) == (4, 3)
    assert receipt(outcome).time == recorder.events[2].time  # as the clock is back
    await again.close()


OLD = """
INSERT INTO room VALUES (1, 'gone', 7, 500, 5, 'foxes', 7, 5), (2, 'kept', 3, 400, 2, '', 2, 1);
INSERT INTO event VALUES (9, 2, 3, 400, 'ann', 'n', 'message', NULL, 2, CAST('{"type":"message",
"room":"kept","seq":3,"prev":2,"time":400,"sender":"ann","nonce":"n","text":"ox"}' AS BLOB));
INSERT INTO nonce VALUES (2, 'ann', 'n', 9);
INSERT INTO spent VALUES (1, 'ann', 'm', 7, 500, 'not the same');
UPDATE meta SET indexed = 9;
"""


async def test_a_log_of_the_version_before_stands_where_it_stood(path, recorder) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    schema.migrate(db, schema.MIGRATIONS[:4])
    db.executescript(OLD)
    db.close()
    ledger = SqliteLedger(path, FakeClock(1))

    records = await ledger.open(recorder)
    spent, *fresh = await append(
        ledger,
        recorder,
        said(room="gone", nonce="m"),
        said(room="gone"),
        said("ox", room="kept", sender="ann", nonce="n"),
        said(room="kept"),
    )

    assert [(record.name, record.head, record.topic) for record in records] == [
        ("gone", 7, "foxes"),
        ("kept", 3, ""),
    ]
    assert reasons([spent]) == ["nonce-reused"]
    assert [receipt(outcome).seq for outcome in fresh] == [8, 3, 4]
    assert receipt(fresh[0]).time > 500
    await ledger.close()


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its one number is how many seconds have passed; pruning has no patience."""
    seconds = [0.0]
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(steady, "monotonic", lambda: seconds[0])
    return seconds


async def test_no_event_gets_the_number_of_one_that_is_gone(
    path: Path, recorder: Recorder, clock: FakeClock, passed: list[float]
) -> None:
    """Else it is taken for one that can be found already, and its nonce for new."""
    ledger = SqliteLedger(path, clock, Retention(max_age=2 * DAY))
    await ledger.open(recorder)
    await append(ledger, recorder, said("a"), said("b"))
    clock.now += 3 * DAY
    passed[0] += 3 * DAY / 1000
    await until_first_is(ledger, None)
    await ledger.close()
    await ledger.open(recorder)

    await append(ledger, recorder, said("fox", nonce="n"))
    found = await ledger.search(wanted("fox"))
    await ledger.close()
    await ledger.open(recorder)
    (resent,) = await append(ledger, recorder, said("fox", nonce="n"))

    assert [message.seq for message in found.messages] == [3]
    assert receipt(resent).duplicate
    await ledger.close()


async def test_a_search_that_finds_pruning_due_is_answered(
    path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pruning made findable what the search waited for, and nobody told the search."""
    ledger = SqliteLedger(path, FakeClock(1))
    await ledger.open(recorder)
    await append(ledger, recorder, said("ox"))
    monkeypatch.setattr(Committer, "patience", lambda self: 0.0 if self.lag else None)

    async with asyncio.timeout(50):
        found = await ledger.search(wanted("ox"))

    assert [message.seq for message in found.messages] == [1]
    await ledger.close()


async def test_of_a_nonce_that_is_forgotten_nothing_is_left(
    path: Path, recorder: Recorder, clock: FakeClock, passed: list[float]
) -> None:
    ledger = SqliteLedger(path, clock, Retention(max_messages=1))
    await ledger.open(recorder)
    await append(ledger, recorder, said(nonce="gone"), said(nonce="kept"))
    await until_first_is(ledger, 2)
    assert nonces(path) == ([("gone",), ("kept",)], [("gone",)])
    clock.now += 2 * DAY
    passed[0] += 2 * DAY / 1000

    async with asyncio.timeout(50):
        while True:
            if nonces(path) == ([("kept",)], []):
                break
            await asyncio.sleep(0.01)
    await ledger.close()


def nonces(path: Path) -> tuple[list[tuple[str]], list[tuple[str]]]:
    """Those that are known, and of them those whose event is gone."""
    with closing(database.open_reader(path)) as db:
        known = db.execute("SELECT nonce FROM nonce ORDER BY nonce").fetchall()
        return known, db.execute("SELECT nonce FROM spent").fetchall()
