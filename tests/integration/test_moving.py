"""A whole Hall from a folder into a cluster and back: all of it, and never half of one."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.interface import LedgerError
from pychat.server.backplane.jetstream import half_made, loader, streams
from pychat.server.backplane.jetstream.ledger import JetStreamLedger
from pychat.server.backplane.jetstream.link import Link
from pychat.server.backplane.jetstream.streams import StreamSpec
from pychat.server.cluster import snapshot
from pychat.server.cluster.checkup import check
from pychat.server.moving import folder, form, into_cluster, out_of_cluster
from pychat.server.moving.whole import MoveError, WholeHall
from tests.support import moved
from tests.support.engines import Engine
from tests.support.ledgers import Recorder
from tests.support.moved import ANN, EVE, INVITATION, lived_in, owner
from tests.support.node_servers import running_node
from tests.support.processes import run
from tests.support.wire import Wire


@pytest.fixture
async def link(engine: Engine) -> AsyncIterator[Link]:
    link = Link([engine.address], "test")
    await link.open()
    yield link
    await link.close()


async def bring(link: Link, hall_name: str, data: Path) -> into_cluster.Put:
    with folder.opened(data) as hall:
        return await into_cluster.put(link, hall_name, hall)


async def fetch(link: Link, hall_name: str, scratch: Path) -> bytes:
    async with out_of_cluster.opened(link, hall_name, scratch) as hall:
        return moved.written(hall)


async def test_a_hall_goes_into_a_cluster_and_comes_back_the_same(
    link: Link, hall_name: str, tmp_path: Path
) -> None:
    await lived_in(tmp_path / "old")
    before = moved.export(tmp_path / "old")

    done = await bring(link, hall_name, tmp_path / "old")
    between = await fetch(link, hall_name, tmp_path / "scratch")
    folder.put(tmp_path / "new", form.read(io.BytesIO(between)))

    assert between.splitlines() == before.splitlines()
    assert moved.export(tmp_path / "new") == before
    events = [json.loads(line) for line in before.splitlines() if b'"seq"' in line]
    assert done.events == len([each for each in events if each["type"] != "spent"])


async def test_who_comes_back_finds_everything_and_goes_on(
    engine: Engine, link: Link, hall_name: str, tmp_path: Path
) -> None:
    told = await lived_in(tmp_path / "old")
    await bring(link, hall_name, tmp_path / "old")
    async with running_node(engine.address, hall_name, tmp_path) as node:
        # The Hall takes no newcomers.
        stranger = await Wire.connect(node.port)
        hello = {"protocol": [1], "client": "wire", "name": "cyd"}
        assert await stranger.refused("hello", **hello) == "not-allowed"
        ann, eve = await owner(node.port, ANN, "Ann"), await owner(node.port, EVE, "eve")
        assert eve.welcome["epoch"] == told["epoch"]

        # What was said to Eve alone, and up to where she had read.
        news = await eve.event("direct")
        assert (news["room"], news["name"], news["after"]) == (told["pair"], "Ann", 0)
        letter = await eve.granted("join", room=told["pair"], after=0, epoch=told["epoch"])
        assert [each["text"] for each in letter["events"]] == ["swordfish"]
        joined = await eve.granted("join", room="lobby")
        assert joined["read"] == told["first"]["seq"]
        assert joined["topic"] == "about foxes"

        # Pages, search and what goes on from a position.
        await ann.granted("join", room="lobby")
        page = await ann.granted("history", room="lobby")
        shown = [(each["text"], each.get("reactions")) for each in page["messages"]]
        assert shown == [("a fox", {"👍": ["eve"]}), ("a hound", None), ("", None)]
        found = await ann.granted("search", text="hound")
        assert [each["text"] for each in found["messages"]] == ["a hound"]
        first = told["first"]
        again = await ann.granted("send", room="lobby", text="a fox", nonce="first")
        assert (again["seq"], again["time"]) == (first["seq"], first["time"])
        said = await ann.say("lobby", "and on")
        heard = await eve.event("message", text="and on")
        assert (heard["seq"], heard["prev"]) == (said["seq"], said["seq"] - 1)

        # Of what was not kept any more, the numbers and the nonces.
        old = await ann.granted("join", room="old")
        assert old["topic"] == "before"
        assert [each["text"] for each in old["messages"]] == ["old 2", "old 3", "old 4"]
        assert (await ann.granted("send", room="old", text="old 0", nonce="n0"))["seq"] == 2
        assert await ann.refused("send", room="old", text="else", nonce="n1") == "nonce-reused"
        await ann.granted("join", room="gone")
        assert (await ann.say("gone", "anew"))["seq"] == 6

        # Rights: Eve is an operator of the room, the mute and the ban hold.
        members = (await ann.granted("members", room="lobby"))["members"]
        assert {each["name"]: each["role"] for each in members} == {
            "Ann": "owner",
            "eve": "operator",
        }
        bans = await eve.granted("bans", room="lobby")
        assert [each["name"] for each in bans["bans"]] == ["mallory"]
        assert [each["name"] for each in bans["mutes"]] == ["bob"]


async def test_a_second_node_begins_from_what_the_first_kept_of_it(
    engine: Engine, link: Link, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived_in(tmp_path / "old")
    await bring(link, hall_name, tmp_path / "old")
    monkeypatch.setattr(snapshot, "EVERY", 1)
    async with running_node(engine.address, hall_name, tmp_path, name="one") as one:
        await one.server.keeper.kept.wait()
        one.server.keeper.kept.clear()
        ann = await owner(one.port, ANN, "Ann")
        await ann.granted("join", room="lobby")
        said = await ann.say("lobby", "and on")
        # Two snapshots, by which the first, and what was before, is let go of.
        await one.server.keeper.kept.wait()

        async with running_node(engine.address, hall_name, tmp_path, name="two") as two:
            eve = await owner(two.port, EVE, "eve")
            joined = await eve.granted("join", room="lobby")
            assert [each["text"] for each in joined["messages"]][-1] == "and on"
            assert (joined["seq"], joined["topic"]) == (said["seq"], "about foxes")
            assert (await eve.event("direct"))["name"] == "Ann"


async def test_an_invitation_and_a_level_come_along(
    link: Link, hall_name: str, tmp_path: Path
) -> None:
    await lived_in(tmp_path / "old")
    await bring(link, hall_name, tmp_path / "old")

    lines = (await fetch(link, hall_name, tmp_path / "scratch")).splitlines()
    facts = [json.loads(line) for line in lines if line.startswith(b'{"type":"fact"')]

    assert {(each["bucket"], each["key"]) for each in facts if each["bucket"] == "hall"} == {
        ("hall", "lock-down"),
        ("hall", "operator:ann"),
    }
    assert [each["body"]["by"] for each in facts if each["bucket"] == "token"] == ["Ann"]
    assert INVITATION.encode() not in b"".join(lines)


async def test_where_there_is_a_hall_none_is_imported_and_a_living_node_is_named(
    engine: Engine, link: Link, hall_name: str, tmp_path: Path
) -> None:
    await lived_in(tmp_path / "old")
    async with running_node(engine.address, hall_name, tmp_path) as node:
        with pytest.raises(MoveError, match=f"there is a Hall .*{node.server.replica.node} was"):
            await bring(link, hall_name, tmp_path / "old")
        with pytest.raises(MoveError, match="stop all nodes first"):
            await fetch(link, hall_name, tmp_path / "scratch")

    with pytest.raises(MoveError, match="--streams") as refusal:
        await bring(link, hall_name, tmp_path / "old")
    assert "heard" not in str(refusal.value)
    # Its nodes are stopped: so it can be had.
    assert b'"rooms":0' in await fetch(link, hall_name, tmp_path / "other")


async def test_a_stream_of_anybodys_is_not_touched(
    link: Link, hall_name: str, tmp_path: Path
) -> None:
    await lived_in(tmp_path / "old")
    spec = StreamSpec(name=f"{hall_name}-HALL", subjects=[f"{hall_name}.hall"])
    await streams.ensure(link, spec)

    with pytest.raises(MoveError, match="there is a Hall already"):
        await bring(link, hall_name, tmp_path / "old")
    with pytest.raises(MoveError, match="no whole Hall"):
        await fetch(link, hall_name, tmp_path / "scratch")
    assert await streams.find(link, spec.name) is not None


class CutError(Exception):
    pass


def cut(events: Iterator[LoggedEvent], after: int) -> Iterator[LoggedEvent]:
    for number, event in enumerate(events):
        if number == after:
            raise CutError
        yield event


async def test_what_was_broken_off_is_no_hall_and_the_next_import_begins_anew(
    link: Link, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived_in(tmp_path / "old")
    monkeypatch.setattr(loader, "AT_ONCE", 2)
    with folder.opened(tmp_path / "old") as hall:
        hall.events = cut(hall.events, 9)
        with pytest.raises(CutError):
            await into_cluster.put(link, hall_name, hall)
    assert (await streams.info(link, f"{hall_name}-ROOMS-0")).messages > 2

    with pytest.raises(LedgerError, match="being imported"):
        await JetStreamLedger(link, hall_name, tmp_path / "node").open(Recorder())
    found = await check(link._servers, hall_name)
    assert "not to the end" in found[-1].text
    assert not [each for each in found if "is not there" in each.text]
    with pytest.raises(LedgerError, match="being imported"):
        await fetch(link, hall_name, tmp_path / "scratch")
    await bring(link, hall_name, tmp_path / "old")

    assert await fetch(link, hall_name, tmp_path / "other") == moved.export(tmp_path / "old")


async def test_the_last_that_an_import_does_makes_it_a_hall(
    link: Link, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived_in(tmp_path / "old")

    async def cut_off(link: Link, name: str) -> None:
        raise CutError

    with monkeypatch.context() as broken:
        broken.setattr(half_made, "finish", cut_off)
        with pytest.raises(CutError):
            await bring(link, hall_name, tmp_path / "old")

    assert half_made.is_half_made(await streams.info(link, f"{hall_name}-ROOMS-0"))
    await bring(link, hall_name, tmp_path / "old")
    assert not half_made.is_half_made(await streams.info(link, f"{hall_name}-ROOMS-0"))


async def test_two_imports_at_one_time_do_not_meet(
    link: Link, hall_name: str, tmp_path: Path
) -> None:
    await lived_in(tmp_path / "old")
    other = Link(link._servers, "other")
    await other.open()
    with folder.opened(tmp_path / "old") as hall:
        under_way, go_on = asyncio.Event(), asyncio.Event()
        keep = into_cluster._keep

        async def waiting(*rest: object) -> None:
            under_way.set()
            await go_on.wait()
            await keep(*rest)  # type: ignore[arg-type]

        into_cluster._keep = waiting  # type: ignore[assignment]
        try:
            first = asyncio.create_task(into_cluster.put(link, hall_name, hall))
            await under_way.wait()
            with pytest.raises(MoveError, match="another import"):
                await into_cluster.put(other, hall_name, nothing())
        finally:
            into_cluster._keep = keep
            go_on.set()
        await first
    await other.close()


def nothing() -> WholeHall:
    return WholeHall(epoch="e", facts=[], rooms=[], spent=[], events=iter(()))


async def test_of_a_long_talk_of_two_the_newest_goes_over_and_the_rest_is_counted(
    link: Link, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await lived_in(tmp_path / "old")
    async with moved.opened(tmp_path / "old") as hall:
        ann = await owner(hall.port, ANN, "Ann")
        await ann.granted("join", room="@eve")
        for number in range(4):
            await ann.say("@eve", f"letter {number}")
    monkeypatch.setattr("pychat.server.limits.DIRECT_MESSAGES", 3)

    done = await bring(link, hall_name, tmp_path / "old")

    assert done.left_out == 2
    after = (await fetch(link, hall_name, tmp_path / "scratch")).splitlines()
    room = next(json.loads(line) for line in after if told["pair"].encode() in line)
    assert (room["type"], room["floor"], room["head"]) == ("room", 2, 5)


async def test_by_the_commands_a_hall_moves_and_what_stays_is_told(
    engine: Engine, hall_name: str, tmp_path: Path
) -> None:
    await lived_in(tmp_path / "old")
    (tmp_path / "old" / "hall.pem").touch()
    there = ("--cluster", engine.address, "--streams", hall_name)

    async def program(*arguments: str) -> tuple[int, str, str]:
        done = await asyncio.to_thread(run, *arguments)
        return done.returncode, done.stdout, done.stderr

    code, out, err = await program("import", str(tmp_path / "old"), *there)
    assert (code, out.startswith(f"{hall_name}: ")) == (0, True), err
    assert "audit log, " in err
    assert "hall.pem: copy it" in err

    code, _, err = await program("import", str(tmp_path / "old"), *there)
    assert (code, "there is a Hall already" in err) == (3, True)

    code, _, err = await program("export", "--hall", str(tmp_path / "hall.jsonl"), *there)
    assert code == 0, err
    code, out, err = await program(
        "import", str(tmp_path / "hall.jsonl"), "--data", str(tmp_path / "new")
    )
    assert code == 0, err
    assert moved.export(tmp_path / "new") == moved.export(tmp_path / "old")

    away = ("--cluster", "nats://127.0.0.1:1", "--streams", hall_name)
    for wrong, expected, why in (
        (("import", str(tmp_path / "old")), 2, "is a folder"),
        (("import", str(tmp_path / "hall.jsonl"), "--data", str(tmp_path / "new")), 3, "not empty"),
        (("import", str(tmp_path / "hall.jsonl"), "--room", "tea"), 2, "whole Hall"),
        (("export", "lobby", *away), 2, "goes with --hall"),
        (("export",), 2, "name the ROOM"),
    ):
        code, _, err = await program(*wrong)
        assert (code, why in err) == (expected, True), err
