"""Two nodes of one Hall, on a real engine: nobody who chats can tell."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.server.admin import AdminSocket
from pychat.server.backplane import retention, rules
from pychat.server.backplane.interface import Retention
from pychat.server.backplane.jetstream import retaining, streams
from pychat.server.cluster import snapshot
from pychat.server.cluster.entries import Administered, AnyEntry
from pychat.server.cluster.faults import ClusterError
from pychat.server.reloading import Outcome
from tests.support.engines import Engine
from tests.support.ledger_nodes import linked
from tests.support.node_servers import RunningNode, running_node
from tests.support.processes import Serve
from tests.support.proving import ANN, EVE, come
from tests.support.wire import Wire


@pytest.fixture
async def nodes(
    engine: Engine, hall_name: str, tmp_path: Path
) -> AsyncIterator[tuple[RunningNode, RunningNode]]:
    async with (
        running_node(engine.address, hall_name, tmp_path, name="one") as one,
        running_node(engine.address, hall_name, tmp_path, name="two") as two,
    ):
        yield one, two


Pair = tuple[RunningNode, RunningNode]


async def test_what_is_said_and_done_at_one_node_happens_at_the_other(nodes: Pair) -> None:
    one, two = nodes
    ann = await Wire.member(one.port, "ann", "lobby")
    bob = await Wire.member(two.port, "bob", "lobby")
    assert (await ann.event("presence"))["joined"][0]["name"] == "bob"
    stranger = await Wire.connect(two.port)
    hello = {"protocol": [1], "client": "wire", "name": "Ann"}
    assert await stranger.refused("hello", **hello) == "name-taken"

    sent = [await ann.say("lobby", "hi"), await bob.say("lobby", "hello")]
    for wire in (ann, bob):
        heard = [await wire.event("message") for _ in sent]
        assert [each["seq"] for each in heard] == [each["seq"] for each in sent] == [1, 2]

    bob.command("typing", room="lobby")
    assert (await ann.event("typing"))["name"] == "bob"
    await bob.granted("away", away=True)
    assert (await ann.event("presence"))["changed"][0]["member"]["away"]
    await bob.granted("name", name="robert")
    assert (await ann.event("presence"))["changed"][0]["member"]["name"] == "robert"
    listed = await ann.ask("members", room="lobby")
    assert {each["name"]: each["role"] for each in listed["members"]} == {
        "ann": "owner",
        "robert": "member",
    }

    await ann.granted("ban", room="lobby", name="robert", reason="enough")
    out = [{"name": "robert", "reason": "banned by ann: enough"}]
    assert (await bob.event("presence", left=out))["room"] == "lobby"
    assert await bob.refused("send", room="lobby", text="x", nonce="n") == "not-in-room"
    assert await bob.refused("join", room="lobby") == "not-allowed"


async def test_two_people_at_two_nodes_write_to_each_other_alone(nodes: Pair) -> None:
    one, two = nodes
    ann, bob = await Wire.enter(one.port, "ann"), await Wire.enter(two.port, "bob")
    cyd = await Wire.enter(two.port, "cyd")

    joined = await bob.granted("join", room="@ann")
    sent = await bob.say("@ann", "psst")
    told = await ann.event("direct")
    found = await ann.granted("join", room=told["room"])

    assert told["room"] == joined["room"] == "@ann,bob"
    assert [each["text"] for each in found["messages"]] == ["psst"]
    again = await bob.say("@ann", "psst", sent["nonce"])
    assert again["seq"] == sent["seq"]
    assert await cyd.refused("join", room="@ann,bob") == "no-such-room"
    assert [each for each in await cyd.drain() if each["type"] != "presence"] == []


async def test_what_two_owners_write_to_each_other_is_found_by_them_at_any_node(
    nodes: Pair,
) -> None:
    one, two = nodes
    ann, _ = await come(one, ANN, "ann")
    eve, _ = await come(two, EVE, "eve")
    bob = await Wire.member(one.port, "bob", "lobby")
    room = (await ann.granted("join", room="@eve"))["room"]
    await ann.granted("join", room="lobby")
    await ann.say("@eve", "swordfish")
    await ann.say("lobby", "swordfishes")
    await eve.granted("join", room=(await eve.event("direct"))["room"])

    for wire, found in ((ann, ["swordfishes", "swordfish"]), (eve, ["swordfish"])):
        told = await wire.granted("search", text="sword")
        assert [each["text"] for each in told["messages"]] == found
        told = await wire.granted("search", text="sword", room=room)
        assert [each["text"] for each in told["messages"]] == ["swordfish"]
    told = await bob.granted("search", text="sword")
    assert [each["text"] for each in told["messages"]] == ["swordfishes"]
    assert await bob.refused("search", text="sword", room=room) == "no-such-room"


async def test_nodes_let_go_of_the_same_messages(
    engine: Engine, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(retaining, "PURGE_SECONDS", 0.0)
    monkeypatch.setattr(rules, "NONCE_LIFE", 0)
    keep = Retention(max_messages=3)

    def node(name: str) -> contextlib.AbstractAsyncContextManager[RunningNode]:
        return running_node(engine.address, hall_name, tmp_path, name=name, keep=keep)

    async with node("one") as one, node("two") as two:
        ann = await Wire.member(one.port, "ann", "lobby")
        bob = await Wire.member(two.port, "bob", "lobby")
        await ann.granted("topic", room="lobby", text="tea", nonce="t")
        for number in range(9):
            await (ann if number % 2 else bob).say("lobby", f"{number}")
        for wire in (ann, bob):
            async with asyncio.timeout(50):
                while True:
                    page = await wire.granted("history", room="lobby")
                    if [each["text"] for each in page["messages"]] == ["6", "7", "8"]:
                        break
                    await asyncio.sleep(0.1)
            assert not page["more_before"]
            gone = {"room": "lobby", "target": 2, "emojis": ["x"], "nonce": "r"}
            assert await wire.refused("react", **gone) == "no-such-message"
        async with asyncio.timeout(50), linked(engine) as link:
            # The stream has let go, too: of nine and a topic.
            while True:
                if (await streams.info(link, f"{hall_name}-ROOMS-0")).first >= 7:
                    break
                await asyncio.sleep(0.01)

        async with node("three") as three:
            cyd = await Wire.enter(three.port, "cyd")
            joined = await cyd.granted("join", room="lobby")
            assert [each["text"] for each in joined["messages"]] == ["6", "7", "8"]
            assert (joined["topic"], joined["more"]) == ("tea", False)
            sent = await cyd.say("lobby", "9")
            assert (await ann.event("message", text="9"))["seq"] == sent["seq"]


async def test_a_session_goes_on_at_the_other_node_when_its_own_dies(nodes: Pair) -> None:
    one, two = nodes
    ann = await Wire.member(one.port, "ann", "lobby")
    bob = await Wire.member(two.port, "bob", "lobby")
    seen = (await ann.say("lobby", "before"))["seq"]
    await bob.event("message")

    await one.die()
    missed = await bob.say("lobby", "meanwhile")
    again = await Wire.enter(two.port, "ann", resume=ann.welcome["resume"])
    joined = await again.granted("join", room="lobby", after=seen, epoch=ann.welcome["epoch"])

    assert again.welcome["resumed"]
    assert again.welcome["name"] == "ann"
    assert [each["seq"] for each in joined["events"]] == [missed["seq"]]
    after = await again.say("lobby", "after")
    assert (await bob.event("message", text="after"))["seq"] == after["seq"]
    left = [each for each in bob.unread if each["type"] == "presence" and each.get("left")]
    assert left == []


async def test_who_is_sent_away_by_a_node_that_stops_goes_on_at_the_other(nodes: Pair) -> None:
    one, two = nodes
    ann = await Wire.member(one.port, "ann", "lobby")
    bob = await Wire.member(two.port, "bob", "lobby")

    stopping = asyncio.create_task(one.stop())
    bye = await ann.bye()
    await ann.close()
    again = await Wire.enter(two.port, resume=ann.welcome["resume"])
    await stopping

    assert (bye["code"], bye["reconnect"]) == ("shutdown", True)
    assert again.welcome["resumed"]
    await again.granted("join", room="lobby")
    await again.say("lobby", "here")
    assert (await bob.event("message"))["sender"] == "ann"
    assert [each for each in bob.unread if each.get("left")] == []


async def test_a_node_that_comes_begins_from_what_the_others_have_kept(
    engine: Engine, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "EVERY", 4)
    async with running_node(engine.address, hall_name, tmp_path, name="one") as one:
        ann = await Wire.member(one.port, "ann", "lobby", "den")
        await ann.say("lobby", "hi")
        for number in range(20):
            await ann.granted("away", away=number % 2 == 0)
        await one.server.keeper.kept.wait()
        async with running_node(engine.address, hall_name, tmp_path, name="two") as two:
            bob = await Wire.enter(two.port, "bob")
            rooms = (await bob.ask("list"))["rooms"]
            joined = await bob.granted("join", room="lobby")

    assert [(each["name"], each["members"]) for each in rooms] == [("den", 1), ("lobby", 1)]
    assert [each["text"] for each in joined["messages"]] == ["hi"]
    assert snapshot.state(one.server.replica)


async def test_a_console_that_waits_while_its_node_is_cut_off_is_closed(
    engine: Engine, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_node(engine.address, hall_name, tmp_path) as node:
        path, server = tmp_path / "a", node.server
        socket = AdminSocket(server, path, lambda: Outcome([], [], []))
        await socket.open()
        reader, writer = await asyncio.open_unix_connection(path)
        asked = asyncio.Event()

        def lose(entry: AnyEntry) -> None:
            if isinstance(entry, Administered):
                asked.set()

        with monkeypatch.context() as lost:
            lost.setattr(server._lane, "put", lose)
            writer.write(b'{"type":"unban","name":"ann","id":1}\n')
            await asked.wait()

        server.cut_off()

        async with asyncio.timeout(30):
            assert await reader.read() == b""
            await server._here.wait()
        writer.close()
        socket.close()


@pytest.mark.parametrize("where", ["_act_out", "dump"])
async def test_a_node_that_fails_at_the_log_gives_up_and_says_no_more(
    engine: Engine, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fail(*rest: object) -> None:
        raise RuntimeError("a defect")

    async with running_node(engine.address, hall_name, tmp_path) as node:
        server = node.server
        ann = await Wire.enter(node.port, "ann")
        monkeypatch.setattr(snapshot, "EVERY", 1)
        monkeypatch.setattr(server if where == "_act_out" else snapshot, where, fail)

        ann.command("away", away=True)

        async with asyncio.timeout(30):
            await node.given_up.wait()
        assert (await ann.bye())["reconnect"]
        await ann.close()
        # Others' decisions do not happen here, nor does it come back under another name.
        came = server.replica.node
        server.cut_off()
        assert (server.replica.node, server._can_decide) == (came, False)
        with pytest.raises(ClusterError, match="failed at message"):
            await node.stop()


async def test_a_node_that_cannot_begin_anew_gives_up(
    engine: Engine, hall_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("a defect")

    async with running_node(engine.address, hall_name, tmp_path) as node:
        monkeypatch.setattr(node.server.replica, "become", fail)

        node.server.cut_off()

        assert node.given_up.is_set()
        with pytest.raises(ClusterError, match="cannot begin anew"):
            await node.stop()


async def test_a_name_is_one_persons_however_many_want_it(nodes: Pair) -> None:
    for number in range(10):
        wires = [await Wire.connect(node.port) for node in nodes for _ in range(2)]
        hello = {"protocol": [1], "client": "wire", "name": f"eve-{number}"}
        found = await asyncio.gather(*(wire.ask("hello", **hello) for wire in wires))
        assert sorted(each["type"] for each in found) == ["error", "error", "error", "welcome"]


async def test_the_program_is_a_node_as_the_command_line_says(
    engine: Engine, hall_name: str, tmp_path: Path, serve_process: Serve
) -> None:
    config = tmp_path / "pychat.toml"
    config.write_text(f'[cluster]\nstreams = "{hall_name}"\n')
    one, two = (
        serve_process(
            *("--cluster", engine.address, "--config", str(config)),
            *("--node", name, "--data", str(tmp_path / name)),
        )
        for name in ("one", "two")
    )
    ann = await Wire.member(one.port, "ann", "lobby")
    bob = await Wire.member(two.port, "bob", "lobby")

    await bob.say("lobby", "hi")

    assert (await ann.event("message"))["sender"] == "bob"
    two.signal(signal.SIGTERM)
    assert (await bob.bye())["reconnect"]
    await bob.close()
    assert two.end() == 0


async def test_a_program_that_gives_up_ends_so_that_it_is_started_again(
    engine: Engine, hall_name: str, tmp_path: Path, serve_process: Serve
) -> None:
    config = tmp_path / "pychat.toml"
    config.write_text(f'[cluster]\nstreams = "{hall_name}"\n')
    node = serve_process("--cluster", engine.address, "--config", str(config))

    async with linked(engine) as link:
        await link.send(f"{hall_name}.hall", b'{"version":99}', headers=None)

    assert await asyncio.to_thread(node.end) == 1
    assert "another node decides by version 99" in node.errors.rest()[-1]
