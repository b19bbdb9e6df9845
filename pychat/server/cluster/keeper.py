"""Who keeps snapshots of the Hall, from which nodes begin: the oldest node."""

import asyncio
import logging

from pychat.server.backplane.jetstream import tasks
from pychat.server.backplane.jetstream.hall_log import HallLog
from pychat.server.backplane.jetstream.publisher import Publisher
from pychat.server.cluster import snapshot
from pychat.server.cluster.replica import Replica

_log = logging.getLogger("pychat.cluster")


class Keeper:
    """Owns one task."""

    def __init__(self, log: HallLog, publisher: Publisher) -> None:
        self._log = log
        self._publisher = publisher
        self._keeping: asyncio.Task[None] | None = None
        self.kept = asyncio.Event()
        """This node has kept one."""

    def look(self, replica: Replica, sequence: int) -> None:
        """Everything up to there is carried out, and nothing else."""
        idle = self._keeping is None or self._keeping.done()
        if replica.is_oldest and idle and sequence % snapshot.EVERY == 0:
            data = snapshot.dump(replica)
            self._keeping = tasks.begin(self._keep(sequence, data))

    async def close(self) -> None:
        await tasks.end(self._keeping)

    async def _keep(self, sequence: int, data: bytes) -> None:
        try:
            await self._log.keep(self._publisher, sequence, data)
            self.kept.set()
        except Exception:  # noqa: BLE001  # the boundary: the next one has it, too
            _log.exception("the Hall's snapshot was not kept")
