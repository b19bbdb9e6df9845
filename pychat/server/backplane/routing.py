"""One Ledger out of two: what two people say to each other stays in memory, unless both own their
names; all else is durable."""

from collections.abc import Sequence

from pychat.protocol import names
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
    """Goes by a room's name: none but a direct one begins with `@`."""

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
        # The first character is looked at here: nearly all that is said is said in other rooms.
        if event.room[0] == "@" and not names.is_durable(event.room):
            self._direct.append(event, ticket, person)
        else:
            self._durable.append(event, ticket, person)

    async def page(self, query: PageQuery) -> Page:
        if names.is_durable(query.room):
            return await self._durable.page(query)
        return self._direct.page(query)

    async def delta(self, query: DeltaQuery) -> Delta:
        if names.is_durable(query.room):
            return await self._durable.delta(query)
        return self._direct.delta(query)

    async def search(self, query: SearchQuery) -> Found:
        return await self._durable.search(query)
