"""A Hall for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.support.hall import RunningHall, running_hall


@pytest.fixture
async def hall() -> AsyncIterator[RunningHall]:
    async with running_hall() as hall:
        yield hall
