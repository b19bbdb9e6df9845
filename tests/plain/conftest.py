"""A real Hall, and another who is in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import Client, connect
from tests.support.hall import RunningHall, running_hall


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the client keeps what is to outlive it, in each test anew."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "state"


@pytest.fixture
async def hall() -> AsyncIterator[RunningHall]:
    async with running_hall() as running:
        yield running


@pytest.fixture
async def ada(hall: RunningHall) -> AsyncIterator[Client]:
    """Another person in the Hall."""
    async with await connect(hall.address, name="ada") as client:
        yield client
