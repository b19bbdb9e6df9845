"""What `pychat doctor --cluster` finds, on a real engine where there is something to ask."""

import asyncio
import json
from pathlib import Path

import pytest

from pychat.server.backplane.checkup import Finding
from pychat.server.backplane.jetstream import link as linking
from pychat.server.backplane.jetstream import streams
from pychat.server.backplane.jetstream.lag import RoomsLag
from pychat.server.backplane.jetstream.link import Link, shown
from pychat.server.backplane.jetstream.publisher import Publisher
from pychat.server.backplane.jetstream.streams import StreamInfo, StreamSpec
from pychat.server.cluster import checkup, snapshot
from pychat.server.cluster.checkup import check
from pychat.server.cluster.lag import NodeLag
from pychat.server.cluster.node_server import LEASE
from tests.support.engines import Engine
from tests.support.node_servers import running_node
from tests.support.processes import run
from tests.support.wire import Wire

WELL = NodeLag("one.1", 0, 0.2, RoomsLag())


def about(findings: list[Finding], what: str) -> list[Finding]:
    return [each for each in findings if each.about == what]


async def test_the_streams_the_snapshot_and_each_node_are_told_of(
    engine: Engine,
    hall_name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(snapshot, "EVERY", 2)
    async with (
        running_node(engine.address, hall_name, tmp_path, name="one") as one,
        running_node(engine.address, hall_name, tmp_path, name="two") as two,
    ):
        ann = await Wire.member(one.port, "ann", "lobby")
        await ann.say("lobby", "hi")
        await one.server.keeper.kept.wait()

        # A node that starts says by itself what the streams are made of.
        assert f"the stream {hall_name}-HALL is on one server" in caplog.text
        assert "NATS does not tell its clients" in caplog.text

        findings = await check([engine.address], hall_name)

        assert findings[0] == Finding("ok", "nats", f"NATS answers at {engine.address}")
        kinds = [each.text.partition(":")[0] for each in about(findings, "streams")]
        assert kinds == [f"{hall_name}-{kind}" for kind in ("HALL", "SNAP", "ROOMS-0")]
        assert not any(each.level == "fault" for each in findings), findings
        assert about(findings, "snapshot")[0].text.startswith("kept ")
        nodes = about(findings, "nodes")
        assert [each.text.split()[0] for each in nodes] == list(one.server.replica.nodes)
        assert "1 rooms followed, 0 of them behind; 0 proposals" in nodes[0].text

        # Nothing of it stands in the log, and a node that is gone is missed.
        await two.die()
        monkeypatch.setattr(checkup, "ANSWER_SECONDS", 0.2)
        last = about(await check([engine.address], hall_name), "nodes")[-1]
        assert last.text.startswith(two.server.replica.node)
        assert (last.level, "has not answered" in last.text) == ("warning", True)


async def test_a_server_that_is_away_is_a_warning_while_another_answers(
    engine: Engine, hall_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = "nats://ann:secret@127.0.0.1:1"
    monkeypatch.setattr(linking, "CONNECT_SECONDS", 0.3)
    alone = await check([away], hall_name)
    monkeypatch.setattr(linking, "CONNECT_SECONDS", 10.0)
    monkeypatch.setattr(checkup, "_reach", reach_only(engine.address))

    both = await check([away, engine.address], hall_name)

    assert [each.level for each in alone] == ["fault"]
    assert "127.0.0.1:1 can" in alone[0].text
    assert "secret" not in alone[0].text
    assert [each.level for each in both] == ["warning", "ok", "warning", "warning"]
    assert f"begin with {hall_name} yet" in both[2].text


async def test_what_is_no_address_is_told_as_one_that_does_not_answer(hall_name: str) -> None:
    for server in ("", "nats://:abc"):
        (finding,) = await check([server], hall_name)
        assert finding.level == "fault"
        assert "correct the addresses" in finding.text


def reach_only(address: str):
    reach = checkup._reach

    async def reached(link: Link) -> str | None:
        return await reach(link) if link._servers == [address] else "away"

    return reached


async def test_a_stream_that_is_lost_is_a_fault_and_the_exit_code_of_the_program(
    engine: Engine, hall_name: str, link: Link
) -> None:
    await streams.ensure(link, StreamSpec(name=f"{hall_name}-HALL", subjects=[f"{hall_name}.hall"]))

    options = ("--cluster", engine.address, "--streams", hall_name, "--monitor", engine.monitor())
    done = await asyncio.to_thread(run, "doctor", *options, "--json")

    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["level"], each["about"]) for each in told] == [
        ("ok", "nats"),
        ("warning", "streams"),
        ("fault", "streams"),
        ("fault", "streams"),
        ("warning", "sync"),
    ]
    assert f"{hall_name}-SNAP is not there" in told[2]["text"]
    assert told[4]["text"].startswith("engine writes to its disk for good every 23 days")
    assert done.returncode == 1


