"""Streams into which a Hall is being brought: marked until it is whole, so that no node takes them
for one; and taken away where that was broken off.

The mark is on the stream that is made first and goes with one act of the engine's.
"""

from typing import Any

import msgspec

from pychat.server.backplane.interface import LedgerError
from pychat.server.backplane.jetstream import streams
from pychat.server.backplane.jetstream.link import Link
from pychat.server.backplane.jetstream.streams import StreamError, StreamInfo, StreamSpec

MARK = "pychat-import"
"""In the stream's metadata, with the id of the import as its value."""


class _Error(msgspec.Struct):
    description: str = "no reason given"
    err_code: int = 0


class _Answer(msgspec.Struct):
    config: dict[str, Any] = {}
    error: _Error | None = None


def is_half_made(stream: StreamInfo) -> bool:
    return bool(stream.metadata.get(MARK))


def refuse(stream: StreamInfo) -> None:
    """Raises LedgerError for a stream that is marked."""
    if is_half_made(stream):
        raise LedgerError(
            "a Hall is being imported there, or was and not to the end: see that `pychat import "
            "--cluster` ends well; run anew, it begins from the start"
        )


async def begin(link: Link, spec: StreamSpec, mark: str) -> None:
    """Make the stream, marked. Raises LinkError, also where somebody else was quicker."""
    marked = msgspec.structs.replace(spec, metadata={**spec.metadata, MARK: mark})
    made = await streams.ensure(link, marked)
    if made.metadata.get(MARK) != mark:
        raise StreamError(f"the stream {spec.name} was made by another at this moment; try again")


async def finish(link: Link, name: str) -> None:
    """Take the mark away: from now on nodes take the streams for a Hall. Raises LinkError."""
    config = (await _ask(link, f"STREAM.INFO.{name}", {})).config
    del config["metadata"][MARK]
    await _ask(link, f"STREAM.UPDATE.{name}", config)


async def remove(link: Link, name: str) -> None:
    """The stream with all that is in it, if it is there. Raises LinkError."""
    if await streams.find(link, name) is not None:
        await _ask(link, f"STREAM.DELETE.{name}", {})


async def _ask(link: Link, operation: str, request: dict[str, Any]) -> _Answer:
    body = msgspec.json.encode(request) if request else b""
    reply = await link.request(f"$JS.API.{operation}", body, seconds=10.0)
    answer = msgspec.json.decode(reply.body, type=_Answer)
    if answer.error is not None:
        text = f"JetStream refuses {operation}: {answer.error.description}"
        raise StreamError(text, answer.error.err_code)
    return answer
