"""What a stream has, read from its store without a consumer.

Any replica may answer `after` and `last`, and one that lags behind tells of less than there is,
never of something else; `head` asks the leader.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from pychat.server.backplane.jetstream.link import Link, LinkError, Message, NobodyAnswersError
from pychat.server.backplane.jetstream.streams import StreamError

ASKED_SECONDS = (1.0, 2.0, 5.0)
"""For the messages of one request, when it is sent first, once more, and the last time: the engine
chooses which replica answers, and may choose one that stands still."""

LAST_SUBJECTS = 1_000
"""That one request for the last messages may name: the engine takes 1,024."""

_NOT_FOUND = 10037


class Stored(msgspec.Struct, frozen=True, gc=False):
    """A message of a stream."""

    subject: str
    sequence: int
    time: int
    """When it was stored, by the clock of the stream's leader; milliseconds."""
    headers: dict[str, str]
    body: bytes


class Batch(msgspec.Struct, frozen=True):
    messages: list[Stored]
    pending: int
    """How many more there are after these, by the replica that answered."""


class _Raw(msgspec.Struct):
    seq: int = 0


class _Found(msgspec.Struct):
    message: _Raw | None = None
    error: dict[str, object] | None = None


async def after(link: Link, stream: str, subject: str, sequence: int, count: int) -> Batch:
    """At most `count` messages of the subject, which may have wildcards, oldest first.

    Raises LinkError.
    """
    request = {"seq": sequence + 1, "next_by_subj": subject, "batch": count}
    return await _batch(link, stream, request)


async def last(link: Link, stream: str, subjects: Sequence[str]) -> list[Stored]:
    """The last message of each subject that has one; at most LAST_SUBJECTS. Raises LinkError."""
    if not subjects:
        return []
    return (await _batch(link, stream, {"multi_last": list(subjects)})).messages


async def head(link: Link, stream: str, subject: str) -> int:
    """The sequence of the subject's last message as of now, by the leader; 0 where there is none.

    Raises LinkError.
    """
    body = msgspec.json.encode({"last_by_subj": subject})
    reply = await link.request(f"$JS.API.STREAM.MSG.GET.{stream}", body)
    found = msgspec.json.decode(reply.body, type=_Found)
    if found.message is not None:
        return found.message.seq
    error = found.error or {}
    if error.get("err_code") == _NOT_FOUND:
        return 0
    raise StreamError(f"JetStream does not read {stream}: {error.get('description')}")


def republished(message: Message) -> tuple[Stored, int]:
    """What a stream tells again of a message that it has stored; and the sequence of the one before
    of the same subject, 0 for none. Raises LinkError for what no stream has told."""
    headers = message.headers
    try:
        return _stored(message), int(headers["Nats-Last-Sequence"])
    except (KeyError, ValueError) as fault:
        raise LinkError(f"what came at {message.subject} is not of a stream") from fault


async def _batch(link: Link, stream: str, request: dict[str, object]) -> Batch:
    body = msgspec.json.encode(request)
    for seconds in ASKED_SECONDS:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await _asked(link, stream, body)
    raise LinkError(f"{stream} was not read within {sum(ASKED_SECONDS):g} s")


async def _asked(link: Link, stream: str, body: bytes) -> Batch:
    """Waits for ever where nobody answers."""
    answer: asyncio.Future[Batch] = asyncio.get_running_loop().create_future()
    messages: list[Stored] = []

    def received(message: Message) -> None:
        if answer.done():
            return
        if not message.status:
            messages.append(_stored(message))
        elif message.status == "503":
            answer.set_exception(NobodyAnswersError(f"no server has {stream} just now"))
        elif message.status in ("204", "404"):
            left = int(message.headers.get("Nats-Num-Pending") or 0)
            answer.set_result(Batch(messages, left))
        else:
            text = message.headers.get("Description", message.status)
            answer.set_exception(StreamError(f"JetStream does not read {stream}: {text}"))

    expected = link.expect(received, answer)
    try:
        subject = f"$JS.API.DIRECT.GET.{stream}"
        await link.send(subject, body, reply=expected.reply, headers=None)
        return await answer
    finally:
        expected.end()


def _stored(message: Message) -> Stored:
    headers = message.headers
    return Stored(
        subject=headers["Nats-Subject"],
        sequence=int(headers["Nats-Sequence"]),
        time=_milliseconds(headers["Nats-Time-Stamp"]),
        headers=headers,
        body=message.body,
    )


def _milliseconds(text: str) -> int:
    """Of a time as Go writes it: to the nanosecond, without the zeros at its end, in UTC."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    seconds = datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp()
    return int(seconds) * 1_000 + int(f"{fraction:0<3.3}")
