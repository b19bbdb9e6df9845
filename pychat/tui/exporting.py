"""A room that I am in as a file of its own: Markdown for people, JSON Lines for programs.

The file is whole as soon as it has its name, and replaces none.
"""

import asyncio
import os
import tempfile
from pathlib import Path

import msgspec

from pychat.client import Client, RoomView, disk
from pychat.client.markdown import document
from pychat.protocol import limits
from pychat.protocol.replies import Message

MOST = 1_000_000
"""Messages of a room that are written; all of them are in memory at once."""


class ExportError(Exception):
    """Says what is wrong with the file, as a part of a sentence."""


async def export(client: Client, view: RoomView, path: Path) -> int:
    """How many messages were written. Raises ExportError, CommandError, ConnectionLost."""
    form = path.suffix.lower()
    if form not in (".md", ".jsonl"):
        raise ExportError(f"{path.name} ends with neither .md, for people, nor .jsonl")
    if await asyncio.to_thread(os.path.lexists, path):
        raise ExportError(f"{path} is there already; choose another name")
    messages = await _all(client, view.name)
    known = {message.seq: message for message in messages}
    pieces = (
        document(view.name, view.topic, iter(messages), known.get)
        if form == ".md"
        else (msgspec.json.encode(each).decode() + "\n" for each in messages)
    )
    try:
        await asyncio.to_thread(_write, path, "".join(pieces))
    except FileExistsError:
        raise ExportError(f"{path} is there already; choose another name") from None
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {disk.why(error)}") from None
    return len(messages)


async def _all(client: Client, room: str) -> list[Message]:
    """As they stand, oldest first, a page at a time.

    From the beginning on: pages before those in the mirror would be added there.
    """
    messages: list[Message] = []
    after, more = 0, True
    while more:
        page = await client.history(room, after=after, limit=limits.PAGE_MESSAGES)
        fresh = [message for message in page.messages if message.seq > after]
        messages += fresh
        if len(messages) > MOST:
            raise ExportError(
                f"#{room} has more than {MOST:,} messages; `pychat export` writes them all, where "
                "the Hall is"
            )
        # A page that leads no further would be asked for again and again.
        more = page.more_after and bool(fresh)
        after = fresh[-1].seq if fresh else after
    return messages


def _write(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".pychat-", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        disk.give_name(part, path)
    finally:
        disk.remove(part)
