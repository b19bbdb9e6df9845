"""Standard output, written on a thread: who does not read it does not stop the chat.

Nothing that is put here raises. What nobody reads is bounded, and told when somebody does again.
"""

import asyncio
import contextlib
import os
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import TextIO

WAITING = 10_000
"""Texts that wait for a reader; further ones are dropped, and their number is told."""


class Writer:
    """For use within the loop that runs when it is made."""

    def __init__(self, stream: TextIO, on_gone: Callable[[], None]) -> None:
        """`on_gone` is called once `gone` is set."""
        self._on_gone = on_gone
        self.gone = asyncio.Event()
        """Set when it can take no more: its reader has left, or a disk is full."""
        self.fault: OSError | None = None
        """Why, unless its reader has left."""
        self._loop = asyncio.get_running_loop()
        self._descriptor = stream.fileno()
        self._encoding = stream.encoding
        self._texts: deque[str] = deque()
        self._dropped = 0
        self._changed = threading.Condition()
        self._ended = False
        self._written = asyncio.Event()
        self._written.set()
        self._watched = sys.platform != "win32" and stat.S_ISFIFO(
            os.fstat(self._descriptor).st_mode
        )
        if self._watched:
            # The writing end of a pipe is never readable, unless its reader is gone.
            self._loop.add_reader(self._descriptor, self._left)
        # A daemon, since it may stand in a write that never ends.
        threading.Thread(target=self._write, name="pychat output", daemon=True).start()

    def put(self, text: str) -> None:
        if self.gone.is_set():
            return
        with self._changed:
            if len(self._texts) >= WAITING:
                self._dropped += 1
                return
            self._texts.append(text)
            self._written.clear()
            self._changed.notify()

    async def close(self, seconds: float) -> None:
        """Once all is written, or after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._written.wait()
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._watched:
            self._loop.remove_reader(self._descriptor)

    def _write(self) -> None:
        while True:
            with self._changed:
                while not self._texts and not self._ended:
                    self._changed.wait()
                if self._ended:
                    return
                text = "".join(self._texts)
                self._texts.clear()
                if self._dropped:
                    text += f"{self._dropped:,} lines were not shown, since nobody read them.\n"
                    self._dropped = 0
            try:
                rest = memoryview(text.encode(self._encoding, "backslashreplace"))
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError as fault:
                self._tell(self._failed, fault)
                return
            self._tell(self._wrote)

    def _tell(self, what: Callable[..., None], *arguments: OSError) -> None:
        # The loop may have been closed while this stood in a write.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what, *arguments)

    def _wrote(self) -> None:
        with self._changed:
            if not self._texts:
                self._written.set()

    def _failed(self, fault: OSError) -> None:
        if not isinstance(fault, BrokenPipeError):
            self.fault = fault
        self._left()

    def _left(self) -> None:
        if self._watched:
            self._loop.remove_reader(self._descriptor)
        if not self.gone.is_set():
            self.gone.set()
            self._written.set()
            self._on_gone()
