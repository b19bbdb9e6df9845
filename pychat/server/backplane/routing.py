"""One Ledger out of two: what two people say to each other stays in memory, all else is durable."""

from collections.abc import Sequence

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane.direct import DirectLedger
from pychat.server.backplane.interface import (
    Delta,
    DeltaQuery,
    Found,
    Ledger,
    Page,
    PageQuery,
    Person,
    RoomRecord,
    SearchQuery,
    Sinks,
)


class RoutedLedger:
    """Goes by the first character of a room's name: no room but a direct one begins with `@`."""

    def __init__(self, durable: Ledger, direct: DirectLedger) -> None:
        self._durable = durable
        self._direct = direct

    @property
    def epoch(self) -> str:
        return self._durable.epoch

    async def open(self, sinks: Sinks) -> Sequence[RoomRecord]:
        self._direct.open(sinks)
        return await self._durable.open(sinks)

    async def close(self) -> None:
        self._direct.close()
        await self._durable.close()

    def append(self, event: LoggedEvent, ticket: object, person: Person = ()) -> None:
        ledger = self._direct if event.room[0] == "@" else self._durable
        ledger.append(event, ticket, person)

    async def page(self, query: PageQuery) -> Page:
        if query.room[0] == "@":
            return self._direct.page(query)
        return await self._durable.page(query)

    async def delta(self, query: DeltaQuery) -> Delta:
        if query.room[0] == "@":
            return self._direct.delta(query)
        return await self._durable.delta(query)

    async def search(self, query: SearchQuery) -> Found:
        return await self._durable.search(query)
