"""Somebody whom a Hall has to answer all the time, whatever else befalls it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable


@contextlib.asynccontextmanager
async def answered_again_and_again(
    ping: Callable[[], Awaitable[object]],
) -> AsyncIterator[list[float]]:
    """The seconds that each answer took."""
    taken: list[float] = []

    async def ask() -> None:
        while True:
            began = time.perf_counter()
            await ping()
            taken.append(time.perf_counter() - began)
            await asyncio.sleep(0.01)

    asking = asyncio.create_task(ask())
    try:
        yield taken
    finally:
        assert not asking.done(), asking.exception()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
