"""What only a Ledger on disk has to prove: it keeps, survives and recovers."""

import asyncio
import logging
import sqlite3
import subprocess
import sys

import pytest

from pychat.protocol import codec
from pychat.server.backplane import writer
from pychat.server.backplane.interface import LedgerError, Rejection
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledgers import (
    FakeClock,
    Recorder,
    append,
    deleted,
    edited,
    newest,
    reacted,
    reasons,
    receipt,
    said,
    since,
    start,
    topic,
    wanted,
)


async def test_another_process_finds_everything_again(on_disk, recorder, path, clock) -> None:
    events = [said("a fox", nonce="n"), topic("foxes"), edited(1, "an ox"), reacted(1, "👍")]
    await append(on_disk, recorder, *events)
    clock.now += 1_000
    await append(on_disk, recorder, said("gone"), deleted(5), topic("oxen"))
    before = [await on_disk.page(newest()), await on_disk.search(wanted("ox"))]
    await on_disk.close()
    again, told = SqliteLedger(path, FakeClock(1)), Recorder()

    (record,) = await again.open(told)

    assert (record.name, record.head, record.topic) == ("lobby", 7, "oxen")
    assert again.epoch == on_disk.epoch
    assert [await again.page(newest()), await again.search(wanted("ox"))] == before
    resent, fresh = await append(again, told, said("a fox", nonce="n"), said())
    assert (receipt(resent).seq, receipt(resent).duplicate) == (1, True)
    assert (receipt(fresh).seq, receipt(fresh).time) == (8, clock.now + 2)
    assert (await again.delta(since(0))).missed == 3
    await again.close()


async def test_a_damaged_log_is_reported_to_the_reader(on_disk, recorder, path) -> None:
    await append(on_disk, recorder, said())
    await on_disk.close()
    db = sqlite3.connect(path)
    db.execute("UPDATE event SET body = x'7b22'")
    db.commit()
    db.close()
    await on_disk.open(recorder)

    with pytest.raises(LedgerError, match=r"log\.db cannot be read: .*; .* restore it"):
        await on_disk.page(newest())

    assert (await on_disk.page(newest("elsewhere"))).messages == []


