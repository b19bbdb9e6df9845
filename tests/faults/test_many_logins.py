"""A thousand who come with a passphrase at once: few are looked at, nobody else waits."""

import asyncio
import contextlib
import resource
import statistics
from collections import Counter

import pytest

from pychat.server import limits
from pychat.server.passphrases import Passphrases
from tests.support.hall import running_hall
from tests.support.wire import Wire

CROWD = 1_000
GROWTH = 150 * 1024
"""KiB of memory."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


async def _login(port: int, number: int) -> str:
    wire = await Wire.connect(port)
    name = f"person-{number}"
    reply = await wire.ask(
        "hello", protocol=[1], client="w", name=name, passphrase="correct horse battery"
    )
    return str(reply["code"])


async def test_the_rest_are_told_to_try_again_and_the_loop_goes_on() -> None:
    async with running_hall() as hall:
        passphrases: Passphrases = hall.server._proving.passphrases
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ann = await Wire.enter(hall.port, "ann")
        lags: list[float] = []
        most = 0

        async def watch() -> None:
            nonlocal most
            loop = asyncio.get_running_loop()
            while True:
                most = max(most, passphrases.under_way)
                began = loop.time()
                await ann.ask("ping")
                lags.append(loop.time() - began)

        watching = asyncio.create_task(watch())
        codes = Counter(await asyncio.gather(*(_login(hall.port, n) for n in range(CROWD))))
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

        assert set(codes) == {"wrong-password", "unavailable"}
        assert codes["wrong-password"] >= limits.SCRYPT_AT_ONCE + limits.SCRYPT_WAITING
        assert most <= limits.SCRYPT_AT_ONCE + limits.SCRYPT_WAITING
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH
        # The clients of the crowd share this loop: it is what they all wait for together.
        assert statistics.median(lags) < 0.5
