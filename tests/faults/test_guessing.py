"""Whoever guesses passphrases learns nothing from how long it takes to be refused."""

import statistics
import time

import pytest

from pychat.protocol import commands
from pychat.protocol.errors import Refused
from pychat.server import limits
from pychat.server.credentials import Credentials
from pychat.server.proving import Proving
from pychat.server.turnstile import Turnstile
from tests.support.comers import Comers

SAMPLES = 30
MARGIN = 1.05

pytestmark = pytest.mark.faults


async def test_wrong_unknown_and_locked_take_as_long() -> None:
    """In processor time, so that it means the same on a busy machine."""
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

    medians = {kind: statistics.median(each) for kind, each in taken.items()}
    assert max(medians.values()) < MARGIN * min(medians.values()), medians
