"""The connection comes back by itself, and leaves nothing behind on the way."""

import asyncio
import gc
import warnings

import pytest

from pychat.server.backplane.jetstream import link as linking
from pychat.server.backplane.jetstream.link import Link, LinkError
from tests.support.proxy import Proxy


async def test_what_is_dialled_without_a_greeting_is_closed(engine, monkeypatch) -> None:
    """A server that stands still takes connections all the same."""
    monkeypatch.setattr(linking, "_TRY_SECONDS", 0.2)
    monkeypatch.setattr(linking, "_PAUSE_SECONDS", 0.01)
    states: asyncio.Queue[bool] = asyncio.Queue()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        async with asyncio.timeout(30), Proxy(engine.port) as wire:
            link = Link([f"nats://{wire.address}"], "node")
            await link.open()
            link.watch(states.put_nowait)
            dialled = wire.connections
            wire.cut()
            wire.stall()
            assert not await states.get()
            with pytest.raises(LinkError, match="lost"):
                await link.send("s", headers=None)
            while wire.connections < dialled + 3:  # noqa: ASYNC110  # the wire only counts
                await asyncio.sleep(0.01)
            wire.resume()

            assert await states.get()
            await link.flush()
            await link.close()
        gc.collect()
    assert [str(each.message) for each in told if each.category is ResourceWarning] == []
    assert states.empty()


async def test_what_is_asked_on_a_connection_that_is_lost_is_answered_at_once(engine) -> None:
    async with asyncio.timeout(30), Proxy(engine.port) as wire:
        link = Link([f"nats://{wire.address}"], "node")
        await link.open()
        came = asyncio.Event()
        await link.subscribe("silent", lambda message: came.set())
        asking = asyncio.create_task(link.request("silent", seconds=600))
        await came.wait()

        wire.cut()

        with pytest.raises(LinkError, match="lost on the way"):
            await asking
        await link.close()
