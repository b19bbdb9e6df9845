"""Thousands who come to a Hall with TLS and do not end their handshake, or begin it: the others
are served, and what strangers cost is bounded."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pychat.client import Address, Pins, Trust, connect
from pychat.protocol import fingerprint
from pychat.server.tls import HANDSHAKE
from tests.support.pinging import answered_again_and_again
from tests.support.processes import HallProcess, Serve
from tests.support.procfs import MIB, descriptors, resident

Measured = Callable[[str], None]

DATA = Path(__file__).parents[1] / "data"
TLS = ("--tls", str(DATA / "localhost.pem"), str(DATA / "localhost.key"))

SLACK = 5.0
"""Seconds, for a machine that is busy, and the server's look once a second."""

KIB_EACH = {b"": 6, b"\x16\x03\x01\x02\x00\x01": 90}
"""By what a stranger says: at most so much of the server's memory."""


@contextlib.asynccontextmanager
async def served(hall: HallProcess, trust: Trust) -> AsyncIterator[list[float]]:
    """Somebody is answered all the time: the seconds that each answer took."""
    async with (
        await connect(hall.address, name="served", trust=trust) as client,
        answered_again_and_again(client.ping) as taken,
    ):
        yield taken


_COME = """
import resource, socket, sys, time
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
port, count, word = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
come = []
for number in range(count):
    come.append(socket.socket())
    come[-1].bind((f"127.0.0.{2 + number % 8}", 0))
    come[-1].connect(("127.0.0.1", port))
    come[-1].send(word)
    time.sleep(0.0002)
print("all", flush=True)
sys.stdin.read()
"""
"""In a process of its own, and from several addresses of this machine: one has not so many ports.
A few thousand a second."""


@contextlib.asynccontextmanager
async def strangers(hall: HallProcess, count: int, word: bytes) -> AsyncIterator[None]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _COME, str(hall.port), str(count), word.hex()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    try:
        assert await child.stdout.readline() == b"all\n"
        yield
    finally:
        await child.communicate(b"")


@pytest.mark.faults
@pytest.mark.parametrize(("count", "word"), [(9_000, b""), (3_000, b"\x16\x03\x01\x02\x00\x01")])
async def test_who_does_not_end_a_handshake_costs_little_and_is_let_go(
    serve_process: Serve, tmp_path: Path, measured: Measured, count: int, word: bytes
) -> None:
    hall = await asyncio.to_thread(serve_process, "--quiet", *TLS)
    key = fingerprint.parse(hall.report("encrypted")["fingerprint"])
    trust = Trust(key=key, pins=Pins(tmp_path / "known_hosts"))
    async with served(hall, trust) as taken:
        await asyncio.sleep(2)
        calm = sorted(taken)[len(taken) * 99 // 100]
        before = resident(hall.process.pid), descriptors(hall.process.pid)
        taken.clear()
        async with strangers(hall, count, word):
            most = descriptors(hall.process.pid) - before[1]
            grown = resident(hall.process.pid) - before[0]
            began = time.monotonic()
            async with asyncio.timeout(HANDSHAKE + SLACK):
                while descriptors(hall.process.pid) > before[1] + 5:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            seconds = time.monotonic() - began
        p99 = sorted(taken)[len(taken) * 99 // 100]
        async with await connect(Address("127.0.0.1", hall.port), name="next", trust=trust):
            pass
    measured(
        f"{count} who say {len(word)} bytes: {most} at once, {grown / MIB:.1f} MiB "
        f"({grown / 1024 / most:.1f} KiB each), let go after {seconds:.1f} s; others' p99 "
        f"{1000 * calm:.1f} ms in calm, {1000 * p99:.1f} ms then"
    )
    assert grown < 10 * MIB + most * KIB_EACH[word] * 1024
    assert max(taken) < 2
