"""Waits that are shorter than they are for people."""

import asyncio

from pychat.client.timing import SYSTEM_TIMING

HASTE = 50
"""So many times."""

HASTY = SYSTEM_TIMING._replace(
    call_later=lambda seconds, callback: asyncio.get_running_loop().call_later(
        seconds / HASTE, callback
    )
)
