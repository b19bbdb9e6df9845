"""A Hall that is there and does not answer what was said: that is said again elsewhere."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pychat.client import Client, ConnectionLost, connect
from pychat.client.answers import ANSWER_SECONDS
from pychat.protocol import commands, replies
from tests.support.desk import Desk, event_of, receipt
from tests.support.fake_hall import welcome
from tests.support.news import until
from tests.support.told import answer


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    client = await desk.enter()
    await desk.join(client)
    yield client
    await client.close()


async def alive(desk: Desk, *also: replies.Sent) -> None:
    """The Hall answers the client's ping, after whatever else it says."""
    ping = await desk.hall.expect(commands.Ping)
    desk.hall.tell(*also, replies.Pong(id=ping.id, time=1, heads={}))


async def test_what_is_not_answered_goes_again_under_its_nonce_and_the_next_after_it(
    desk: Desk, client: Client
) -> None:
    item = client.post("lobby", "one")
    client.post("lobby", "two")
    first = await desk.hall.expect(commands.Send)

    desk.time.pass_by(ANSWER_SECONDS)
    await alive(desk)
    await until(client, lambda: client.retry is not None)

    assert client.trouble == f"{desk.hall.address} has not answered what was said for 30 s."
    assert item.state == "queued"
    await desk.let_in()
    assert (await desk.take("one", 1)).nonce == first.nonce
    await desk.take("two", 2)


async def test_what_is_answered_at_the_last_moment_ends_nothing(desk: Desk, client: Client) -> None:
    client.post("lobby", "one")
    first = await desk.hall.expect(commands.Send)

    desk.time.pass_by(ANSWER_SECONDS - 0.001)
    assert desk.hall.unread == 0
    desk.time.pass_by(0.001)
    await alive(desk, receipt(first, 1))

    await until(client, lambda: not len(client.outbox))
    assert client.state == "connected"


async def test_a_hall_that_is_slow_and_gets_on_is_waited_for(desk: Desk, client: Client) -> None:
    saying = [asyncio.create_task(client.send("lobby", f"m{number}")) for number in range(3)]
    sends = [await desk.hall.expect(commands.Send) for _ in saying]
    for number, send in enumerate(sends):
        desk.time.pass_by(ANSWER_SECONDS - 1)
        desk.hall.tell(receipt(send, number + 1))
        await saying[number]

    desk.time.pass_by(10 * ANSWER_SECONDS)

    assert desk.hall.unread == 0
    assert client.state == "connected"


async def test_where_the_ping_is_not_answered_either_the_silence_decides(
    desk: Desk, client: Client
) -> None:
    client.post("lobby", "one")
    await desk.hall.expect(commands.Send)

    desk.time.pass_by(ANSWER_SECONDS)
    await desk.hall.expect(commands.Ping)
    desk.time.pass_by(10 * ANSWER_SECONDS)

    assert client.state == "connected"


async def test_a_call_that_is_not_answered_is_made_again(desk: Desk, client: Client) -> None:
    saying = asyncio.create_task(client.send("lobby", "one"))
    first = await desk.hall.expect(commands.Send)

    desk.time.pass_by(ANSWER_SECONDS)
    await alive(desk)
    await until(client, lambda: client.retry is not None)
    await desk.let_in()

    again = await desk.hall.expect(commands.Send)
    assert again.nonce == first.nonce
    desk.hall.tell(event_of(again, 1), receipt(again, 1))
    assert (await saying).seq == 1


async def test_a_hall_that_never_answers_is_asked_less_and_less_often(
    desk: Desk, client: Client
) -> None:
    client.post("lobby", "one")
    waits = []
    for _ in range(4):
        await desk.hall.expect(commands.Send)
        desk.time.pass_by(ANSWER_SECONDS)
        await alive(desk)
        await until(client, lambda: client.retry is not None)
        waits.append(await desk.time.wait())
        await desk.greet()
        await until(client, lambda: client.state == "connected")

    assert waits == pytest.approx([0.5 * 1.1**number for number in range(4)])


async def test_who_does_not_come_back_waits_on(desk: Desk) -> None:
    entering = asyncio.create_task(connect(desk.hall.address, name="ann", timing=desk.time.timing))
    hello = await desk.hall.expect(commands.Hello)
    desk.hall.tell(welcome(hello.id, "ann"))
    client = await entering
    joining = asyncio.create_task(client.join("lobby"))
    desk.hall.tell(answer(await desk.hall.expect(commands.Join), messages=[]))
    await joining
    saying = asyncio.create_task(client.send("lobby", "one"))
    await desk.hall.expect(commands.Send)

    desk.time.pass_by(ANSWER_SECONDS)
    pinging = asyncio.create_task(client.ping())
    await alive(desk)
    await pinging

    assert desk.hall.unread == 0
    assert client.state == "connected"
    await client.close()
    with pytest.raises(ConnectionLost):
        await saying
