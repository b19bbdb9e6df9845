"""Somebody in a Hall, with the messages 1 to 3 read."""

from collections.abc import AsyncIterator

import pytest

from tests.support.stay import Stay, staying


@pytest.fixture
async def stay() -> AsyncIterator[Stay]:
    async with staying() as somebody:
        yield somebody
