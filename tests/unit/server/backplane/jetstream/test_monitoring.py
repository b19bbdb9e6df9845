"""What NATS's servers tell of themselves over HTTP, and what others do in their place."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from pychat.server.backplane.jetstream import monitoring
from pychat.server.backplane.jetstream.monitoring import MonitorError, Syncing, is_address, look
from tests.support.engines import Engine, free_port, running

Serving = Callable[[bytes], AbstractAsyncContextManager[str]]


@pytest.fixture
def serving() -> Serving:
    """Something that answers whoever comes with these bytes, and where."""

    @asynccontextmanager
    async def serving(answer: bytes) -> AsyncIterator[str]:
        serving: set[asyncio.Task[None]] = set()

        async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            serving.add(task)
            # Whoever asks may have gone already.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                if not answer:
                    await reader.read()
            writer.close()

        server = await asyncio.start_server(answered, "127.0.0.1", 0)
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()
        await asyncio.gather(*serving)

    return serving


def varz(**told: object) -> bytes:
    return b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps({"server_name": "n1", **told}).encode()


async def test_a_server_tells_how_it_syncs(engine: Engine, tmp_path: Path) -> None:
    # To NATS a 2m without quotes is two million seconds.
    assert await look(engine.monitor()) == Syncing("engine", True, False, 2e6)
    with running(tmp_path, sync="always") as other:
        found = await look(f"{other.monitor()}/")
    assert (found.always, found.jetstream) == (True, True)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, Syncing("n1", False, False, 0.0)),
        ({"jetstream": {}}, Syncing("n1", False, False, 0.0)),
        ({"jetstream": {"config": {"max_memory": 1}}}, Syncing("n1", True, False, 0.0)),
        (
            {"jetstream": {"config": {"sync_interval": 120_000_000_000}}},
            Syncing("n1", True, False, 120.0),
        ),
    ],
)
async def test_what_is_not_told_is_not_taken_for_certain(
    serving: Serving, told: dict[str, object], found: Syncing
) -> None:
    async with serving(varz(**told)) as address:
        assert await look(address) == found


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.0 404 Not Found\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\n\r\n<html>",
        b"HTTP/1.0 200 OK\r\n\r\n[]",
        b"\xff\x00",
    ],
)
async def test_what_is_no_monitoring_is_told(serving: Serving, answer: bytes) -> None:
    async with serving(answer) as address:
        with pytest.raises(MonitorError, match=f"{address} is no monitoring of NATS"):
            await look(address)


@pytest.mark.parametrize("more", [-1, 0, 1])
async def test_an_answer_has_a_bound(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    answer = varz()
    monkeypatch.setattr(monitoring, "ANSWER_BYTES", len(answer) - more)
    async with serving(answer) as address:
        if more <= 0:
            assert (await look(address)).server == "n1"
        else:
            with pytest.raises(MonitorError, match="is no monitoring"):
                await look(address)


async def test_one_that_says_nothing_or_is_not_there_is_given_up(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MonitorError, match="cannot be reached"):
        await look(f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr(monitoring, "ANSWER_SECONDS", 0.1)
    async with serving(b"") as address:
        with pytest.raises(MonitorError, match=r"does not answer within 0\.1 s"):
            await look(address)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("http://10.0.0.1:8222", True),
        ("https://nats-1.example.org/nats", True),
        ("http://[::1]:65535", True),
        ("http://x:65536", False),
        ("nats://10.0.0.1:4222", False),
        ("http://ann:secret@x:1", False),
        ("http://x y", False),
        ("http://", False),
        ("", False),
    ],
)
async def test_an_address_is_one_of_http(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one
    if not is_one:
        with pytest.raises(MonitorError, match="is no monitoring address"):
            await look(text)
