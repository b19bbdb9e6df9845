"""Standard input, read on a thread: terminals, pipes and files alike, and no further ahead than a
little."""

import asyncio
import os
import threading
from typing import TextIO

CHUNK_BYTES = 65_536
AHEAD = 4
"""Chunks that wait to be looked at; no more are read meanwhile, so that a pipe's writer waits."""


class Reader:
    """For use within the loop that runs when it is made."""

    def __init__(self, stream: TextIO) -> None:
        self._descriptor = stream.fileno()
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD)
        # A daemon, since it stands in a read for as long as nothing is typed.
        threading.Thread(target=self._read, name="pychat input", daemon=True).start()

    async def chunk(self) -> bytes:
        """What has come; nothing at the end."""
        chunk = await self._chunks.get()
        self._room.release()
        return chunk

    def _read(self) -> None:
        chunk = b"-"
        while chunk:
            self._room.acquire()
            try:
                chunk = os.read(self._descriptor, CHUNK_BYTES)
            except OSError:
                # A terminal that was closed.
                chunk = b""
            try:
                self._loop.call_soon_threadsafe(self._chunks.put_nowait, chunk)
            except RuntimeError:
                # The loop is closed: nobody wants it any more.
                return
