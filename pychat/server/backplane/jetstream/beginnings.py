"""Where the logs of rooms begin, kept in their streams; and streams that let go of what was before.

What a stream lets go of is never missed: the beginning is in it first, and stays.
"""

import zlib

import msgspec

from pychat.server.backplane.jetstream.floors import Beginning
from pychat.server.backplane.jetstream.link import Link
from pychat.server.backplane.jetstream.proposals import Place
from pychat.server.backplane.jetstream.publisher import Publisher
from pychat.server.backplane.jetstream.streams import StreamError

MARGIN = 4_096
"""Bytes of what the engine takes in one message, that its headers may have."""

_NOT_FOUND = 10037


class _Raw(msgspec.Struct):
    seq: int = 0
    data: bytes = b""


class _Error(msgspec.Struct):
    err_code: int = 0
    description: str = "no reason given"


class _Found(msgspec.Struct):
    message: _Raw | None = None
    error: _Error | None = None


class Kept(msgspec.Struct, frozen=True):
    """A beginning as it stands in the stream."""

    at: int
    """Its own sequence there."""
    beginning: Beginning


class TooLargeError(Exception):
    """More of a room was refused than can be told in one message."""


async def find(link: Link, place: Place) -> Kept | None:
    """By the leader: what a purge was preceded by is never missed. Raises LinkError."""
    body = msgspec.json.encode({"last_by_subj": place.beginning})
    reply = await link.request(f"$JS.API.STREAM.MSG.GET.{place.stream}", body)
    found = msgspec.json.decode(reply.body, type=_Found)
    if found.message is None:
        error = found.error or _Error()
        if error.err_code == _NOT_FOUND:
            return None
        raise StreamError(f"JetStream does not read {place.stream}: {error.description}")
    try:
        beginning = msgspec.json.decode(found.message.data, type=Beginning)
        beginning.void  # noqa: B018  # it is to be readable
    except (msgspec.DecodeError, zlib.error) as fault:
        raise StreamError(
            f"{place.stream} {found.message.seq} is no beginning of this pychat's: {fault}"
        ) from None
    return Kept(found.message.seq, beginning)


async def keep(link: Link, publisher: Publisher, place: Place, beginning: Beginning) -> int:
    """Put it into the stream, unless that has a later one, and let the stream go of what was
    before. The sequence up to which it has. Raises LinkError, UnpublishedError, TooLargeError."""
    body = msgspec.json.encode(beginning)
    if len(body) + MARGIN > link.max_payload:
        raise TooLargeError(f"{len(body)} bytes")
    before = await find(link, place)
    if before is None or before.beginning.sequence < beginning.sequence:
        # Another node may do so at this moment: then the stream refuses this one.
        at = before.at if before is not None else 0
        headers = {"Nats-Expected-Last-Subject-Sequence": str(at)}
        message_id = publisher.next_id()
        await publisher.publish(place.beginning, body, message_id, headers)
    else:
        beginning = before.beginning
    await _purge(link, place.stream, {"filter": place.subject, "seq": beginning.sequence + 1})
    await _purge(link, place.stream, {"filter": place.beginning, "keep": 1})
    return beginning.sequence


async def _purge(link: Link, stream: str, what: dict[str, object]) -> None:
    reply = await link.request(f"$JS.API.STREAM.PURGE.{stream}", msgspec.json.encode(what))
    error = msgspec.json.decode(reply.body, type=_Found).error
    if error is not None:
        raise StreamError(f"JetStream does not purge {stream}: {error.description}", error.err_code)
