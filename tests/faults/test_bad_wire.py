"""A wire that is cut and loses packets: a proxy on loopback, and network namespaces."""

import asyncio
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.server import SYSTEM_CLOCK
from tests.support.children import SdkChild, sdk_child
from tests.support.crowd import ROOM, Talker
from tests.support.hall import running_hall
from tests.support.invariants import Invariants
from tests.support.netns import Wired
from tests.support.processes import Serve
from tests.support.proxy import Proxy
from tests.support.timing import HASTY
from tests.support.wire import Wire

Measured = Callable[[str], None]


# -- cut again and again ----------------------------------------------------------------------


async def cut_every(proxy: Proxy, seconds: float, rng: random.Random) -> None:
    while True:
        await asyncio.sleep(rng.uniform(0, 2 * seconds))
        proxy.cut()


async def test_a_thousand_messages_over_a_wire_cut_every_50_ms_keep_every_promise(
    tmp_path: Path, measured: Measured
) -> None:
    oracle = Invariants()
    path = tmp_path / "hall.db"
    async with (
        running_hall(SqliteLedger(path, SYSTEM_CLOCK.wall), linger=0.3) as hall,
        Proxy(hall.port) as proxy,
    ):
        bob = await Talker.enter(hall.address, "bob", oracle, timing=HASTY)
        ann = await Talker.enter(proxy.address, "ann", oracle, timing=HASTY)
        began = time.monotonic()
        listening = [asyncio.create_task(each.listen()) for each in (ann, bob)]
        cutting = asyncio.create_task(cut_every(proxy, 0.05, random.Random(7)))
        async with asyncio.timeout(50):
            posted = [ann.client.post(ROOM, f"message {number}") for number in range(1_000)]
            for item in posted:
                oracle.meant("ann", ROOM, item.nonce, item.text)
            await bob.heard(1_000)
            cutting.cancel()
            await ann.heard(1_000)
            await ann.until(ann.is_done)
        for item in posted:
            assert item.state == "sent"
            oracle.acknowledged("ann", ROOM, item.nonce)
        for task in listening:
            task.cancel()
        await ann.client.quit()
        await bob.client.quit()
    oracle.stored_in(path)
    assert len(oracle.logs[ROOM]) == 1_000
    oracle.hold()
    measured(
        f"1,000 messages over {proxy.connections} connections in {time.monotonic() - began:.1f} s"
    )


# -- network namespaces -----------------------------------------------------------------------


@pytest.fixture
def distant_hall(wire: Wired, serve_process: Serve) -> str:
    """The address of a Hall at the other end of the wire."""
    options = ("--host", wire.hall_address, "--flood", "off", "--quiet", "--tls", "off")
    return f"{wire.hall_address}:{serve_process(*options, at=wire.at_hall()).port}"


async def say(oracle: Invariants, child: SdkChild, count: int) -> None:
    child.tell(f"say {count}")
    for _ in range(count):
        nonce, text = await child.told("posted")
        oracle.meant("ann", ROOM, nonce, text)
        oracle.acknowledged("ann", ROOM, nonce)


async def finished(
    oracle: Invariants, ann: SdkChild, bob: SdkChild, count: int, data: Path, seconds: float
) -> None:
    """All is said, heard by both, and as promised."""
    for name, child in (("ann", ann), ("bob", bob)):
        await child.heard_up_to(count, seconds)
        hearing = oracle.hearing(name, ROOM)
        for event in await child.reported():
            hearing.heard(event)
    oracle.stored_in(data / "hall.db")
    assert len(oracle.logs[ROOM]) == count
    oracle.hold()


@pytest.mark.parametrize(
    ("percent", "count"),
    [
        (10, 30),
        pytest.param(10, 400, marks=[pytest.mark.faults, pytest.mark.timeout(200)]),
        pytest.param(30, 100, marks=[pytest.mark.faults, pytest.mark.timeout(200)]),
    ],
)
async def test_a_wire_that_loses_packets_loses_no_message(
    wire: Wired, distant_hall: str, tmp_path: Path, measured: Measured, percent: int, count: int
) -> None:
    oracle = Invariants()
    at = wire.at_people()
    async with (
        sdk_child(distant_hall, "ann", command=at) as ann,
        sdk_child(distant_hall, "bob", command=at) as bob,
    ):
        await ann.told("in")
        await bob.told("in")
        began = time.monotonic()
        with wire.losing(percent):
            await say(oracle, ann, count)
            await ann.heard_up_to(count, 150)
        taken = time.monotonic() - began
        await finished(oracle, ann, bob, count, tmp_path / "data", 30)
    measured(f"{count} messages, {percent} % of packets lost each way: {taken:.1f} s")


async def over(reached: socket.socket) -> Wire:
    return Wire(*await asyncio.open_connection(sock=reached))


async def test_who_comes_back_by_another_way_than_the_one_that_swallowed_the_welcome_is_let_in(
    wire: Wired, distant_hall: str
) -> None:
    port = int(distant_hall.rpartition(":")[2])
    hello = {"protocol": [1], "client": "wire"}
    ann = await over(wire.connect(port))
    token = (await ann.granted("hello", **hello, name="ann"))["resume"]
    half_open = wire.connect(port)
    with wire.deaf(half_open.getsockname()[1]):
        lost = await over(half_open)
        lost.command("hello", **hello, resume=token)
        # The Hall has heard it.
        assert (await ann.bye())["code"] == "replaced"

        again = await over(wire.connect(port))
        welcome = await again.granted("hello", **hello, resume=token)

        assert (welcome["resumed"], welcome["name"]) == (True, "ann")
        assert (await again.granted("ping"))["type"] == "pong"
        thief = await over(wire.connect(port))
        assert (await thief.granted("hello", **hello, resume=token))["resumed"] is False
    Wire.abort_all()


@pytest.mark.faults
@pytest.mark.timeout(240)
@pytest.mark.parametrize("seconds", [5, 60])
async def test_a_cable_pulled_for_a_while_loses_no_message(
    wire: Wired, distant_hall: str, tmp_path: Path, measured: Measured, seconds: int
) -> None:
    """5 s the connection survives; after 45 s both ends give it up."""
    oracle = Invariants()
    at = wire.at_people()
    async with (
        sdk_child(distant_hall, "ann", command=at) as ann,
        sdk_child(distant_hall, "bob", command=at) as bob,
    ):
        await ann.told("in")
        await bob.told("in")
        await say(oracle, ann, 50)
        with wire.cut():
            await say(oracle, ann, 50)
            await asyncio.sleep(seconds)
        mended = time.monotonic()
        await bob.heard_up_to(100, 120)
        taken = time.monotonic() - mended
        await say(oracle, ann, 20)
        await finished(oracle, ann, bob, 120, tmp_path / "data", 60)
    measured(f"cable pulled for {seconds} s: all there {taken:.1f} s after it was back")
