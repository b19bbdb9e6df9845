"""Somebody in a Hall: just so, on a stay with the messages 1 to 3 read, or at a desk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import Client, Mirror, connect
from tests.support.desk import Desk
from tests.support.fake_hall import FakeHall
from tests.support.stay import Stay, staying
from tests.support.told import greeted, joined, stands


@pytest.fixture
async def stay() -> AsyncIterator[Stay]:
    async with staying() as somebody:
        yield somebody


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with FakeHall(greets=False) as hall:
        yield Desk(hall, tmp_path / "ann.jsonl")


@pytest.fixture
async def hall() -> AsyncIterator[FakeHall]:
    async with FakeHall() as fake:
        yield fake


@pytest.fixture
async def client(hall: FakeHall) -> AsyncIterator[Client]:
    client = await connect(hall.address, name="ann")
    yield client
    await client.close()


@pytest.fixture
def mirror() -> Mirror:
    """Of ann, alone in the lobby with bob, where five things have been said."""
    mirror = greeted("ann")
    joined(mirror, *(stands(seq) for seq in range(1, 6)))
    return mirror
