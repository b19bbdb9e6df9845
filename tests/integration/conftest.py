"""A Hall for each test, and no connection left behind by any."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Wire


@pytest.fixture(autouse=True)
async def no_wire_is_left() -> AsyncIterator[None]:
    """A socket that a test forgot is found at a collection in the middle of another test."""
    yield
    Wire.abort_all()
    await asyncio.sleep(0)


@pytest.fixture
async def hall() -> AsyncIterator[RunningHall]:
    async with running_hall() as hall:
        yield hall
