"""What one test leaves behind is not to be found by another."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.wire import Wire


@pytest.fixture(autouse=True)
async def no_wire_is_left() -> AsyncIterator[None]:
    """A socket that a test forgot is found at a collection in the middle of another test."""
    yield
    Wire.abort_all()
    await asyncio.sleep(0)
