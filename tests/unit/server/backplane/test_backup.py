"""The copy of a log: of one moment, whole, and with a history of its own."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from pychat.server.backplane import backup
from pychat.server.backplane.interface import AuditLine, Fact, LedgerError, RegistryError
from pychat.server.backplane.registry import SqliteRegistry, read_audit
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.damage import damage
from tests.support.ledgers import FakeClock, Recorder, append, newest, said, topic


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """An empty file, as the command line hands it in."""
    target = tmp_path / "copy.db"
    target.touch()
    return target


async def test_a_copy_taken_while_the_log_is_open_has_everything(
    on_disk, recorder, path, target
) -> None:
    await append(on_disk, recorder, said("a"), topic("t"), said("b", room="other"))

    copied = backup.copy(path, target)

    await append(on_disk, recorder, said("after"))
    assert (copied.rooms, copied.events, copied.bytes) == (2, 3, target.stat().st_size)
    assert sorted(file.name for file in target.parent.glob("copy*")) == ["copy.db"]
    copy = SqliteLedger(target, FakeClock())
    records = await copy.open(Recorder())
    assert [(r.name, r.head, r.topic) for r in records] == [("lobby", 2, "t"), ("other", 1, "")]
    assert [message.text for message in (await copy.page(newest())).messages] == ["a"]
    await copy.close()


async def test_copying_changes_nothing_in_the_log_and_its_journal(
    on_disk, recorder, path, target
) -> None:
    await append(on_disk, recorder, *(said("x" * 500) for _ in range(50)))
    files = [path, path.with_name("log.db-wal")]
    before = [file.read_bytes() for file in files]

    backup.copy(path, target)

    assert [file.read_bytes() for file in files] == before


async def test_each_use_of_a_copy_begins_an_epoch(on_disk, recorder, path, target) -> None:
    await append(on_disk, recorder, said())
    backup.copy(path, target)
    content = target.read_bytes()
    epochs = []
    for name in ("one.db", "two.db"):
        file = target.with_name(name)
        file.write_bytes(content)
        for _ in range(2):
            ledger = SqliteLedger(file, FakeClock())
            await ledger.open(Recorder())
            epochs.append(ledger.epoch)
            await ledger.close()

    assert epochs[0] == epochs[1]
    assert epochs[2] == epochs[3]
    assert len({on_disk.epoch, epochs[0], epochs[2], ""}) == 4


async def test_a_damaged_log_gives_no_backup(on_disk, recorder, path, target) -> None:
    await append(on_disk, recorder, *(said("x" * 500) for _ in range(200)))
    await on_disk.close()
    damage(path)

    with pytest.raises(LedgerError, match=r"log\.db.*damaged.*restore"):
        backup.copy(path, target)


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "there is no log"), (b"", "it is empty"), (b"x" * 99, "it is no database")],
)
def test_what_is_no_log_gives_no_backup(path, target, content, why) -> None:
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(LedgerError, match=why):
        backup.copy(path, target)


def test_another_programs_database_gives_no_backup(path, target) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE bookmarks (url TEXT)")
    db.close()

    with pytest.raises(LedgerError, match="another program made it"):
        backup.copy(path, target)


async def people(path: Path, *keys: str) -> SqliteRegistry:
    """Open, with an owner of each key and a line of the audit log."""
    registry = SqliteRegistry(path)
    registry.open()
    kept = asyncio.get_running_loop().create_future()
    # What is written is written in its order.
    registry.audit(AuditLine(time=1, who="ada", act="kick"))
    registry.put([Fact("owner", key, b"{}") for key in keys], kept.set_result)
    assert await kept
    return registry


async def test_people_are_copied_while_their_file_is_open(tmp_path: Path, target: Path) -> None:
    registry = await people(tmp_path / "people.db", "ada", "bo")

    backup.copy_people(tmp_path / "people.db", target)

    await registry.close()
    assert [name for name in os.listdir(tmp_path) if name.startswith("copy")] == ["copy.db"]
    copy = SqliteRegistry(target)
    assert {fact.key for fact in copy.open()} == {"ada", "bo"}
    await copy.close()
    assert [line.who for line in read_audit(target)] == ["ada"]


def test_what_is_no_file_of_people_or_damaged_is_not_copied(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "people.db"

    async def some() -> None:
        await (await people(path, *(f"name{number}" for number in range(500)))).close()

    asyncio.run(some())
    whole = path.read_bytes()
    torn = whole[:4096] + b"\xff" * (len(whole) - 4096)
    for broken in (b"", b"no database at all" * 100, torn, None):
        path.unlink()
        if broken is not None:
            path.write_bytes(broken)
        target.write_bytes(b"")

        with pytest.raises(RegistryError, match=r"people\.db"):
            backup.copy_people(path, target)
        path.touch()
