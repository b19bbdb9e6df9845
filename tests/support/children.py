"""Clients in processes of their own: `sdk_child`, seen from the test that kills it."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.support.processes import Lines

_TREE = Path(__file__).parents[2]


class SdkChild:
    def __init__(self, *arguments: str, command: tuple[str, ...] = ()) -> None:
        """`command` stands before the interpreter: another network namespace, perhaps."""
        self.process = subprocess.Popen(
            [*command, sys.executable, "-m", "tests.support.sdk_child", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(_TREE)},
        )
        assert self.process.stdout is not None
        self._lines = Lines(self.process.stdout)

    def tell(self, order: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()

    async def told(self, kind: str) -> list[Any]:
        """The next line, which is of this kind; without the kind."""
        found, *rest = json.loads(await asyncio.to_thread(self._lines.next))
        assert found == kind, (found, rest)
        return rest

    async def reported(self) -> list[dict[str, Any]]:
        """All logged events that it has heard."""
        self.tell("report")
        return await self._listed()

    async def fetched(self, after: int) -> list[dict[str, Any]]:
        """All messages of the history after this."""
        self.tell(f"fetch {after}")
        return await self._listed()

    async def _listed(self) -> list[dict[str, Any]]:
        events = []
        while (line := json.loads(await asyncio.to_thread(self._lines.next))) != ["end"]:
            events.append(line[1])
        return events

    async def heard_up_to(self, seq: int, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while True:
                self.tell("head")
                (head,) = await self.told("head")
                if head >= seq:
                    return
                await asyncio.sleep(0.02)

    async def kill(self) -> list[list[Any]]:
        """kill -9; what it had still told."""
        self.process.kill()
        return await self.end()

    async def end(self) -> list[list[Any]]:
        """Wait for it; what it had still told."""
        rest = await asyncio.to_thread(self._lines.rest)
        await asyncio.to_thread(self.process.wait)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        return [json.loads(line)[1:] for line in rest if line.endswith("]")]


@contextlib.asynccontextmanager
async def sdk_child(*arguments: str, command: tuple[str, ...] = ()) -> AsyncIterator[SdkChild]:
    """Does not outlive the block."""
    child = SdkChild(*arguments, command=command)
    try:
        yield child
    finally:
        if child.process.poll() is None:
            await child.kill()
