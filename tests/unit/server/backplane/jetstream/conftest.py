import pytest

from tests.support.fake_link import FakeLink


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()
