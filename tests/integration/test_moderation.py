"""Kicks, bans, mutes and slow mode through sockets, the client and a restart; and the audit log."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import Client, CommandError, connect
from pychat.protocol.replies import RoomSettings
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.backplane.registry import MemoryRegistry
from pychat.server.server import SYSTEM_CLOCK
from tests.integration.test_client_in_a_hall import lobby
from tests.support.hall import RunningHall, running_hall
from tests.support.news import notices, until
from tests.support.processes import Serve, run
from tests.support.wire import Wire


@pytest.fixture
async def hall() -> AsyncIterator[RunningHall]:
    async with running_hall() as running:
        yield running


@pytest.fixture
async def ann(hall: RunningHall) -> AsyncIterator[Client]:
    async with await connect(hall.address, name="ann") as client:
        await client.join("lobby")
        yield client


@pytest.fixture
async def bob(hall: RunningHall, ann: Client) -> AsyncIterator[Client]:
    async with await connect(hall.address, name="bob") as client:
        await client.join("lobby")
        yield client


async def code_of(client: Client, text: str) -> str:
    with pytest.raises(CommandError) as caught:
        await client.send("lobby", text)
    return caught.value.code


async def test_who_is_kicked_learns_why_and_keeps_what_is_not_sent(
    ann: Client, bob: Client
) -> None:
    told = notices(bob)
    assert lobby(bob).members["ann"].role == "owner"

    await ann.moderation.kick("lobby", "bob", "too loud")
    await until(bob, lambda: not bob.mirror.rooms)

    assert told == ["You were removed from #lobby: kicked by ann: too loud"]
    await until(ann, lambda: "bob" not in lobby(ann).members)
    await bob.join("lobby")
    item = bob.post("lobby", "I am back")
    await until(bob, lambda: item.state == "sent")


async def test_a_ban_acts_on_the_next_frame(hall: RunningHall, ann: Client) -> None:
    mallory = await Wire.member(hall.port, "mallory", "lobby")
    number = 0
    for number in range(200):
        mallory.command("send", room="lobby", text=f"spam {number}", nonce=f"n{number}")
        if number == 100:
            head = lobby(ann).head
            await ann.moderation.ban("lobby", "mallory", reason="spam")
            head = lobby(ann).head

    with pytest.raises(CommandError):
        await ann.moderation.kick("lobby", "mallory")
    assert lobby(ann).head == head, "something came after the ban was answered"
    assert await mallory.refused("join", room="lobby") == "not-allowed"


async def test_roles_settings_and_invitations_reach_the_mirrors(
    hall: RunningHall, ann: Client, bob: Client
) -> None:
    await ann.moderation.appoint("lobby", "bob", "operator")
    await ann.moderation.change("lobby", kind="locked", slow=30)
    await until(bob, lambda: lobby(bob).settings == RoomSettings(kind="locked", slow=30))
    await until(bob, lambda: lobby(bob).members["bob"].role == "operator")

    async with await connect(hall.address, name="cyd") as cyd:
        told = notices(cyd)
        assert await cyd.list_rooms() == []
        with pytest.raises(CommandError) as caught:
            await cyd.join("lobby")
        assert caught.value.code == "no-such-room"
        await bob.moderation.invite("lobby", "cyd")
        await until(cyd, lambda: told)
        await cyd.join("lobby")
        assert lobby(cyd).settings.slow == 30
        await cyd.send("lobby", "one")
        assert lobby(cyd).quiet_until > 0
        assert await code_of(cyd, "two") == "rate-limited"
    assert (await ann.moderation.bans("lobby")).bans == []


async def test_mutes_and_bans_survive_a_restart() -> None:
    ledger, registry = MemoryLedger(SYSTEM_CLOCK.wall), MemoryRegistry()
    for opened in range(2):
        async with running_hall(ledger, registry=registry) as hall:
            ann = await Wire.member(hall.port, "ann", "lobby")
            if not opened:
                await Wire.member(hall.port, "bob", "lobby")
                await Wire.member(hall.port, "cyd", "lobby")
                await ann.say("lobby", "hello")
                await ann.granted("mute", room="lobby", name="bob")
                await ann.granted("ban", room="lobby", name="cyd", seconds=600)
            else:
                bob = await Wire.member(hall.port, "bob", "lobby")
                refused = await bob.refused("send", room="lobby", text="hi", nonce="n")
                cyd = await Wire.enter(hall.port, "cyd")
                assert refused == await cyd.refused("join", room="lobby") == "not-allowed"
    assert [line.act for line in registry.lines] == ["mute", "ban"]


async def test_the_audit_log_and_who_is_granted_what(serve_process: Serve, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    granted = run("grant", "Ada", "--data", data)
    assert granted.stdout == "Ada is an operator of the Hall now.\n"
    hall = serve_process()
    ann = await Wire.member(hall.port, "ann", "lobby")
    await Wire.member(hall.port, "bob", "lobby")
    await ann.granted("kick", room="lobby", name="bob", reason="out\nnow")
    await ann.close()
    assert run("grant", "Ada", "--revoke", "--data", data).returncode == 0

    told = run("audit", "--data", data, "--room", "LOBBY")
    hall.signal(signal.SIGTERM)
    assert hall.end() == 0
    lines = [
        json.loads(line) for line in run("audit", "--data", data, "--json").stdout.splitlines()
    ]

    assert told.stdout.endswith(" #lobby: ann kick bob: out\N{SYMBOL FOR NEWLINE}now\n")
    assert [(line["who"], line["act"], line.get("whom")) for line in lines] == [
        ("(shell)", "grant", "Ada"),
        ("ann", "kick", "bob"),
        ("(console)", "revoke", "Ada"),
    ]
    assert run("audit", "--data", data, "--since", "2999-01-01").stdout == ""
    assert run("audit", "--data", str(tmp_path / "nothing")).returncode == 1
