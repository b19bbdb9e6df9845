"""Many at once who mean no good or cannot help it: the others are served, memory is bounded."""

import asyncio
import contextlib
import datetime
import json
import resource
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.support.pinging import answered_again_and_again
from tests.support.processes import HallProcess, Serve
from tests.support.procfs import MIB, descriptors, resident
from tests.support.wire import PATIENCE, Closed, Wire, framed

Measured = Callable[[str], None]

LOGIN = 10.0
FRAME = 15.0
SWEEP = 1.0
SLOW_FAREWELL = 5.0
"""The server's deadlines, in seconds, as `pychat serve` has them."""

SLACK = 5.0
"""For a machine that is busy."""


@pytest.fixture(autouse=True)
def many_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.asynccontextmanager
async def served(hall: HallProcess) -> AsyncIterator[list[float]]:
    """Somebody is answered all the time: the seconds that each answer took."""
    wire = await Wire.enter(hall.port, "served")

    async def ping() -> None:
        await wire.granted("ping")
        wire.unread.clear()

    async with answered_again_and_again(ping) as taken:
        yield taken
    wire.abort()


class Slow:
    """A connection with a kernel buffer as small as it gets, that reads only to see the end."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)

    def send(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            self.socket.send(data)

    def command(self, kind: str, **fields: object) -> None:
        self.send(framed(json.dumps({"type": kind, "id": 1, **fields}).encode()))

    def is_answered(self) -> bool:
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except ConnectionError:
            pass
        return True

    def has_ended(self) -> bool:
        """Reads what has come."""
        try:
            while self.socket.recv(65_536):
                pass
        except BlockingIOError:
            return False
        except ConnectionError:
            pass
        return True


@contextlib.contextmanager
def slow_ones(port: int, count: int) -> Iterator[list[Slow]]:
    opened = [Slow(port) for _ in range(count)]
    try:
        yield opened
    finally:
        for each in opened:
            each.socket.close()


async def ended(slow: list[Slow], seconds: float) -> float:
    """Wait until all have been cut; how long that took."""
    began = time.monotonic()
    left = slow
    while left:
        assert time.monotonic() - began < seconds, f"{len(left)} of {len(slow)} are not cut"
        left = [each for each in left if not each.has_ended()]
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def answered(slow: list[Slow]) -> None:
    """Until each has got something, or its end."""
    async with asyncio.timeout(PATIENCE):
        while not all(each.is_answered() for each in slow):  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)


async def few_descriptors(hall: HallProcess, most: int) -> None:
    async with asyncio.timeout(SLOW_FAREWELL + SWEEP + SLACK):
        while descriptors(hall.process.pid) > most:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.05)


def told(taken: list[float]) -> str:
    return f"others answered within {1000 * max(taken):.0f} ms"


@pytest.mark.parametrize("count", [500, pytest.param(4_000, marks=pytest.mark.faults)])
async def test_who_dribbles_a_hello_is_cut_in_time(
    serve_process: Serve, measured: Measured, count: int
) -> None:
    """Slowloris: a byte now and then, and never a whole frame."""
    hall = await asyncio.to_thread(serve_process)
    before = resident(hall.process.pid), descriptors(hall.process.pid)
    async with served(hall) as taken:
        with slow_ones(hall.port, count) as slow:
            for byte in framed(b'{"type":"hello"')[:6]:
                for each in slow:
                    each.send(bytes([byte]))
                await asyncio.sleep(0.02)
            grown = (resident(hall.process.pid) - before[0]) / MIB
            seconds = await ended(slow, LOGIN + SWEEP + SLACK)
        await few_descriptors(hall, before[1] + 5)
    measured(f"{count} dribble: cut after {seconds:.1f} s, {grown:.1f} MiB, {told(taken)}")
    assert grown < 10 + count * 8 / 1024
    assert max(taken) < 5


@pytest.mark.faults
async def test_who_stops_in_the_middle_of_a_frame_is_cut_in_time(
    serve_process: Serve, measured: Measured
) -> None:
    hall = await asyncio.to_thread(serve_process)
    before = resident(hall.process.pid)
    async with served(hall) as taken:
        with slow_ones(hall.port, 200) as slow:
            for number, each in enumerate(slow):
                each.command("hello", protocol=[1], client="slow", name=f"slow-{number}")
                each.send((60_000).to_bytes(4, "big") + b"{" * 40_000)
            await asyncio.sleep(0.5)
            grown = (resident(hall.process.pid) - before) / MIB
            seconds = await ended(slow, FRAME + SWEEP + SLACK)
    measured(
        f"200 with 40 kB of a frame: cut after {seconds:.1f} s, {grown:.1f} MiB, {told(taken)}"
    )
    assert grown < 40
    assert max(taken) < 5


@pytest.mark.parametrize("count", [500, pytest.param(5_000, marks=pytest.mark.faults)])
async def test_a_flood_of_connections_leaves_nothing_behind(
    serve_process: Serve, measured: Measured, count: int
) -> None:
    hall = await asyncio.to_thread(serve_process)
    before = resident(hall.process.pid), descriptors(hall.process.pid)
    async with served(hall) as taken:
        for _ in range(count // 100):
            with slow_ones(hall.port, 100):
                await asyncio.sleep(0)
            await asyncio.sleep(0.01)
        await few_descriptors(hall, before[1] + 5)
        grown = (resident(hall.process.pid) - before[0]) / MIB
    measured(f"{count} connects: {grown:.1f} MiB, {told(taken)}")
    assert grown < 20
    assert max(taken) < 5


@pytest.mark.parametrize("count", [500, pytest.param(5_000, marks=pytest.mark.faults)])
async def test_a_flood_of_logins_leaves_the_others_served(
    serve_process: Serve, measured: Measured, count: int
) -> None:
    """Each under another name, and each gone without a farewell: they linger."""
    hall = await asyncio.to_thread(serve_process, "--quiet")
    before = resident(hall.process.pid), descriptors(hall.process.pid)
    async with served(hall) as taken:
        for first in range(0, count, 100):
            with slow_ones(hall.port, 100) as slow:
                for number, each in enumerate(slow, first):
                    each.command("hello", protocol=[1], client="flood", name=f"flood-{number}")
                    each.command("join", room="lobby")
                await answered(slow)
        await few_descriptors(hall, before[1] + 5)
        grown = (resident(hall.process.pid) - before[0]) / MIB
        witness = await Wire.member(hall.port, "witness", "lobby")
        # Who has a `welcome` may have broken off before the `join` was read.
        lingering = (await witness.granted("members", room="lobby"))["count"] - 1
        assert lingering > count / 2
    measured(f"{lingering} logins: {grown:.1f} MiB while they linger, {told(taken)}")
    assert grown < 20 + count * 8 / 1024
    assert max(taken) < 5


# -- descriptors ------------------------------------------------------------------------------


async def test_a_shell_that_allows_few_descriptors_is_no_bound(serve_process: Serve) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    starting = asyncio.create_task(asyncio.to_thread(serve_process))
    try:
        hall = await starting
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    with slow_ones(hall.port, 100):
        late = await Wire.enter(hall.port, "late")

        assert (await late.granted("ping"))["type"] == "pong"


async def test_a_server_without_descriptors_left_serves_those_who_are_in(
    serve_process: Serve,
) -> None:
    hall = await asyncio.to_thread(serve_process, "--flood", "off")
    ann = await Wire.member(hall.port, "ann", "lobby")
    few = descriptors(hall.process.pid) + 10
    resource.prlimit(hall.process.pid, resource.RLIMIT_NOFILE, (few, few))
    with slow_ones(hall.port, 50):
        for number in range(20):
            assert (await ann.say("lobby", f"message {number}"))["type"] == "sent"

    bob = await _enter_when_there_is_room(hall.port, "bob")

    assert (await bob.granted("ping"))["type"] == "pong"


async def _enter_when_there_is_room(port: int, name: str) -> Wire:
    """Until the sockets of those who went are closed, the server cannot but hang up."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(Closed):
                return await Wire.enter(port, name)


