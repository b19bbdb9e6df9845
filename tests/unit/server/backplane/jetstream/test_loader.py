"""Many messages into one stream, by a connection that loses some, or what is told of them."""

import asyncio
import random
from typing import Any

import pytest

from pychat.server.backplane.jetstream import loader, stored, streams
from pychat.server.backplane.jetstream.link import Link, LinkError, Message
from pychat.server.backplane.jetstream.loader import Loader
from pychat.server.backplane.jetstream.streams import StreamSpec
from tests.support.engines import Engine
from tests.support.ledger_nodes import linked


class LossyLink(Link):
    """Loses every fourth message, or its acknowledgement, or lets others overtake it."""

    def __init__(self, engine: Engine, seed: int) -> None:
        super().__init__([engine.address], "lossy")
        self._random = random.Random(seed)

    async def request(self, subject: str, body: bytes = b"", **rest: Any) -> Message:
        fate = self._random.randrange(12) if "headers" in rest else 3
        if fate == 0:
            raise LinkError("lost")
        if fate == 1:
            await asyncio.sleep(0)
        message = await super().request(subject, body, **rest)
        if fate == 2:
            raise LinkError("its acknowledgement was lost")
        return message


def spec(hall: str) -> StreamSpec:
    return StreamSpec(name=f"{hall}-ROOMS-0", subjects=[f"{hall}.room.0.*"])


@pytest.mark.parametrize("seed", [1, 2])
async def test_each_is_in_the_stream_once_and_in_order_whatever_is_lost(
    engine: Engine, hall_name: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(loader, "AT_ONCE", 16)
    monkeypatch.setattr(loader, "_PAUSE_SECONDS", 0.001)
    link = LossyLink(engine, seed)
    await link.open()
    name = (await streams.ensure(link, spec(hall_name))).name
    loading = Loader(link, name)

    for number in range(100):
        await loading.put(f"{hall_name}.room.0.{number % 3}", b"%d" % number)
    await loading.flush()

    found = await stored.after(link, name, f"{hall_name}.room.0.*", 0, 200)
    assert [int(each.body) for each in found.messages] == list(range(100))
    await link.close()


async def test_where_somebody_else_writes_it_ends(engine: Engine, hall_name: str) -> None:
    async with linked(engine) as link:
        name = (await streams.ensure(link, spec(hall_name))).name
        loading = Loader(link, name)
        for _ in range(3):
            await link.request(f"{hall_name}.room.0.a", b"other")
        await loading.put(f"{hall_name}.room.0.a", b"mine")

        with pytest.raises(LinkError, match="somebody else writes"):
            await loading.flush()


async def test_a_stream_that_takes_nothing_is_given_up(
    engine: Engine, hall_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "PATIENCE", 0.1)
    monkeypatch.setattr(loader, "_ACK_SECONDS", 0.1)
    async with linked(engine) as link:
        name = (await streams.ensure(link, spec(hall_name))).name
        loading = Loader(link, name)
        await loading.put(f"{hall_name}.elsewhere", b"mine")

        with pytest.raises(LinkError, match="takes nothing"):
            await loading.flush()
