"""A real Hall, and others in it who use the client library."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import Client, connect
from tests.support.hall import RunningHall, running_hall
from tests.support.thrift import paint_only_what_is_looked_at, read_styles_once


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the client keeps what is to outlive it, in each test anew."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(autouse=True)
def _thrifty(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    read_styles_once(monkeypatch)
    if "painting" not in request.fixturenames:
        paint_only_what_is_looked_at(monkeypatch)


@pytest.fixture
def painting() -> None:
    """For those who test when and how Textual paints: it does, though nobody looks."""


@pytest.fixture
async def hall() -> AsyncIterator[RunningHall]:
    async with running_hall() as running:
        yield running


@pytest.fixture
async def ada(hall: RunningHall) -> AsyncIterator[Client]:
    """Another person in the Hall."""
    async with await connect(hall.address, name="ada") as client:
        yield client
