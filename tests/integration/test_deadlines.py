"""§4.9 and §4.10 with short deadlines: nobody is waited for without end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from pychat.server import rounds
from pychat.server.deadlines import Deadlines
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Closed, Wire, framed

SHORT = 0.15
QUICK = Deadlines(login=SHORT, frame=SHORT, silence=60, dead=60, sweep=0.02)
QUICK_FRAMES = Deadlines(frame=SHORT, silence=60, dead=60, sweep=0.02)
"""For those who are in: on a busy machine that alone may take longer than SHORT."""
LIVELY = Deadlines(silence=0.1, dead=0.3, sweep=0.02)


@pytest.fixture
async def quick() -> AsyncIterator[RunningHall]:
    async with running_hall(deadlines=QUICK) as hall:
        yield hall


@pytest.fixture
async def quick_frames() -> AsyncIterator[RunningHall]:
    async with running_hall(deadlines=QUICK_FRAMES) as hall:
        yield hall


@pytest.fixture
async def lively() -> AsyncIterator[RunningHall]:
    async with running_hall(deadlines=LIVELY) as hall:
        yield hall


async def test_who_says_nothing_is_asked_to_leave(quick: RunningHall) -> None:
    wire = await Wire.connect(quick.port)
    began = time.monotonic()

    assert (await wire.bye())["code"] == "login-timeout"
    assert time.monotonic() - began >= SHORT * 0.8


async def test_of_a_crowd_that_says_nothing_each_is_asked_to_leave(
    quick: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though there is time for one of them alone in a turn."""
    monkeypatch.setattr(rounds, "SLICE", 0.0)
    crowd = [await Wire.connect(quick.port) for _ in range(20)]

    assert {(await each.bye())["code"] for each in crowd} == {"login-timeout"}


async def test_who_keeps_failing_to_say_hello_is_asked_to_leave(quick: RunningHall) -> None:
    wire = await Wire.connect(quick.port)

    with contextlib.suppress(Closed):
        while await wire.refused("hello", protocol=[1], client="x", name="-") == "bad-name":
            pass

    assert wire.unread[-1]["code"] == "login-timeout"


async def test_who_dribbles_the_hello_is_asked_to_leave(quick: RunningHall) -> None:
    wire = await Wire.connect(quick.port)
    wire.send_bytes(framed(b'{"type":"hello","id":1,"protocol":[1],"client":"x"}')[:-1])

    assert (await wire.bye())["code"] in ("login-timeout", "timeout")


async def test_the_greeted_are_not_asked_to_leave(quick: RunningHall) -> None:
    ann = await Wire.enter(quick.port, "ann")
    silent = await Wire.connect(quick.port)

    await silent.bye()

    assert (await ann.granted("ping"))["type"] == "pong"


@pytest.mark.parametrize("length", [1, 3, 4, 10, 22])
async def test_half_a_frame_is_waited_for_no_longer_than_agreed(
    quick_frames: RunningHall, length: int
) -> None:
    wire = await Wire.enter(quick_frames.port, "ann")
    wire.send_bytes(framed(b'{"type":"ping","id":77}')[:length])
    began = time.monotonic()

    assert (await wire.bye())["code"] == "timeout"
    assert time.monotonic() - began >= SHORT * 0.8


async def test_the_deadline_is_of_the_whole_frame_and_not_of_each_byte(
    quick_frames: RunningHall,
) -> None:
    wire = await Wire.enter(quick_frames.port, "ann")
    frame = framed(b'{"type":"ping","id":77}' + b" " * 60_000)

    async def dribble() -> None:
        with contextlib.suppress(ConnectionError):
            for byte in frame:
                wire.send_bytes(bytes([byte]))
                await wire.flushed()

    dribbling = asyncio.ensure_future(dribble())

    assert (await wire.bye())["code"] == "timeout"
    assert not dribbling.done()
    dribbling.cancel()


async def test_frame_after_frame_is_no_half_frame(quick_frames: RunningHall) -> None:
    wire = await Wire.enter(quick_frames.port, "ann")
    until = time.monotonic() + 2 * SHORT

    # Each packet ends in the middle of a frame, and each frame comes in time.
    frame = framed(b'{"type":"ping","id":77}')
    wire.send_bytes(frame[:9])
    number = 77
    while time.monotonic() < until:
        following = framed(b'{"type":"ping","id":%d}' % (number + 1))
        wire.send_bytes(frame[9:] + following[:9])
        assert (await wire.read())["id"] == number
        number, frame = number + 1, following


async def test_the_silent_are_pinged_and_stay_if_they_answer(lively: RunningHall) -> None:
    wire = await Wire.enter(lively.port, "ann")
    until = time.monotonic() + 2 * LIVELY.dead
    pings = 0

    while time.monotonic() < until:
        assert await wire.read() == {"type": "ping"}
        wire.send({"type": "pong"})
        pings += 1

    assert pings >= 3
    assert (await wire.granted("ping"))["type"] == "pong"


async def test_who_does_not_answer_is_closed(lively: RunningHall) -> None:
    wire = await Wire.enter(lively.port, "ann")
    began = time.monotonic()

    bye = await wire.bye()

    assert (bye["code"], bye["reconnect"]) == ("timeout", True)
    assert time.monotonic() - began >= LIVELY.dead * 0.8
    assert {"type": "ping"} in wire.unread


async def test_one_ping_is_enough_for_one_silence(lively: RunningHall) -> None:
    wire = await Wire.enter(lively.port, "ann")

    await wire.bye()

    assert 1 <= wire.unread.count({"type": "ping"}) <= 3


async def test_any_command_is_a_sign_of_life(lively: RunningHall) -> None:
    wire = await Wire.enter(lively.port, "ann")
    until = time.monotonic() + 2 * LIVELY.dead

    while time.monotonic() < until:
        await wire.event("ping")
        await wire.granted("ping")


async def test_hearing_others_is_no_sign_of_life(lively: RunningHall) -> None:
    ann = await Wire.member(lively.port, "ann", "lobby")
    dead = await Wire.member(lively.port, "bob", "lobby")
    until = time.monotonic() + 1.5 * LIVELY.dead

    while time.monotonic() < until:
        await ann.say("lobby", "x")
        ann.unread.clear()

    assert (await dead.bye())["code"] == "timeout"


async def test_who_timed_out_can_resume(lively: RunningHall) -> None:
    wire = await Wire.member(lively.port, "ann", "lobby")
    await wire.bye()

    again = await Wire.enter(lively.port, resume=wire.welcome["resume"])

    assert (again.welcome["resumed"], again.welcome["rooms"]) == (True, ["lobby"])


async def test_a_stopping_server_tells_all_to_come_back() -> None:
    async with running_hall() as hall:
        ann = await Wire.member(hall.port, "ann", "lobby")
        stranger = await Wire.connect(hall.port)
        await ann.say("lobby", "before")
        stopping = asyncio.ensure_future(hall.server.stop())

        for wire in (ann, stranger):
            bye = await wire.bye()
            assert (bye["code"], bye["reconnect"]) == ("shutdown", True)
            await wire.close()
        await stopping
