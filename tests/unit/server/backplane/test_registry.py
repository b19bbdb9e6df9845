"""What a Hall must not forget is found again, or it does not open at all."""

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pychat.server.backplane import registry as engines
from pychat.server.backplane.interface import AuditLine, Fact, Registry, RegistryError
from pychat.server.backplane.registry import MemoryRegistry, SqliteRegistry, read_audit
from tests.support.full_disk import fill, small_disk

ANN = Fact("owner", "ann", b'{"name":"Ann"}')
BAN = Fact("hall", "ban bob", b"{}")


@pytest.fixture(params=["memory", "sqlite"])
def reopened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Registry]:
    """Each call gives the registry as a server finds it that starts anew."""
    memory = MemoryRegistry()
    path = tmp_path / "people.db"
    return lambda: memory if request.param == "memory" else SqliteRegistry(path)


async def kept(registry: Registry, *facts: Fact) -> bool:
    settled: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    registry.put(facts, settled.set_result)
    assert not settled.done()
    return await settled


@contextmanager
def refused(registry: SqliteRegistry, path: Path) -> Iterator[None]:
    """Nothing that it would write is, since another program is writing all the time."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert registry._db is not None
        registry._db.execute("PRAGMA busy_timeout = 1")
        yield
        other.execute("ROLLBACK")


def known(facts: Sequence[Fact]) -> list[tuple[str, str, bytes | None]]:
    return sorted((fact.bucket, fact.key, fact.body) for fact in facts)


async def test_a_fresh_registry_knows_nothing(reopened: Callable[[], Registry]) -> None:
    registry = reopened()

    assert list(registry.open()) == []
    await registry.close()


async def test_facts_are_found_again_as_they_were_put_last(
    reopened: Callable[[], Registry],
) -> None:
    registry = reopened()
    registry.open()

    assert await kept(registry, ANN, BAN)
    assert await kept(registry, Fact("owner", "ann", b"{}"))
    assert await kept(registry, Fact("room", "ann", b"[]"), Fact("hall", "ban bob", None))
    assert await kept(registry, Fact("hall", "never was", None))
    await registry.close()

    again = reopened()
    assert known(again.open()) == [("owner", "ann", b"{}"), ("room", "ann", b"[]")]
    await again.close()


async def test_who_puts_is_told_in_the_order_of_the_puts(
    reopened: Callable[[], Registry],
) -> None:
    registry = reopened()
    registry.open()
    told: list[int] = []
    for number in range(50):
        body = b"%d" % number
        registry.put([Fact("room", "r", body)], lambda kept, n=number: told.append(n))
    await registry.close()

    assert told == list(range(50))
    again = reopened()
    assert known(again.open()) == [("room", "r", b"49")]
    await again.close()


async def test_what_is_put_into_a_closed_registry_is_not_kept(
    reopened: Callable[[], Registry],
) -> None:
    registry = reopened()
    registry.open()
    await registry.close()

    assert not await kept(registry, ANN)


async def test_the_audit_log_has_all_lines_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    registry = SqliteRegistry(path)
    registry.open()
    lines = [
        AuditLine(time=1, who="ann", act="ban", room="den", whom="bob", why="spam"),
        AuditLine(time=2, who="ann", act="lock-down"),
    ]
    for line in lines:
        registry.audit(line)

    await registry.close()

    assert read_audit(path) == lines


def test_its_file_is_its_owners_alone(tmp_path: Path) -> None:
    registry = SqliteRegistry(tmp_path / "people.db")
    registry.open()

    assert {stat.S_IMODE(os.stat(each).st_mode) for each in tmp_path.iterdir()} == {0o600}
    asyncio.run(registry.close())


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (x)")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA application_id = {engines.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {engines.VERSION + 1}")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: path.write_bytes(b""), "another program made it"),
        (lambda path: path.write_bytes(b"no database" * 100), "not a database"),
        (lambda path: path.mkdir(), "unable to open"),
        (_foreign, "another program made it"),
        (_newer, "run the newer pychat"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_and_stays_as_it_is(
    damage: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.db"
    damage(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(RegistryError, match=told):
        SqliteRegistry(path).open()

    assert (path.read_bytes() if path.is_file() else None) == before


async def test_what_a_disk_refuses_is_told_and_written_once_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    registry = SqliteRegistry(path)
    registry.open()
    with refused(registry, path):
        assert not await kept(registry, ANN)
        registry.audit(AuditLine(time=1, who="ann", act="ban"))
        registry.audit(AuditLine(time=2, who="ann", act="unban"))
        assert not await kept(registry, Fact("owner", "bob", b"{}"))

    assert await kept(registry, Fact("owner", "bob", b"[]"))
    await registry.close()

    again = SqliteRegistry(path)
    assert known(again.open()) == [(ANN.bucket, ANN.key, ANN.body), ("owner", "bob", b"[]")]
    assert [line.time for line in read_audit(path)] == [1, 2]
    await again.close()


async def test_what_was_refused_is_tried_again_though_nothing_else_is_put(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    registry = SqliteRegistry(path)
    registry.open()
    with refused(registry, path):
        assert not await kept(registry, ANN)

    registry.keep()
    await registry.close()

    again = SqliteRegistry(path)
    assert known(again.open()) == [(ANN.bucket, ANN.key, ANN.body)]
    await again.close()


@pytest.mark.parametrize("extra", [-1, 0, 1])
async def test_of_an_audit_log_that_cannot_be_written_the_newest_lines_are_kept(
    extra: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "UNWRITTEN_LINES", 5)
    path = tmp_path / "people.db"
    registry = SqliteRegistry(path)
    registry.open()
    with refused(registry, path):
        assert not await kept(registry, ANN)
        for number in range(5 + extra):
            registry.audit(AuditLine(time=number, who="ann", act="ban"))

    registry.keep()
    await registry.close()

    assert [line.time for line in read_audit(path)] == list(range(max(0, extra), 5 + extra))


@pytest.mark.faults
async def test_a_full_disk_refuses_and_is_written_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "1m") as folder:
        registry = SqliteRegistry(folder / "people.db")
        registry.open()
        assert await kept(registry, ANN)
        ballast = fill(folder)
        assert not await kept(registry, Fact("owner", "bob", bytes(100_000)))
        ballast.unlink()

        registry.keep()
        await registry.close()

        again = SqliteRegistry(folder / "people.db")
        assert [fact.key for fact in again.open()] == ["ann", "bob"]
        await again.close()
