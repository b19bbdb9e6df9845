"""A Hall for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.support.hall import RunningHall, running_hall
from tests.support.leftovers import no_wire_is_left

__all__ = ["hall", "no_wire_is_left"]


@pytest.fixture
async def hall() -> AsyncIterator[RunningHall]:
    async with running_hall() as hall:
        yield hall
