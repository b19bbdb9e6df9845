from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.engines import Engine
from tests.support.fake_link import FakeLink
from tests.support.ledger_nodes import Cluster, Node


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def cluster(engine: Engine, hall_name: str, tmp_path: Path) -> Cluster:
    return Cluster([engine], hall_name, tmp_path)


@pytest.fixture
async def two(cluster: Cluster) -> AsyncIterator[tuple[Node, Node]]:
    async with cluster.two("lobby") as nodes:
        yield nodes
