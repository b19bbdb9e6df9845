"""Streams of JetStream, made and checked: what they are asked for is held against what is there."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from pychat.server.backplane.jetstream.link import Link, LinkError, NobodyAnswersError

READY_SECONDS = 20.0
"""For a stream to be there and to have a leader: an election takes up to nine, and there may be one
of the engine and then one of the stream."""

_PAUSE_SECONDS = 0.2

_NO_SUCH_STREAM = 10059
_NAME_IN_USE = 10058
_NO_REPLICAS = 10074
"""The engine is a single server."""
_FOR_NOW = frozenset({10008, 10023, 10117, 10164})
"""Errors of an engine that is still gathering."""


class StreamError(LinkError):
    """JetStream refuses; `code` is its own number of the reason."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


class StreamSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream is to be. Files on disk, nothing is ever dropped but by `purge`."""

    name: str
    subjects: Sequence[str]
    replicas: int = 3
    """On a single server there is one, whatever is asked for."""
    republish: tuple[str, str] | None = None
    """From which subjects to which each message is told again, once it is stored."""
    duplicate_window: float = 600.0
    """Seconds for which a message is known by its id."""
    metadata: dict[str, str] = {}
    """Of who makes it; a stream that is there keeps its own."""


class StreamInfo(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    replicas: int
    metadata: dict[str, str]
    first: int
    last: int
    """Sequences; 0 of an empty stream."""
    messages: int
    copies: int = 1
    """Of those `replicas` the ones that are there and have all."""
    holders: Sequence[str] = ()
    """The servers that have, or are to have, a copy, by their names; none of a single server."""
    faults: Sequence[str] = ()
    """What somebody has set by which something is lost, refused or not where it belongs."""


class _Error(msgspec.Struct):
    description: str = "no reason given"
    code: int = 0
    err_code: int = 0


class _Republish(msgspec.Struct):
    src: str
    dest: str


class _Config(msgspec.Struct):
    name: str
    subjects: list[str] = []
    num_replicas: int = 1
    allow_direct: bool = False
    duplicate_window: int = 0
    storage: str = "file"
    retention: str = "limits"
    max_msgs: int = -1
    max_bytes: int = -1
    max_age: int = 0
    max_msgs_per_subject: int = -1
    republish: _Republish | None = None
    metadata: dict[str, str] = {}


class _Found(_Config):
    """With what is not asked for, since older engines don't know all of it."""

    max_msg_size: int = -1
    no_ack: bool = False
    sealed: bool = False
    persist_mode: str = "default"
    """`async` acknowledges before anything is written."""
    mirror: Any = None
    sources: list[Any] = []
    subject_transform: Any = None


class _State(msgspec.Struct):
    messages: int = 0
    first_seq: int = 0
    last_seq: int = 0


class _Peer(msgspec.Struct):
    name: str = ""
    current: bool = False
    offline: bool = False


class _Cluster(msgspec.Struct):
    leader: str = ""
    replicas: list[_Peer] = []
    """Without the leader."""


class _Stream(msgspec.Struct):
    config: _Found | None = None
    cluster: _Cluster | None = None
    """None of an engine that is a single server."""
    state: _State = msgspec.field(default_factory=_State)
    error: _Error | None = None


class _Done(msgspec.Struct):
    error: _Error | None = None


_Answer = TypeVar("_Answer", _Stream, _Done)


async def ensure(link: Link, spec: StreamSpec) -> StreamInfo:
    """Make the stream unless it is there, and check it if it is; whoever comes first makes it.

    Raises StreamError where it is something else than `spec`, LinkError where the engine is not
    ready within READY_SECONDS.
    """
    fault: LinkError = LinkError("")
    try:
        async with asyncio.timeout(READY_SECONDS):
            while True:
                try:
                    return await _found_or_made(link, spec)
                except StreamError as refused:
                    if refused.code not in _FOR_NOW:
                        raise
                    fault = refused
                except LinkError as missed:
                    fault = missed
                await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        raise LinkError(
            f"the stream {spec.name} is not ready after {READY_SECONDS:g} s ({fault}); see that "
            "NATS has JetStream turned on and most of its servers are there"
        ) from None


async def info(link: Link, name: str) -> StreamInfo:
    """By the stream's leader. Raises LinkError; StreamError where there is none of that name."""
    return _info(await _ask(link, f"STREAM.INFO.{name}", {}, _Stream))


async def find(link: Link, name: str) -> StreamInfo | None:
    """By the stream's leader; None where there is none of that name. Raises LinkError."""
    try:
        return await info(link, name)
    except StreamError as refused:
        if refused.code != _NO_SUCH_STREAM:
            raise
        return None


