"""Damaged streams over real connections, in any pieces: the others never notice."""

import asyncio
import contextlib
import random

import pytest

from fuzz import wire as streams
from tests.support.hall import RunningHall
from tests.support.wire import PATIENCE, Wire, framed

CONNECTIONS = 8
"""At one time."""

STREAMS = 40
"""On each of them, one after the other, on a connection of its own."""

HELLO = framed(b'{"type":"hello","id":1,"protocol":[1],"client":"x"}')
JOIN = framed(b'{"type":"join","id":2,"room":"lobby"}')


async def harm(port: int, dice: random.Random) -> None:
    corpus = streams.corpus()
    for _ in range(STREAMS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        damaged = streams.mutated(dice.choice(corpus), dice)
        stream = (HELLO + JOIN if dice.random() < 0.5 else b"") + damaged
        # The Hall may have hung up by then, and forgets who resets.
        with contextlib.suppress(ConnectionError):
            while stream:
                piece = dice.randrange(1, len(stream) + 1)
                writer.write(stream[:piece])
                stream = stream[piece:]
                await writer.drain()
            writer.write_eof()
            await reader.read()
        writer.close()


async def test_damaged_streams_end_with_their_connections_and_the_others_go_on(
    hall: RunningHall, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await Wire.member(hall.port, "ann", "tea")

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for number in range(CONNECTIONS):
            group.create_task(harm(hall.port, random.Random(number)))

    assert (await ann.say("tea", "all is well"))["type"] == "sent"
    async with asyncio.timeout(PATIENCE):
        while len(hall.server.connections) > 1:
            await ann.drain()
    assert not caplog.records
