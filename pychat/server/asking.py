"""Asking: what commands want to read, each a task that its connection owns."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from pychat.protocol import replies
from pychat.server.backplane.interface import Ledger, LedgerError
from pychat.server.effects import Effects, Question, ReadDelta, ReadFound, ReadPage

if TYPE_CHECKING:
    from pychat.server.connection import Connection
    from pychat.server.hall import Hall

_log = logging.getLogger("pychat.server")

Then = Callable[[], Effects]


class Asking:
    def __init__(
        self, ledger: Ledger, hall: "Callable[[], Hall]", perform: Callable[[Effects], None]
    ) -> None:
        """`perform` acts out what follows from what was read."""
        self._ledger = ledger
        self._hall = hall
        self._perform = perform

    def ask(self, question: Question) -> None:
        connection = cast("Connection", question.peer)
        connection.busy = True
        reading = self._read(connection, question)
        connection.reading = asyncio.get_running_loop().create_task(reading)

    async def _read(self, connection: "Connection", question: Question) -> None:
        then = None
        try:
            then = await look_up(self._ledger, question)
        except LedgerError as fault:
            _log.error("reading the log failed: %s", fault)
            text = "the Hall's log cannot be read at this moment; try again"
            connection.refuse(replies.error("unavailable", text, question.command_id))
        except Exception:  # noqa: BLE001  # the boundary: a fault is one command's, not the others'
            _log.exception("reading the log failed")
            text = "the server failed at this command; its log tells why"
            connection.refuse(replies.error("internal", text, question.command_id))
        if then is None:
            self._hall().stop_holding(connection)
        if connection.closing:
            return
        connection.busy = False
        if then is not None:
            self._perform(then())
        connection.work()


async def look_up(ledger: Ledger, question: Question) -> Then:
    """The reading done, what is left is to act out what follows from it."""
    match question:
        case ReadPage(query=page_query, then=with_page):
            page = await ledger.page(page_query)
            return lambda: with_page(page)
        case ReadDelta(query=delta_query, then=with_delta):
            delta = await ledger.delta(delta_query)
            return lambda: with_delta(delta)
        case ReadFound(query=search_query, then=with_found):
            found = await ledger.search(search_query)
            return lambda: with_found(found)
