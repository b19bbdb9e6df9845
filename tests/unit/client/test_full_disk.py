"""A disk that is full: it is told, nothing that is kept has a hole, and what is missing is written
as soon as there is room. One speaks all the same."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.client import Client, OutboxError, OutboxStore, Outgoing
from pychat.client.session import KEEP_AGAIN_SECONDS
from pychat.protocol import commands
from tests.support.desk import Desk
from tests.support.full_disk import fill, full_disk, small_disk
from tests.support.news import until


def item(number: int, text: str = "hi") -> Outgoing:
    command = commands.Send(id=0, room="lobby", text=text, nonce=f"n{number}")
    return Outgoing(command=command, created=number, since=number)


def kept(path: Path) -> list[str]:
    """The nonces that the next program will find."""
    nonces: dict[str, None] = {}
    for line in path.read_bytes().split(b"\n")[:-1]:
        record = json.loads(line)
        if record["type"] == "added":
            nonces[record["command"]["nonce"]] = None
        elif record["type"] == "removed":
            nonces.pop(record["nonce"], None)
    return list(nonces)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ann.jsonl"


@pytest.fixture
def store(path: Path) -> Iterator[OutboxStore]:
    store = OutboxStore(path)
    assert store.open() == []
    yield store
    store.close()


def test_the_reason_and_what_becomes_of_it_are_told(store: OutboxStore, path: Path) -> None:
    with full_disk(), pytest.raises(OutboxError) as refused:
        store.keep(item(1))

    assert str(refused.value) == (
        f"What waits to be sent is not kept on disk: the disk is full ({path}). It will be sent "
        "if this program keeps running."
    )


def test_after_what_was_refused_nothing_shorter_is_kept_alone(
    store: OutboxStore, path: Path
) -> None:
    store.keep(item(1))
    with full_disk() as disk:
        disk.room = 500
        with pytest.raises(OutboxError):
            store.keep(item(2, "x" * 1_000))
        disk.room = 500
        with pytest.raises(OutboxError):
            store.keep(item(3))
        assert kept(path) == ["n1"]

    store.keep(item(4))

    assert kept(path) == ["n1", "n2", "n3", "n4"]


def test_what_was_refused_is_written_when_somebody_asks_again(
    store: OutboxStore, path: Path
) -> None:
    with full_disk():
        for number in range(3):
            with pytest.raises(OutboxError):
                store.keep(item(number))
        with pytest.raises(OutboxError):
            store.tried("n0", "ann")
        with pytest.raises(OutboxError):
            store.forget("n1")
        with pytest.raises(OutboxError):
            store.catch_up()

    store.catch_up()
    store.catch_up()

    assert kept(path) == ["n0", "n2"]


def test_what_could_not_be_written_leaves_no_rubbish_on_a_full_disk(
    store: OutboxStore, path: Path
) -> None:
    with full_disk() as disk:
        for _ in range(2):
            disk.room = 50
            with pytest.raises(OutboxError):
                store.keep(item(1))

    assert [each.name for each in path.parent.iterdir() if "new" in each.name] == []


def test_what_is_there_is_found_where_the_disk_is_full_at_the_start(
    store: OutboxStore, path: Path
) -> None:
    for number in range(3):
        store.keep(item(number))
    store.forget("n0")
    store.close()
    path.write_bytes(path.read_bytes() + b"torn")

    again = OutboxStore(path)
    with full_disk():
        assert [each.nonce for each in again.open()] == ["n1", "n2"]
        with pytest.raises(OutboxError):
            again.keep(item(3))
        assert kept(path) == ["n1", "n2"]
    again.keep(item(4))
    again.close()

    assert kept(path) == ["n1", "n2", "n3", "n4"]


steps = st.lists(
    st.tuples(st.sampled_from(["keep", "keep", "keep", "forget", "tried", "room"]), st.integers(0)),
    max_size=25,
)


@settings(max_examples=100)
@given(steps)
def test_at_any_moment_the_file_holds_the_beginning_of_what_waits(
    done: list[tuple[str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, full_disk() as disk:
        path = Path(folder) / "ann.jsonl"
        store = OutboxStore(path)
        store.open()
        waiting: list[str] = []
        for number, (step, chance) in enumerate(done):
            said = False
            try:
                if step == "keep":
                    waiting.append(f"n{number}")
                    store.keep(item(number))
                    said = True
                elif step == "room":
                    disk.room = chance % 1_500
                elif waiting:
                    nonce = waiting[chance % len(waiting)]
                    if step == "forget":
                        waiting.remove(nonce)
                        store.forget(nonce)
                    else:
                        store.tried(nonce, "ann")
            except OutboxError:
                pass
            there = [nonce for nonce in kept(path) if nonce in waiting]
            assert there == waiting[: len(there)]
            assert not said or there == waiting
        disk.room = 1_000_000
        store.catch_up()
        assert [nonce for nonce in kept(path) if nonce in waiting] == waiting
        store.close()


def test_a_real_disk_that_was_full_has_all_in_order_afterwards(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "128k") as disk:
        path = disk / "state" / "ann.jsonl"
        store = OutboxStore(path)
        store.open()
        store.keep(item(0, "x" * 600))
        ballast = fill(disk)
        refused: list[str] = []
        for number in range(1, 12):
            try:
                store.keep(item(number, "x" * 600))
            except OutboxError as error:
                refused.append(str(error))
        assert all("the disk is full" in why for why in refused)
        assert kept(path) == [f"n{number}" for number in range(12 - len(refused))]
        assert len(kept(path)) < 12

        ballast.unlink()
        store.catch_up()

        store.close()
        assert kept(path) == [f"n{number}" for number in range(12)]


# -- in a Hall --------------------------------------------------------------------------------


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    client = await desk.enter()
    await desk.join(client)
    yield client
    await client.close()


async def test_it_is_told_once_and_tried_again_until_all_is_kept(
    desk: Desk, client: Client
) -> None:
    await desk.break_off(client)
    first = client.post("lobby", "m0")
    with full_disk():
        second, third = client.post("lobby", "m1"), client.post("lobby", "m2")
        fault = client.outbox.fault
        assert "the disk is full" in fault
        assert [client.outbox.is_kept(each) for each in (first, second, third)] == [1, 0, 0]
        await asyncio.sleep(0)
        desk.time.pass_by(KEEP_AGAIN_SECONDS)
        assert client.outbox.fault == fault
    assert kept(desk.path) == [first.nonce]
    await asyncio.sleep(0)

    desk.time.pass_by(KEEP_AGAIN_SECONDS)

    assert client.outbox.fault == ""
    assert kept(desk.path) == [each.nonce for each in (first, second, third)]
    assert all(map(client.outbox.is_kept, (first, second, third)))


async def test_what_is_said_on_a_full_disk_arrives(desk: Desk, client: Client) -> None:
    with full_disk():
        client.post("lobby", "anyway")
        await desk.take("anyway", 1)
        await until(client, lambda: not len(client.outbox))


async def test_what_was_not_kept_is_when_the_client_ends_and_there_is_room(
    desk: Desk, client: Client
) -> None:
    await desk.break_off(client)
    with full_disk():
        item = client.post("lobby", "m0")

    await client.close()

    assert kept(desk.path) == [item.nonce]
