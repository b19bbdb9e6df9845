"""Lines on standard output, for as long as somebody reads them."""

import asyncio
import contextlib
import os
import stat
import sys
from collections.abc import AsyncIterator


def write(line: str) -> None:
    """One line, at once. Blocks while a pager does not read: call it on a thread."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextlib.asynccontextmanager
async def until_reader_leaves() -> AsyncIterator[None]:
    """Raises BrokenPipeError inside as soon as a pipe is closed, not only at the next line."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    descriptor = sys.stdout.fileno()
    left = False

    def leave() -> None:
        nonlocal left
        left = True
        loop.remove_reader(descriptor)
        task.cancel()

    watched = sys.platform != "win32" and stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    if watched:
        # The writing end of a pipe is never readable, unless its reader is gone.
        loop.add_reader(descriptor, leave)
    try:
        yield
    except asyncio.CancelledError:
        if left and not task.uncancel():
            raise BrokenPipeError from None
        raise
    finally:
        if watched:
            loop.remove_reader(descriptor)
