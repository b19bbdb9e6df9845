"""A process that appends until it is killed, and prints the `seq` of each settled event.

python -m tests.support.appending_child FILE
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.interface import Outcome
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledgers import receipt, said

_IN_FLIGHT = 32


class Appending:
    """Each settled append calls for the next."""

    def __init__(self, ledger: SqliteLedger) -> None:
        self._ledger = ledger
        self._count = 0

    def more(self) -> None:
        self._count += 1
        event = said(f"message {self._count}", nonce=f"n{self._count}", room=f"r{self._count % 3}")
        self._ledger.append(event, event)

    def committed(
        self, events: Sequence[LoggedEvent], outcomes: Sequence[tuple[object, Outcome]]
    ) -> None:
        for event, (_, outcome) in zip(events, outcomes, strict=True):
            print(event.room, receipt(outcome).seq, event.nonce, flush=True)  # noqa: T201
            self.more()


async def _main(path: Path) -> None:
    ledger = SqliteLedger(path, lambda: time.time_ns() // 1_000_000)
    appending = Appending(ledger)
    await ledger.open(appending)
    for _ in range(_IN_FLIGHT):
        appending.more()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
