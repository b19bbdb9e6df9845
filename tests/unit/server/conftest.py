"""A pure Hall for a test: with people who go by a name, or with those who prove who they are."""

import pytest

from tests.support.comers import Comers
from tests.support.hall_shell import FakePeer
from tests.support.town import Town


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def ada(town: Town) -> FakePeer:
    """Who owns the room `den`, since she was the first in it."""
    return town.enter("ada", "den")


@pytest.fixture
def hall() -> Comers:
    return Comers()
