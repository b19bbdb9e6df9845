"""What the tests of faults share. The long ones are marked `faults`: `make test-faults`."""

import sys
from collections.abc import Callable

import pytest

from tests.support.leftovers import no_wire_is_left
from tests.support.netns import wire

__all__ = ["measured", "no_wire_is_left", "wire"]


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
