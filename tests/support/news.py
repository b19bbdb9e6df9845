"""What a client tells of: waiting for it, and keeping it."""

import asyncio
from collections.abc import Callable

from pychat.client import Client

PATIENCE = 50.0
"""Seconds."""


async def until(client: Client, holds: Callable[[], object]) -> None:
    """Wait for news until something holds of the mirror."""
    news = asyncio.Event()
    leave = client.subscribe(lambda _: news.set())
    async with asyncio.timeout(PATIENCE):
        while not holds():
            news.clear()
            await news.wait()
    leave()


def notices(client: Client) -> list[str]:
    """Collected from now on."""
    collected: list[str] = []
    client.subscribe(lambda changes: collected.extend(changes.notices))
    return collected
