"""What a NATS server tells at its monitoring address, and no client: how it syncs.

It is HTTP without a password; nothing but `/varz` is asked.
"""

import asyncio
import re

import msgspec

ANSWER_SECONDS = 3.0
"""For one server, from the first byte to the last."""

ANSWER_BYTES = 1 << 20
"""What `/varz` has at most: a few kilobytes, and a list of the server's routes and leaf nodes."""

_ADDRESS = re.compile(r"(https?)://(?:([^\s/:@\[\]]+)|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?(/\S*)?")
_PORT = 8222
"""Where NATS's own documentation puts it."""


class MonitorError(Exception):
    """Nothing can be learnt there; the text says why."""


class Syncing(msgspec.Struct, frozen=True):
    server: str
    """Its name."""
    jetstream: bool
    """Without it it has no copy of anything."""
    always: bool
    """What it acknowledges is on its disk."""
    interval: float
    """Else so many seconds may pass until it is."""


class _Config(msgspec.Struct):
    sync_interval: int = 0
    """Nanoseconds."""
    sync_always: bool = False


class _JetStream(msgspec.Struct):
    config: _Config | None = None


class _Varz(msgspec.Struct):
    server_name: str
    jetstream: _JetStream = msgspec.field(default_factory=_JetStream)


def is_address(text: str) -> bool:
    """Such as http://10.0.0.1:8222."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and int(found[4] or _PORT) < 1 << 16


async def look(address: str) -> Syncing:
    """Raises MonitorError."""
    if not is_address(address):
        raise MonitorError(
            f"{address!r} is no monitoring address of a NATS server, such as http://10.0.0.1:8222"
        )
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await _get(address)
    except TimeoutError:
        raise MonitorError(f"{address} does not answer within {ANSWER_SECONDS:g} s") from None
    except OSError as fault:
        raise MonitorError(f"{address} cannot be reached: {fault.strerror or fault}") from None
    return _read(address, answer)


async def _get(address: str) -> bytes:
    found = _ADDRESS.fullmatch(address)
    assert found is not None
    scheme, name, ip, port, base = found.groups()
    host = name or ip
    reader, writer = await asyncio.open_connection(
        host, int(port or _PORT), ssl=scheme == "https" or None
    )
    try:
        # Of 1.0, so that the answer comes in one piece and ends with the connection.
        path = f"{(base or '').rstrip('/')}/varz"
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = b""
        while len(answer) <= ANSWER_BYTES and (part := await reader.read(1 << 16)):
            answer += part
        return answer
    finally:
        # With TLS, `close` would wait for the other side.
        writer.transport.abort()


def _read(address: str, answer: bytes) -> Syncing:
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.partition(b"\r\n")[0].split()
    try:
        if len(answer) > ANSWER_BYTES or status[1:2] != [b"200"]:
            raise MonitorError(f"what answers at {address} is no monitoring of NATS")
        told = msgspec.json.decode(body, type=_Varz)
    except msgspec.DecodeError:
        raise MonitorError(f"what answers at {address} is no monitoring of NATS") from None
    config = told.jetstream.config
    if config is None or not (config.sync_always or config.sync_interval):
        # Versions before 2.10 do not tell.
        return Syncing(told.server_name, config is not None, False, 0.0)
    return Syncing(told.server_name, True, config.sync_always, config.sync_interval / 1e9)
