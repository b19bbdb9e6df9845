from collections.abc import AsyncIterator

import pytest

from pychat.server.backplane.jetstream.link import Link
from pychat.server.backplane.jetstream.publisher import Publisher
from tests.support.engines import Engine
from tests.support.ledger_nodes import linked


@pytest.fixture
async def link(engine: Engine) -> AsyncIterator[Link]:
    async with linked(engine, name="test") as link:
        yield link


@pytest.fixture
async def publisher(link: Link) -> AsyncIterator[Publisher]:
    publisher = Publisher(link, "test")
    publisher.open()
    yield publisher
    await publisher.close()
