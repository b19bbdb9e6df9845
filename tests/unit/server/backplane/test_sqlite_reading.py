"""What a read of a log file costs, by what it asks of SQLite: no timings."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pychat.server.backplane import database, searching
from pychat.server.backplane.interface import LedgerError
from pychat.server.backplane.reader import Reader
from tests.support.ledgers import append, deleted, edited, newest, reacted, said, since, wanted


def asked(path: Path, ask: Callable[[Reader], object]) -> list[str]:
    """The statements of one question, with what they were bound to; without those of FTS5."""
    statements: list[str] = []
    db = database.open_reader(path)
    reader = Reader(db)
    db.set_trace_callback(statements.append)
    ask(reader)
    db.set_trace_callback(None)
    reader.close()
    return [one.strip() for one in statements if re.match(r"\s*(SELECT|WITH) (?!.*_config)", one)]


def plan(path: Path, statements: list[str]) -> list[str]:
    db = database.open_reader(path)
    steps = [row[3] for one in statements for row in db.execute(f"EXPLAIN QUERY PLAN {one}")]
    db.close()
    return steps


def steps_of(path: Path, ask: Callable[[Reader], object]) -> int:
    """Of SQLite's machine: what it looks at, whatever it then gives."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    db = database.open_reader(path)
    reader = Reader(db)
    ask(reader)
    db.set_progress_handler(step, 1)
    ask(reader)
    reader.close()
    return count


