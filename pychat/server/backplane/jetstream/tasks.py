"""Tasks that go on until their owner is closed."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

_log = logging.getLogger("pychat.cluster")

_Result = TypeVar("_Result")


def begin(work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
    """One that fails is told of at once: its owner looks at it in the end, if at all."""
    task = asyncio.create_task(work)
    task.add_done_callback(_ended)
    return task


async def end(task: asyncio.Task[Any] | None) -> None:
    """Returns when it is over, however it ended; None is one that was never begun."""
    if task is not None:
        task.cancel()
        await asyncio.wait([task])


def _ended(task: asyncio.Task[Any]) -> None:
    fault = None if task.cancelled() else task.exception()
    if fault is not None:
        _log.error("%r failed", task, exc_info=fault)
