"""What the tests of faults share. The long ones are marked `faults`: `make test-faults`."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.wire import Wire


@pytest.fixture(autouse=True)
async def no_wire_is_left() -> AsyncIterator[None]:
    """A socket that a test forgot is found at a collection in the middle of another test."""
    yield
    Wire.abort_all()
    await asyncio.sleep(0)


@pytest.fixture
def measured(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], None]:
    """Tells a number to whoever runs the long tests, whether they pass or not."""

    def tell(sentence: str) -> None:
        if request.node.get_closest_marker("faults") is not None:
            with capsys.disabled():
                sys.stdout.write(f"\n    measured: {sentence}\n")

    return tell
