"""A Hall for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hall import RunningHall, running_hall
from tests.support.leftovers import no_wire_is_left
from tests.support.netns import wire
from tests.support.node_servers import running_cluster

__all__ = ["hall", "no_wire_is_left", "wire"]


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What programs keep for the one who runs them, keys of Halls among it, is each test's own: the
    next may have another Hall on that port."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
async def hall(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningHall]:
    if request.config.getoption("cluster"):
        engine, name = map(request.getfixturevalue, ("engine", "hall_name"))
        async with running_cluster(engine.address, name, tmp_path / "nodes") as cluster:
            yield cluster
        return
    async with running_hall() as hall:
        yield hall
