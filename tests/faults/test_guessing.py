"""Whoever guesses learns nothing from how long it takes to be refused.

Medians of tries that take turns, in processor time, so that they mean the same on a busy machine.
"""

import asyncio
import statistics
import time
from collections.abc import Callable

import pytest

from pychat.protocol import commands
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.access import Access
from pychat.server.credentials import Credentials
from pychat.server.hall import Clock
from pychat.server.proving import Proving
from pychat.server.turnstile import Turnstile
from tests.support.comers import Comers, key
from tests.support.hall import running_hall
from tests.support.wire import PATIENCE, Wire

Measured = Callable[[str], None]

SAMPLES = 30
PASSWORDS = 500
"""Tries of each kind, each over a connection of its own: they take no scrypt."""
MARGIN = 1.05

pytestmark = pytest.mark.faults


def _compared(taken: dict[str, list[float]], measured: Measured, what: str) -> float:
    """By how much the slowest kind is slower than the quickest."""
    medians = {kind: statistics.median(each) for kind, each in taken.items()}
    ratio = max(medians.values()) / min(medians.values())
    told = ", ".join(f"{kind} {1e6 * each:,.0f} us" for kind, each in medians.items())
    measured(f"refused for {what}: {told}; at most {100 * (ratio - 1):.1f} % apart")
    return ratio


async def test_wrong_unknown_and_locked_take_as_long(measured: Measured) -> None:
    hall = Comers()
    ann = hall.come("ann", by=1)
    proving = Proving(lambda *_: None, lambda: 0.0, Turnstile(lambda *_: None))
    ann.proved = Credentials(stored=await proving.passphrases.store("correct horse"))
    hall.ask(ann, commands.Passphrase, text="correct horse")
    hall.come("bob", by=2)
    for _ in range(limits.ATTEMPTS):
        proving._attempts.count(("ann", "locked"), 0.0)

    async def takes(name: str, place: str) -> float:
        began = time.process_time()
        with pytest.raises(Refused) as refusal:
            await proving._check_passphrase(hall.shell.hall, name, "wrong horse", (name, place), "")
        taken = time.process_time() - began
        assert (refusal.value.code == "rate-limited") == (place == "locked")
        return taken

    taken: dict[str, list[float]] = {}
    for number in range(SAMPLES):
        for kind, name, place in (
            ("wrong", "ann", f"place {number}"),
            ("unknown", f"nobody-{number}", "elsewhere"),
            ("without one", "bob", f"place {number}"),
            ("locked", "ann", "locked"),
        ):
            taken.setdefault(kind, []).append(await takes(name, place))
    proving.close()

    assert _compared(taken, measured, "a passphrase") < MARGIN


async def test_the_halls_password_tells_nothing_else_either(measured: Measured) -> None:
    """Not whose name it is, nor that one has tried too often, nor whether this one was right."""
    # A clock that stands: who is locked out remains so.
    clock = Clock(wall=lambda: 1, monotonic=lambda: 1_000.0)
    async with running_hall(access=Access(password="open sesame"), clock=clock) as running:
        hall = running.server.hall
        hall.owners.claim("ann", key(1), 0, invited=False)

        async def takes(place: str, name: str, password: str) -> float:
            # From where the test says, though all come from this machine.
            hall.place_of = lambda _: place
            wire = await Wire.connect(running.port)
            began = time.process_time()
            code = await wire.refused(
                "hello", protocol=[1], client="w", name=name, password=password
            )
            taken = time.process_time() - began
            assert code == ("rate-limited" if place == "locked" else "wrong-password")
            wire.abort()
            async with asyncio.timeout(PATIENCE):
                while running.server.connections:  # noqa: ASYNC110  # the server tells nobody
                    await asyncio.sleep(0)
            return taken

        for _ in range(limits.PASSWORD_ATTEMPTS):
            hall.gate.wrong.count("locked", 1_000.0)
        kinds = ("wrong, owned", "wrong, free", "locked, owned", "locked, free", "locked, right")
        all_taken: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(PASSWORDS):
            place = f"place {number}"
            tries = [
                (place, "ann", "wrong"),
                (place, "bob", "wrong"),
                ("locked", "ann", "wrong"),
                ("locked", "bob", "wrong"),
                ("locked", "bob", "open sesame"),
            ]
            first = number % len(tries)
            given = list(zip(kinds, tries, strict=True))
            for kind, each in given[first:] + given[:first]:
                all_taken[kind].append(await takes(*each))

    assert _compared(all_taken, measured, "the Hall's password") < MARGIN
