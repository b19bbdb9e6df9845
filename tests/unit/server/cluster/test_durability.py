"""What is told of how durable the engine keeps what it acknowledges."""

import asyncio
from collections.abc import Sequence

import pytest

from pychat.server.backplane.checkup import Finding
from pychat.server.backplane.jetstream import monitoring
from pychat.server.backplane.jetstream.link import Link, LinkError
from pychat.server.backplane.jetstream.monitoring import MonitorError, Syncing
from pychat.server.backplane.jetstream.streams import StreamInfo
from pychat.server.cluster import durability

EAGER = Syncing("n1", True, True, 120.0)
LAZY = Syncing("n2", True, False, 120.0)
BARE = Syncing("n3", False, False, 0.0)
OLD = Syncing("n4", True, False, 0.0)


def stream(replicas: int = 3, holders: Sequence[str] = ("n1", "n2", "n3")) -> StreamInfo:
    return StreamInfo(
        name="h-HALL",
        replicas=replicas,
        metadata={},
        first=1,
        last=9,
        messages=9,
        copies=replicas,
        holders=holders,
    )


@pytest.fixture
def monitored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers whose addresses are how they sync."""

    async def look(address: str) -> Syncing:
        for each in (EAGER, LAZY, BARE, OLD):
            if each.server == address:
                return each
        raise MonitorError(f"{address} does not answer")

    monkeypatch.setattr(monitoring, "look", look)


def levels(findings: list[Finding]) -> list[str]:
    return [each.level for each in findings]


async def test_nobody_knows_where_nobody_is_monitored() -> None:
    (finding,) = await durability.look([], [stream()])

    assert finding.level == "warning"
    assert "does not tell its clients" in finding.text
    assert "--monitor" in finding.advice


@pytest.mark.usefixtures("monitored")
async def test_each_server_with_a_copy_is_told_of() -> None:
    findings = await durability.look(["n1", "n2", "away"], [stream()])

    assert levels(findings) == ["ok", "warning", "warning", "warning"]
    texts = [each.text for each in findings]
    assert texts[0] == "n1 has on disk what it acknowledges"
    assert "every 2 minutes: where all copies lose their power at one time" in texts[1]
    assert findings[1].advice.startswith("set sync_interval: always")
    assert texts[2:] == ["away does not answer", "n3 has a copy, and nobody has told how it syncs"]


@pytest.mark.usefixtures("monitored")
async def test_what_one_lazy_server_costs_depends_on_whether_it_is_alone() -> None:
    alone = await durability.look(["n2"], [stream(1, [])])

    assert "where its power fails, what was acknowledged since may be gone" in alone[0].text
    assert len(alone) == 1


@pytest.mark.usefixtures("monitored")
async def test_a_server_without_jetstream_costs_nothing_and_one_that_is_too_old_may() -> None:
    findings = await durability.look(["n3", "n4"], [])

    assert levels(findings) == ["ok", "warning"]
    assert "too old" in findings[1].text


@pytest.mark.parametrize(
    ("replicas", "words"),
    [
        (1, "is on one server, and lost with it"),
        (2, "has 2 copies: nothing is decided while one of them is not there"),
        (3, ""),
        (5, ""),
    ],
)
def test_fewer_copies_than_make_a_majority_without_one_are_told(replicas: int, words: str) -> None:
    assert durability.on_copies(stream(replicas)) == words


@pytest.mark.usefixtures("monitored")
async def test_a_node_that_starts_says_what_is_not_as_it_should_be(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def find(link: Link, hall: str) -> dict[str, StreamInfo | None]:
        return dict.fromkeys(("h-HALL", "h-SNAP"), stream(1, ["n2"])) | {"h-ROOMS-0": None}

    monkeypatch.setattr(durability, "find", find)
    await durability.report(Link([], "node"), "h", ["n1", "n2"])

    told = [each.getMessage() for each in caplog.records]
    # One copy is told of once, whatever the number of streams.
    assert [each.partition(" ")[0] for each in told] == ["the", "n2"]
    assert "; set sync_interval: always" in told[1]


async def test_an_engine_that_does_not_answer_keeps_no_node_from_starting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refused(link: Link, hall: str) -> dict[str, StreamInfo | None]:
        raise LinkError("no majority")

    async def silent(link: Link, hall: str) -> dict[str, StreamInfo | None]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(durability, "START_SECONDS", 0.01)
    for find, why in ((refused, "no majority"), (silent, "did not answer in time")):
        monkeypatch.setattr(durability, "find", find)
        await durability.report(Link([], "node"), "h", [])

        told = caplog.records[-1].getMessage()
        assert told.startswith("it is not known how durable")
        assert why in told
