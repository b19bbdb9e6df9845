"""Somebody in a Hall: on a stay with the messages 1 to 3 read, or at a desk with a queue."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import Client
from tests.support.desk import Desk
from tests.support.fake_hall import FakeHall
from tests.support.stay import Stay, staying


@pytest.fixture
async def stay() -> AsyncIterator[Stay]:
    async with staying() as somebody:
        yield somebody


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with FakeHall(greets=False) as hall:
        yield Desk(hall, tmp_path / "ann.jsonl")


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    client = await desk.enter()
    await desk.join(client)
    yield client
    await client.close()
