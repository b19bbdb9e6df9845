"""Where the pictures are kept."""

from pathlib import Path

import pytest

from tests.support.pictures import Album

KEPT = Path(__file__).with_name("kept")


@pytest.fixture
def album(request: pytest.FixtureRequest) -> Album:
    return Album(KEPT, anew=request.config.getoption("--take-pictures"))