async def test_a_disk_that_is_full_rejects_and_then_recovers(
    on_disk, recorder, path, caplog
) -> None:
    resource = pytest.importorskip("resource")
    await append(on_disk, recorder, said("before"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    journal = path.with_name("log.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal + 200_000, hard))
    try:
        rejected: list[Rejection] = []
        kept = 1
        while len(rejected) < 3:
            (outcome,) = await append(on_disk, recorder, said("x" * 8_000))
            if isinstance(outcome, Rejection):
                rejected.append(outcome)
            else:
                kept += 1
        assert (await on_disk.page(newest(limit=1))).messages[0].seq == kept
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    first, resent = await append(on_disk, recorder, said("x" * 8_000), said("after"))

    assert {found.reason for found in rejected} == {"unavailable"}
    assert "nothing of this was saved, try again later" in rejected[0].text
    assert (receipt(first).seq, receipt(resent).seq) == (kept + 1, kept + 2)
    assert [event.seq for event in recorder.events] == list(range(1, kept + 3))
    levels = [record.levelno for record in caplog.records if record.name == "pychat.ledger"]
    assert levels == [logging.ERROR, logging.WARNING]


async def test_a_batch_that_fails_half_way_happened_not_at_all(
    on_disk, recorder, path, caplog
) -> None:
    """The trigger stands for any fault of the disk in the middle of a transaction."""
    db = sqlite3.connect(path)
    db.execute(
        "CREATE TRIGGER fault BEFORE INSERT ON event WHEN NEW.nonce = 'bad' "
        "BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    db.close()
    batch = [said("a"), said("b", room="fresh"), topic("t"), said("c", nonce="bad")]

    outcomes = await append(on_disk, recorder, *batch)

    assert reasons(outcomes) == ["unavailable"] * 4
    assert recorder.events == []
    assert (await on_disk.search(wanted("a", "lobby", "fresh"))).messages == []
    again = await append(on_disk, recorder, *batch[:3])
    assert [receipt(outcome).seq for outcome in again] == [1, 1, 2]
    await on_disk.close()
    records = await on_disk.open(recorder)
    assert [(r.name, r.head, r.topic) for r in records] == [("lobby", 2, "t"), ("fresh", 1, "")]


async def test_no_fault_of_a_batch_ends_the_writer(path, recorder, caplog) -> None:
    faults = iter([RuntimeError("a clock without hands")])

    def clock() -> int:
        for fault in faults:
            raise fault
        return 5

    ledger = SqliteLedger(path, clock)
    await ledger.open(recorder)

    (lost,) = await append(ledger, recorder, said())
    (kept,) = await append(ledger, recorder, said())

    assert lost == Rejection(
        "unavailable",
        "the server cannot write to its log (a fault in the server); "
        "nothing of this was saved, try again later",
    )
    assert receipt(kept).seq == 1
    assert "a clock without hands" in caplog.text
    await ledger.close()


async def test_what_piles_up_behind_a_stuck_disk_is_bounded(
    on_disk, recorder, path, monkeypatch
) -> None:
    monkeypatch.setattr(writer, "BACKLOG", 10)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")

    # One batch may be with the writer already, so that up to twice as many find room.
    settled = start(on_disk, recorder, *(said() for _ in range(21)))
    done, _ = await asyncio.wait(settled, return_when=asyncio.FIRST_COMPLETED)
    db.execute("ROLLBACK")
    db.close()

    assert "too much waits for the disk" in done.pop().result().text
    outcomes = await asyncio.gather(*settled)
    assert reasons(outcomes).count("appended") >= 10


async def test_many_reactions_are_tallied_and_not_read_again(on_disk, recorder, path) -> None:
    people = [f"p{number}" for number in range(40)]
    await append(on_disk, recorder, said())
    for emoji in "abcde":
        await append(on_disk, recorder, *(reacted(1, emoji, sender=name) for name in people))

    db = sqlite3.connect(path)
    tallies = [seq for (seq,) in db.execute("SELECT seq FROM tally ORDER BY seq")]
    db.execute("UPDATE event SET body = x'00' WHERE kind = 'reacted' AND seq <= ?", tallies[-1:])
    db.commit()
    db.close()
    await append(on_disk, recorder, reacted(1, "f", sender="p0"))

    (message,) = (await on_disk.page(newest())).messages

    assert tallies == [41, 81, 121, 161, 201]
    assert message.reactions == {"e": people[1:], "f": ["p0"]}


async def test_a_log_whose_loop_is_gone_harms_nobody(path, caplog) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from pychat.server.backplane.sqlite import SqliteLedger\n"
        "from tests.support.ledgers import FakeClock, Recorder, start, said\n"
        "async def main():\n"
        "    ledger, recorder = SqliteLedger(pathlib.Path(sys.argv[1]), FakeClock()), Recorder()\n"
        "    await ledger.open(recorder)\n"
        "    start(ledger, recorder, *(said() for _ in range(50)))\n"
        "asyncio.run(main())\n"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(path))
    async with asyncio.timeout(30):
        assert await child.wait() == 0


async def whole_log(ledger: SqliteLedger, room: str) -> list[tuple[int, str]]:
    """Each event's `seq` and nonce, with the chain of `prev` made sure of."""
    delta = await ledger.delta(since(0, room=room, max_events=1 << 20, budget=1 << 30))
    log = [codec.decode_event(raw) for raw in delta.events]
    assert [event.prev for event in log] == [0, *(event.seq for event in log[:-1])]
    return [(event.seq, event.nonce) for event in log]


async def test_what_a_killed_server_had_settled_is_there_once_and_in_order(path, recorder) -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.appending_child", str(path)),
        stdout=subprocess.PIPE,
    )
    lines = [await child.stdout.readline() for _ in range(1_500)]
    child.kill()
    lines += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()
    seen = [line.split() for line in lines if line.endswith(b"\n")]

    ledger = SqliteLedger(path, FakeClock())
    records = await ledger.open(recorder)

    logs = {record.name: await whole_log(ledger, record.name) for record in records}
    for room, seq, nonce in ((r.decode(), int(s), n.decode()) for r, s, n in seen):
        assert logs[room][seq - 1] == (seq, nonce)
    for record in records:
        assert [seq for seq, _ in logs[record.name]] == list(range(1, record.head + 1))
        assert len({nonce for _, nonce in logs[record.name]}) == record.head
    found = sum(len(log) for log in logs.values())
    assert len(seen) <= found <= len(seen) + 32
    await ledger.close()
