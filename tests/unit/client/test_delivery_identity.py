"""What waits while its speaker takes another name, or the Hall another log."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pychat.client import Client
from pychat.protocol import commands, replies
from tests.support.desk import Desk
from tests.support.fake_hall import welcome
from tests.support.news import until
from tests.support.told import answer, stands


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    client = await desk.enter()
    await desk.join(client)
    yield client
    await client.close()


async def test_what_was_never_sent_goes_under_the_name_that_one_has_now(
    desk: Desk, client: Client
) -> None:
    await desk.break_off(client)
    client.post("lobby", "from before")
    await client.close()

    again = await desk.enter("anna")
    await desk.join(again)
    await desk.take("from before", 1, "anna")
    await until(again, lambda: not len(again.outbox))
    await again.close()


async def test_what_may_have_been_said_under_another_name_asks_in_the_next_program_too(
    desk: Desk, client: Client
) -> None:
    client.post("lobby", "once")
    await desk.hall.expect(commands.Send)
    await client.close()

    again = await desk.enter("anna")
    await desk.join(again)
    (item,) = again.outbox
    await until(again, lambda: item.state == "failed")
    assert item.why == "This may have been said already, as ann: look, then send it again."

    again.outbox.retry(item)
    await desk.take("once", 1, "anna")
    await again.close()


async def test_the_queue_is_told_each_name_that_its_owner_takes(desk: Desk, client: Client) -> None:
    renaming = asyncio.create_task(client.set_name("anna"))
    command = await desk.hall.expect(commands.Name)
    desk.hall.tell(replies.Ok(id=command.id))
    await renaming

    assert desk.path.read_text().endswith('{"type":"named","names":["ann","anna"]}\n')


async def test_what_is_about_a_message_of_another_log_is_not_done_to_one_of_this(
    desk: Desk, client: Client
) -> None:
    await desk.break_off(client)
    client.post("lobby", "plain")
    client.post("lobby", "an answer", reply_to=3)
    client.post_edit("lobby", 3, "better")
    client.post_delete("lobby", 4)
    await desk.time.wait()
    hello = await desk.hall.expect(commands.Hello)
    desk.hall.tell(welcome(hello.id, "ann", epoch="e2"))
    join = await desk.hall.expect(commands.Join)
    desk.hall.tell(answer(join, messages=[stands(3, "of somebody else"), stands(4)]))

    await desk.take("plain", 5)
    await until(client, lambda: len(client.outbox) == 3)
    await until(client, lambda: all(item.state == "failed" for item in client.outbox))
    assert {item.why for item in client.outbox} == {
        "The Hall has begun another log since, in which what this is about is not."
    }
    assert desk.hall.unread == 0


async def test_what_is_about_another_log_is_known_by_the_next_program_too(
    desk: Desk, client: Client
) -> None:
    await desk.break_off(client)
    client.post_delete("lobby", 4)
    await client.close()

    again = await desk.enter(epoch="e2")
    await desk.join(again)

    await until(again, lambda: [item.state for item in again.outbox] == ["failed"])
    assert desk.hall.unread == 0
    await again.close()
