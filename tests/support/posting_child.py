"""A client with a queue on disk that posts until it is killed, or until everything has arrived.

python -m tests.support.posting_child ADDRESS FILE

Each line `say N` on standard input makes it post the next N messages; each is printed once it is
queued. With the line `finish` it ends when nothing waits any more.
"""

import asyncio
import sys
from pathlib import Path

from pychat.client import Client, CommandError, OutboxStore, connect
from pychat.client.timing import SYSTEM_TIMING

_ROOM = "lobby"


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201


async def _enter(address: str, path: Path) -> Client:
    """Under a name that a killed one before may still hold for a moment."""
    while True:
        try:
            return await connect(
                address,
                name="ann",
                reconnect=True,
                outbox=OutboxStore(path),
                timing=SYSTEM_TIMING._replace(
                    call_later=lambda seconds, callback: asyncio.get_running_loop().call_later(
                        seconds / 50, callback
                    )
                ),
            )
        except CommandError as refusal:
            if refusal.code != "name-taken":
                raise
            await asyncio.sleep(0.05)


async def _main(address: str, path: Path) -> None:
    client = await _enter(address, path)
    await client.join(_ROOM)
    _tell("ready")
    number = 0
    while line := await asyncio.to_thread(sys.stdin.readline):
        match line.split():
            case ["say", count]:
                for _ in range(int(count)):
                    client.post(_ROOM, f"message {number}")
                    _tell(f"message {number}")
                    number += 1
                    # Others have their turn, so that it is killed in the midst of sending, too.
                    await asyncio.sleep(0)
            case ["finish"]:
                break
            case _:
                raise ValueError(line)
    done = asyncio.Event()
    client.subscribe(lambda _: done.set())
    while len(client.outbox):
        done.clear()
        await done.wait()
    await client.quit()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2])))
