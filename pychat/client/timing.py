"""What a client takes from the world besides its connection: time and chance."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol


class Handle(Protocol):
    def cancel(self) -> None: ...


class Timing(NamedTuple):
    monotonic: Callable[[], float]
    """Seconds: for all that comes due."""
    wall: Callable[[], int]
    """Milliseconds since the Unix epoch: how long something has waited, over restarts too."""
    random: Callable[[], float]
    """From 0 up to 1."""
    call_later: Callable[[float, Callable[[], None]], Handle]


def _call_later(seconds: float, callback: Callable[[], None]) -> Handle:
    return asyncio.get_running_loop().call_later(seconds, callback)


SYSTEM_TIMING = Timing(
    monotonic=time.monotonic,
    wall=lambda: time.time_ns() // 1_000_000,
    random=random.random,
    call_later=_call_later,
)
