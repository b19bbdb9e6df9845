"""A client in a process of its own, to be killed and stopped.

python -m tests.support.sdk_child ADDRESS NAME [OUTBOX]

It reconnects by itself and keeps what it posts in OUTBOX. Once it is in the room it tells
`["in", seq]`, and then does what it is told on standard input:

`say N` posts N messages, each told as `["posted", nonce, text]` once it is queued; `head` tells
`["head", seq]`, the last event heard; `report` tells `["heard", event]` for each logged event, then
`["end"]`; `fetch SEQ` does the same for all messages of the history after SEQ; `finish` ends it
once nothing waits any more.
"""

import asyncio
import json
import sys
from pathlib import Path

import msgspec

from pychat.client import Client, CommandError, OutboxStore, Trust, connect
from pychat.protocol.events import Logged

_ROOM = "lobby"


def _tell(*what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def _enter(address: str, name: str, path: Path | None) -> Client:
    """Under a name that a killed one before may still hold for a moment."""
    while True:
        try:
            return await connect(
                address,
                name=name,
                reconnect=True,
                outbox=OutboxStore(path) if path else None,
                trust=Trust(tls=False),
            )
        except CommandError as refusal:
            if refusal.code != "name-taken":
                raise
            await asyncio.sleep(0.05)


async def _listen(client: Client, heard: list[Logged]) -> None:
    async for event in client.events():
        if isinstance(event, Logged):
            heard.append(event)  # noqa: PERF401  # it is read meanwhile


async def _say(client: Client, count: int) -> None:
    for _ in range(count):
        item = client.post(_ROOM, f"message {len(client.outbox)} of {client.mirror.name}")
        _tell("posted", item.nonce, item.text)
        await asyncio.sleep(0)


async def _fetch(client: Client, after: int) -> None:
    more = True
    while more:
        page = await client.history(_ROOM, after=after, limit=200)
        for message in page.messages:
            _tell("heard", msgspec.to_builtins(message))
        more = page.more_after
        after = page.messages[-1].seq if page.messages else after
    _tell("end")


async def _finish(client: Client) -> None:
    changed = asyncio.Event()
    client.subscribe(lambda _: changed.set())
    while len(client.outbox):
        changed.clear()
        await changed.wait()
    await client.quit()


async def _main(address: str, name: str, path: Path | None) -> None:
    client = await _enter(address, name, path)
    heard: list[Logged] = []
    listening = asyncio.create_task(_listen(client, heard))
    _tell("in", (await client.join(_ROOM)).seq)
    while line := await asyncio.to_thread(sys.stdin.readline):
        match line.split():
            case ["say", count]:
                await _say(client, int(count))
            case ["head"]:
                _tell("head", heard[-1].seq if heard else 0)
            case ["report"]:
                for event in heard:
                    _tell("heard", msgspec.to_builtins(event))
                _tell("end")
            case ["fetch", after]:
                await _fetch(client, int(after))
            case ["finish"]:
                await _finish(client)
                break
            case _:
                raise ValueError(line)
    listening.cancel()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], Path(sys.argv[3]) if sys.argv[3:] else None))
