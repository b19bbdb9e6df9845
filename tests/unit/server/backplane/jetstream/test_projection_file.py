"""A node's file of its rooms: what is no good is made anew, and no two share one."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from pychat.server.backplane import database
from pychat.server.backplane.interface import LedgerError
from pychat.server.backplane.jetstream import following
from tests.support.ledgers import append, edited, reasons, said, start


async def test_a_projection_that_is_lost_is_made_anew(cluster, tmp_path) -> None:
    async with cluster.node("first", "lobby", "other") as first:
        await first.say(said("one"), said("two", room="other"), said("three"), edited(1, "uno"))
        epoch = first.ledger.epoch
    for file in (tmp_path / "first").glob("projection.db*"):
        file.unlink()

    async with cluster.node("first", "lobby", "other") as again:
        assert again.ledger.epoch == epoch
        assert await again.texts() == ["uno", "three"]
        assert await again.texts("other") == ["two"]
        assert [event.seq for event in again.ears.events if event.room == "lobby"] == [1, 2, 3]


@pytest.mark.parametrize("damage", ["another Hall's", "no database", "empty"])
async def test_a_projection_that_cannot_be_used_is_made_anew(cluster, tmp_path, damage) -> None:
    async with cluster.node("first", "lobby") as first:
        await first.say(said("one"))
    path = tmp_path / "first" / "projection.db"
    if damage == "another Hall's":
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE meta SET epoch = 'other'")
            db.execute("UPDATE room SET name = 'elsewhere'")
    else:
        path.write_bytes(b"no database at all" * 100 if damage == "no database" else b"")

    async with cluster.node("first", "lobby") as again:
        assert await again.texts() == ["one"]
        assert path.with_name("projection.db.before").exists()


async def test_a_projection_ahead_of_its_stream_is_made_anew(cluster, tmp_path) -> None:
    async with cluster.node("first", "lobby") as first:
        await first.say(said("one"))
    with closing(sqlite3.connect(tmp_path / "first" / "projection.db")) as db, db:
        db.execute("UPDATE applied SET sequence = 99")

    async with cluster.node("first", "lobby") as again:
        assert await again.texts() == ["one"]
        assert reasons(await again.say(said("two"))) == ["appended"]


async def test_the_log_of_a_hall_by_itself_is_not_made_a_projection(
    cluster, tmp_path, on_disk, recorder, path
) -> None:
    await append(on_disk, recorder, said("dear"))
    await on_disk.close()
    (tmp_path / "first").mkdir()
    path.rename(tmp_path / "first" / "projection.db")

    with pytest.raises(LedgerError, match="a Hall by itself"):
        async with cluster.node("first"):
            pass


async def test_two_nodes_do_not_share_a_folder(cluster) -> None:
    async with cluster.node("first"):
        with pytest.raises(LedgerError, match="another server has this log open"):
            async with cluster.node("first"):
                pass


async def test_a_disk_that_refuses_holds_up_its_own_node_alone(two, tmp_path, monkeypatch) -> None:
    first, second = two
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(following, "_REFUSED_SECONDS", 0.05)
    await first.say(said("one"))
    with closing(sqlite3.connect(tmp_path / "first" / "projection.db")) as other:
        other.execute("BEGIN IMMEDIATE")

        settled = start(first.ledger, first.ears, said("two"), said("three"))
        await second.ears.heard(3)
        await second.say(said("four", sender="bob"))

        assert len(first.ears.events) == 1
        other.execute("ROLLBACK")
    assert reasons(await asyncio.gather(*settled)) == ["appended"] * 2
    assert await first.ears.heard(4) == second.ears.events