async def purge(link: Link, name: str, below: int) -> None:
    """Let go of what is before this sequence. Raises LinkError."""
    await _ask(link, f"STREAM.PURGE.{name}", {"seq": below}, _Done)


async def _found_or_made(link: Link, spec: StreamSpec) -> StreamInfo:
    try:
        answer = await _ask(link, f"STREAM.INFO.{spec.name}", {}, _Stream)
    except StreamError as refused:
        if refused.code != _NO_SUCH_STREAM:
            raise
        answer = await _make(link, spec)
    _check(spec, answer.config)
    return _info(answer)


async def _make(link: Link, spec: StreamSpec) -> _Stream:
    for replicas in (spec.replicas, 1):
        config = _Config(
            name=spec.name,
            subjects=list(spec.subjects),
            num_replicas=replicas,
            allow_direct=True,
            duplicate_window=int(spec.duplicate_window * 1e9),
            republish=_Republish(*spec.republish) if spec.republish else None,
            metadata=spec.metadata,
        )
        try:
            return await _ask(link, f"STREAM.CREATE.{spec.name}", config, _Stream)
        except StreamError as refused:
            if refused.code == _NAME_IN_USE:
                # Another node was quicker.
                return await _ask(link, f"STREAM.INFO.{spec.name}", {}, _Stream)
            if refused.code != _NO_REPLICAS or replicas == 1:
                raise
    raise AssertionError("one replica is asked for in the end")


def _check(spec: StreamSpec, config: _Found | None) -> None:
    if config is None:
        raise StreamError(f"the stream {spec.name} tells nothing of itself; look at NATS's version")
    republish = config.republish and (config.republish.src, config.republish.dest)
    faults = [
        _differs(what, wanted, there)
        for what, wanted, there in (
            ("subjects", sorted(spec.subjects), sorted(config.subjects)),
            ("republish", spec.republish, republish),
            ("duplicate_window", int(spec.duplicate_window * 1e9), config.duplicate_window),
        )
        if wanted != there
    ]
    for fault in (*faults, *_faults(config)):
        raise StreamError(
            f"the stream {spec.name} {fault}; "
            "change it back, or give the Hall another name in the cluster"
        )


_NEEDED = (
    *("allow_direct", "storage", "retention", "max_age", "max_msgs", "max_bytes"),
    *("max_msgs_per_subject", "max_msg_size", "no_ack", "sealed", "persist_mode"),
    *("mirror", "sources", "subject_transform"),
)
"""Of whatever stream. What is discarded matters where there is a bound, and there is none."""


def _faults(config: _Found) -> list[str]:
    needed = _Found(name=config.name, allow_direct=True)
    return [
        _differs(what, getattr(needed, what), getattr(config, what))
        for what in _NEEDED
        if getattr(config, what) != getattr(needed, what)
    ]


def _differs(what: str, wanted: object, there: object) -> str:
    return f"has {what} {there!r}, and pychat needs {wanted!r}"


def _info(answer: _Stream) -> StreamInfo:
    config = answer.config or _Found(name="")
    return StreamInfo(
        name=config.name,
        replicas=config.num_replicas,
        metadata=config.metadata,
        first=answer.state.first_seq,
        last=answer.state.last_seq,
        messages=answer.state.messages,
        copies=_copies(answer.cluster),
        holders=_holders(answer.cluster),
        faults=_faults(config),
    )


def _copies(cluster: _Cluster | None) -> int:
    if cluster is None:
        return 1
    others = sum(peer.current and not peer.offline for peer in cluster.replicas)
    return others + bool(cluster.leader)


def _holders(cluster: _Cluster | None) -> list[str]:
    if cluster is None:
        return []
    return [name for name in (cluster.leader, *(peer.name for peer in cluster.replicas)) if name]


async def _ask(link: Link, operation: str, request: Any, form: type[_Answer]) -> _Answer:
    body = msgspec.json.encode(request) if request else b""
    try:
        reply = await link.request(f"$JS.API.{operation}", body, seconds=5.0)
    except NobodyAnswersError:
        raise NobodyAnswersError(
            "NATS has no JetStream for us; start its servers with -js, and see that the account "
            "may use it"
        ) from None
    answer = msgspec.json.decode(reply.body, type=form)
    if answer.error is not None:
        error = answer.error
        raise StreamError(
            f"JetStream refuses {operation}: {error.description} ({error.err_code})", error.err_code
        )
    return answer