async def test_a_log_of_another_version_is_a_fault(
    engine: Engine, hall_name: str, link: Link, publisher: Publisher
) -> None:
    for name, subject in (("HALL", "hall"), ("SNAP", "snap"), ("ROOMS-0", "room.0.*")):
        spec = StreamSpec(name=f"{hall_name}-{name}", subjects=[f"{hall_name}.{subject}"])
        await streams.ensure(link, spec)
    await publisher.publish(f"{hall_name}.hall", b'{"version":99}', publisher.next_id())

    findings = await check([engine.address], hall_name)

    assert (findings[-1].level, findings[-1].about) == ("fault", "log")
    assert "version 99" in findings[-1].text


@pytest.mark.parametrize(
    ("replicas", "copies", "level"),
    [(3, 3, "ok"), (3, 2, "warning"), (3, 1, "warning"), (2, 2, "warning"), (1, 1, "warning")],
)
def test_a_stream_is_well_with_all_of_several_copies(
    replicas: int, copies: int, level: str
) -> None:
    info = StreamInfo(
        name="h-HALL", replicas=replicas, metadata={}, first=1, last=9, messages=9, copies=copies
    )

    finding = checkup._on_stream("h-HALL", info)

    assert finding.level == level
    assert f"{copies} of {replicas} copies" in finding.text


def test_what_no_node_starts_with_is_a_fault() -> None:
    faults = ["has max_age 5, and pychat needs 0", "has no_ack True, and pychat needs False"]
    info = StreamInfo(
        name="h-HALL", replicas=3, metadata={}, first=1, last=9, messages=9, copies=3, faults=faults
    )

    finding = checkup._on_stream("h-HALL", info)

    assert finding.level == "fault"
    assert finding.text == f"the stream h-HALL {faults[0]}; it {faults[1]}"


@pytest.mark.parametrize(("more", "level"), [(-1, "ok"), (0, "ok"), (1, "warning")])
def test_a_snapshot_is_missed_when_two_were_due(more: int, level: str) -> None:
    assert checkup._on_snapshot(None, 2 * snapshot.EVERY + more).level == level
    assert checkup._on_snapshot(7_300.0, 2 * snapshot.EVERY + more).level == level
    assert "kept 2 hours ago" in checkup._on_snapshot(7_300.0, 1).text


@pytest.mark.parametrize(("more", "level"), [(-1, "ok"), (0, "warning"), (1, "warning")])
def test_a_node_is_missed_when_its_lease_is_over(more: float, level: str) -> None:
    assert checkup._on_node("one.1", LEASE + more, WELL).level == level


@pytest.mark.parametrize(("more", "level"), [(-1, "ok"), (0, "warning"), (1, "warning")])
def test_a_node_that_waits_for_the_engine_is_told_of(more: float, level: str) -> None:
    seconds = checkup.LATE_SECONDS + more
    for told in (
        NodeLag("one.1", 0, seconds, RoomsLag()),
        NodeLag("one.1", 0, 0.2, RoomsLag(2, 1, 3, seconds)),
    ):
        assert checkup._on_node("one.1", 1.0, told).level == level


@pytest.mark.parametrize(
    ("server", "seen"),
    [
        ("nats://10.0.0.1:4222", "nats://10.0.0.1:4222"),
        ("tls://node:p@ss@10.0.0.1", "tls://10.0.0.1"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_an_address_is_shown_without_its_password(server: str, seen: str) -> None:
    assert shown(server) == seen