async def test_pages_deltas_and_searches_go_by_an_index_and_sort_nothing(
    on_disk, recorder, path
) -> None:
    await append(on_disk, recorder, said("fox"), edited(1, "ox"), reacted(1, "👍"))
    await on_disk.search(wanted("ox"))

    def ask(reader: Reader) -> None:
        reader.page(newest(around=1))
        reader.delta(since(0))
        reader.search(wanted("ox", sender="ann", before=1 << 40, limit=2))

    statements = asked(path, ask)
    steps = plan(path, statements)

    assert any("MATCH" in one for one in statements) is False
    assert len(steps) > 20
    tables = {"event", "said", "last", "tally", "nonce", "meta", "words_content"}
    scans = [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    assert {scan.split()[1] for scan in scans} & tables == set()
    assert [step for step in steps if "ORDER BY" in step] == []
    assert "SEARCH event USING INDEX event_message (room=? AND seq<?)" in steps


async def test_the_index_of_words_gives_the_newest_first_without_sorting(
    on_disk, recorder, path, monkeypatch
) -> None:
    monkeypatch.setattr(searching, "SCANNED_ROWS", 0)
    await append(on_disk, recorder, said("ox"), said("fox"))
    await on_disk.search(wanted("ox"))

    statements = asked(path, lambda reader: reader.search(wanted("ox", before=1 << 40)))
    steps = plan(path, [one for one in statements if "MATCH" in one])

    assert [step for step in steps if step.startswith("SCAN words ")] != []
    assert [step for step in steps if "ORDER BY" in step] == []


async def test_a_page_asks_no_more_often_than_a_single_message_does(
    on_disk, recorder, path
) -> None:
    about = [one for at in range(1, 51) for one in (edited(at, "ox"), reacted(at, "👍"))]
    await append(on_disk, recorder, *(said() for _ in range(50)), *about, deleted(7))

    one = asked(path, lambda reader: reader.page(newest(limit=1)))
    page = asked(path, lambda reader: reader.page(newest(limit=50)))

    assert len(page) == len(one) <= 6


async def test_a_page_looks_at_no_more_than_one_message_beyond_itself(
    on_disk, recorder, path
) -> None:
    await append(on_disk, recorder, *(said() for _ in range(300)))

    last = steps_of(path, lambda reader: reader.page(newest()))
    middle = steps_of(path, lambda reader: reader.page(newest(before=151)))
    later = steps_of(path, lambda reader: reader.page(newest(after=150)))

    assert max(middle, later) - last < 50


@pytest.mark.parametrize(("rows", "by_index"), [(15, True), (16, False), (17, False)])
async def test_the_index_is_not_asked_for_what_the_newest_rows_are_likely_to_have(
    on_disk, recorder, path, monkeypatch, rows, by_index
) -> None:
    monkeypatch.setattr(searching, "SCANNED_ROWS", rows)
    monkeypatch.setattr(searching, "FIRST_ROWS", 4)
    talk = [said("an ox" if at % 4 == 0 else "a fox") for at in range(40)]
    await append(on_disk, recorder, *talk)
    await on_disk.search(wanted("ox"))

    statements = asked(path, lambda reader: reader.search(wanted("ox", limit=3)))

    scans = [one for one in statements if "words_content" in one]
    assert len(scans) == (1 if by_index else 3)
    assert any("MATCH" in one for one in statements) == by_index


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
async def test_the_index_is_asked_for_the_rooms_or_for_no_others_whichever_are_fewer(
    on_disk, recorder, path, monkeypatch, count
) -> None:
    monkeypatch.setattr(searching, "SCANNED_ROWS", 0)
    rooms = ["a", "b", "c", "d", "e"]
    await append(on_disk, recorder, *(said("r1 ox", room=room) for room in rooms * 2))
    query = wanted("ox", *rooms[:count], "nowhere")

    found = await on_disk.search(query)
    (match,) = (one for one in asked(path, lambda reader: reader.search(query)) if "MATCH" in one)

    assert [message.room for message in found.messages] == rooms[:count][::-1] * 2
    assert len(re.findall(r'"r\d"', match)) == min(count, 5 - count)


@pytest.mark.parametrize("every", [1, 2, 3])
async def test_what_rows_and_index_find_together_is_each_message_once(
    on_disk, recorder, monkeypatch, every
) -> None:
    monkeypatch.setattr(searching, "SCANNED_ROWS", 8)
    monkeypatch.setattr(searching, "FIRST_ROWS", 1)
    talk = ["an ox" if at % every == 0 else "a fox" for at in range(1, 31)]
    await append(on_disk, recorder, *map(said, talk))
    hits = [at for at in range(30, 0, -1) if at % every == 0]

    for limit in range(1, len(hits) + 1):
        found = await on_disk.search(wanted("ox", limit=limit))
        assert [message.seq for message in found.messages] == hits[:limit]
        assert found.more == (limit < len(hits))


@pytest.mark.parametrize("rows", [0, searching.SCANNED_ROWS])
async def test_a_search_for_what_is_older_does_not_go_through_what_is_newer(
    on_disk, recorder, path, monkeypatch, rows
) -> None:
    monkeypatch.setattr(searching, "SCANNED_ROWS", rows)
    await append(on_disk, recorder, *(said("an ox") for _ in range(800)))
    await on_disk.search(wanted("ox"))
    times = [event.time for event in recorder.events]

    newer = steps_of(path, lambda reader: reader.search(wanted("ox", limit=20)))
    older = steps_of(path, lambda reader: reader.search(wanted("ox", limit=20, before=times[30])))

    assert older - newer < 2 * 800


@pytest.mark.parametrize("damage", ["x'7b22'", "x'ff'", "'x'", "'[' || body || ']'"])
async def test_what_is_not_as_it_was_written_cannot_be_read(
    on_disk, recorder, path, damage
) -> None:
    await append(on_disk, recorder, said(), said(), reacted(2, "👍"))
    await on_disk.close()
    db = sqlite3.connect(path)
    db.execute(f"UPDATE event SET body = CAST({damage} AS BLOB) WHERE seq > 1")  # noqa: S608
    db.commit()
    db.close()
    await on_disk.open(recorder)

    with pytest.raises(LedgerError, match="`pychat doctor` tells whether it is damaged"):
        await on_disk.page(newest())