# -- members that never read ------------------------------------------------------------------

BACKLOG_BYTES = 1 * MIB
BACKLOG_TIME = 10.0
TEXT = "😀" * 8_000
"""32 kB."""

CUT_WITHIN = 10.0
"""Seconds after a limit was reached, where nothing else is measured: 5 of them are for the bye."""


class Talk:
    """Somebody says so much in a room with one who listens, and looks at the server meanwhile."""

    def __init__(self, talker: Wire, listener: Wire, pid: int) -> None:
        self._talker, self._listener, self._pid = talker, listener, pid
        self.said: list[int] = []
        self.heard: list[int] = []
        self.most = resident(pid)
        """Bytes of the server's memory."""
        self.limit = 0.0
        """When a limit can have been reached at the earliest: had the kernel held nothing back, and
        had the readers' sockets taken nothing from the first byte on. Seconds of the wall clock."""

    async def say(self, size: int) -> None:
        began = time.time()
        for number in range(size // len(TEXT.encode())):
            sent = await self._talker.say("lobby", TEXT, nonce=f"n{number}")
            self._talker.unread.clear()
            self.said.append(sent["seq"])
            self.heard.append((await self._listener.event("message"))["seq"])
            self._listener.unread.clear()
            self.most = max(self.most, resident(self._pid))
            if not self.limit and len(self.said) * len(TEXT.encode()) > BACKLOG_BYTES:
                self.limit = min(time.time(), began + BACKLOG_TIME)
        self.limit = self.limit or began + BACKLOG_TIME


@pytest.mark.parametrize(
    ("count", "size", "within"),
    [
        # Among other tests it may take seconds to say so much as the kernel does not hold back.
        (40, 10 * MIB, PATIENCE),
        # Less than the limit of bytes: these are cut by time.
        pytest.param(200, BACKLOG_BYTES * 3 // 4, CUT_WITHIN, marks=pytest.mark.faults),
        pytest.param(
            200, 50 * MIB, CUT_WITHIN, marks=[pytest.mark.faults, pytest.mark.timeout(300)]
        ),
    ],
)
async def test_members_that_never_read_are_cut_and_the_others_hear_everything(
    serve_process: Serve, measured: Measured, count: int, size: int, within: float
) -> None:
    hall = await asyncio.to_thread(serve_process, "--flood", "off", "--quiet")
    talker = await Wire.member(hall.port, "talker", "lobby")
    listener = await Wire.member(hall.port, "listener", "lobby")
    talk = Talk(talker, listener, hall.process.pid)
    before, sockets = talk.most, descriptors(hall.process.pid)
    with slow_ones(hall.port, count) as slow:
        for number, each in enumerate(slow):
            each.command("hello", protocol=[1], client="slow", name=f"slow-{number}")
            each.command("join", room="lobby")
        await until_present(talker, count)
        await talk.say(size)
        cut = await asyncio.to_thread(last_cut, hall, count)
        most = max(talk.most, resident(hall.process.pid))
        await few_descriptors(hall, sockets + 5)
        gone = time.time()
    grown = (most - before) / MIB
    measured(
        f"{count} never read {size / MIB:g} MiB: the last is cut {cut - talk.limit:.1f} s after a "
        f"limit was reached at the earliest, and its socket gone after {gone - talk.limit:.1f} s; "
        f"the server grew by {grown:.0f} MiB at most"
    )
    assert talk.heard == talk.said
    assert cut - talk.limit <= gone - talk.limit <= within
    assert grown < 100
    with contextlib.suppress(Closed):
        await talker.granted("quit")


async def until_present(wire: Wire, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await wire.granted("members", room="lobby", limit=1))["count"] < count + 2:
            wire.unread.clear()
            await asyncio.sleep(0.02)


def last_cut(hall: HallProcess, count: int) -> float:
    """When the last of so many was cut, by the server's report; seconds of the wall clock."""
    cut: dict[str, float] = {}
    while len(cut) < count:
        told = hall.report("away")
        assert told["name"].startswith("slow-")
        cut[told["name"]] = datetime.datetime.fromisoformat(told["time"]).timestamp()
    return max(cut.values())
