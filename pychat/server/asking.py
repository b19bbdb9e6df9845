"""Asking the Ledger what a command wants to read."""

from collections.abc import Callable

from pychat.server.backplane.interface import Ledger
from pychat.server.effects import Effects, Question, ReadDelta, ReadFound, ReadPage


async def look_up(ledger: Ledger, question: Question) -> Callable[[], Effects]:
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
