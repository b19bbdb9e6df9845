from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.server.backplane import disk
from pychat.server.backplane.interface import Ledger
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledger_nodes import contract_ledger
from tests.support.ledgers import ENGINES, FakeClock, Recorder, make_ledger


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(params=[*ENGINES, "jetstream"])
async def ledger(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: FakeClock,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Ledger]:
    """One of each kind, open, with `recorder` for its sinks."""
    if request.param == "jetstream":
        engine, hall = map(request.getfixturevalue, ("engine", "hall_name"))
        async with contract_ledger(engine, hall, tmp_path, clock) as clustered:
            await clustered.open(recorder)
            yield clustered
            await clustered.close()
        return
    slow = request.param == "sqlite on a slow disk"
    monkeypatch.setattr(disk, "QUICK", -1 if slow else float("inf"))
    monkeypatch.setattr(disk, "SLOW", 0 if slow else float("inf"))
    ledger = make_ledger(request.param, tmp_path, clock)
    await ledger.open(recorder)
    yield ledger
    await ledger.close()


@pytest.fixture
def plenty(request: pytest.FixtureRequest) -> int:
    """Rooms or messages, as many as one may well have; over a network, some."""
    return 40 if request.node.callspec.params["ledger"] == "jetstream" else 2_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a log that is yet to be made, as is its folder."""
    return tmp_path / "data" / "log.db"


@pytest.fixture
async def on_disk(path: Path, clock: FakeClock, recorder: Recorder) -> AsyncIterator[SqliteLedger]:
    """The ledger in the file `path`, open."""
    ledger = SqliteLedger(path, clock)
    await ledger.open(recorder)
    yield ledger
    await ledger.close()
